import Foundation
import Messaging
import Testing

@Suite("Converters between neighbouring versions")
struct ConversionTests {
    private static let files = Result { try Repository.schemas() }
    private static let catalogue = Result { try Catalogue(files: files.get()) }

    private typealias JSON = [String: Any]

    private func examples(_ type: String, _ major: Int) throws -> [JSON] {
        let bytes = try #require(
            try Self.files.get()["messages/\(type)/v\(major).schema.json"])
        let schema = try JSONSerialization.jsonObject(with: Data(bytes)) as? JSON
        return try #require(schema?["examples"] as? [JSON])
    }

    /// Converts a payload; what comes out, and what was lost.
    private func convert(
        _ type: String, _ from: Int, _ to: Int, _ payload: JSON, acceptsLoss: Bool = false
    ) throws -> (envelope: Envelope, payload: JSON, bytes: [UInt8], lost: [String]) {
        let catalogue = try Self.catalogue.get()
        let name = try MessageTypeName(type)
        let source = Topic(type: name, major: from)
        let sender = try ParticipantID("municipalCS")
        let envelope = Envelope(
            id: MessageID(source: sender, number: MessageNumber(incarnation: 1, sequence: 7)),
            source: sender, topic: source, time: try Instant(rfc3339: "2025-09-20T10:00:00+09:00"),
            recipients: [try ParticipantID("prefecturalServer")],
            correlation: try CorrelationID("case-1"),
            organisation: try OrganisationCode("082015"))
        let origin = try #require(catalogue.topicIndex(of: source))
        let target = try #require(catalogue.topicIndex(of: Topic(type: name, major: to)))
        var converter = Converter(catalogue)
        let converted = try converter.convert(
            envelope: envelope.encoded(),
            payload: Array(try JSONSerialization.data(withJSONObject: payload)), from: origin,
            to: target, acceptsLoss: acceptsLoss)
        let read = try JSONSerialization.jsonObject(with: Data(converted.payload)) as? JSON
        return (
            try Envelope(parsing: converted.envelope), try #require(read), converted.payload,
            converted.lost
        )
    }

    private func failure(
        _ type: String, _ from: Int, _ to: Int, _ payload: JSON
    ) throws -> ConversionFailure? {
        do {
            _ = try convert(type, from, to, payload)
            return nil
        } catch let failure as ConversionFailure {
            return failure
        }
    }

    /// The pairs of catalogue 5.2.
    private static let types = [
        "identity.update.request": 3, "identity.update.notice": 3, "mailing-address.extracted": 2,
        "mailing-address.notify": 2, "identity.search.request": 2,
        "move-out-certificate.deliver": 2, "move-out-certificate.request": 2,
        "notification.accepted": 2, "resident.sync": 2, "replica.update.request": 2,
        "reception.change-data": 2,
    ]

    @Test("Every version pair of 別添3 has its converters both ways, and what is not lost comes back")
    func everyPair() throws {
        let catalogue = try Self.catalogue.get()
        for (type, newest) in Self.types {
            let name = try MessageTypeName(type)
            #expect(catalogue.newestMajor(of: name) == newest, "\(type)")
            for (older, newer) in zip(1..., 2...newest) {
                #expect(catalogue.conversion(name, from: older, to: newer) != nil, "\(type)")
                #expect(catalogue.conversion(name, from: newer, to: older) != nil, "\(type)")
                for example in try examples(type, older) {
                    guard try failure(type, older, newer, example) == nil else { continue }
                    let up = try convert(type, older, newer, example)
                    #expect(up.lost.isEmpty, "going up loses nothing: \(type)")
                    #expect(up.envelope.topic == Topic(type: name, major: newer))
                    #expect(up.envelope.convertedFrom == Topic(type: name, major: older))
                    let back = try convert(type, newer, older, up.payload, acceptsLoss: true)
                    #expect(NSDictionary(dictionary: back.payload).isEqual(to: example), "\(type)")
                }
            }
        }
    }

    @Test("A v2 振り仮名 is not certified in v3; a certified one is a loss in v2")
    func certified() throws {
        var old = try #require(try examples("identity.update.request", 2).first)
        old["nameFurigana"] = "さとう　じろう"
        let up = try convert("identity.update.request", 2, 3, old).payload
        let furigana = try #require(up["nameFurigana"] as? JSON)
        #expect(furigana["value"] as? String == "さとう　じろう")
        #expect(furigana["certified"] as? Bool == false)

        var new = try #require(try examples("identity.update.request", 3).first)
        new["nameFurigana"] = ["value": "さとう　じろう", "certified": false] as JSON
        #expect(try convert("identity.update.request", 3, 2, new).lost.isEmpty)
        new["nameFurigana"] = ["value": "さとう　じろう", "certified": true] as JSON
        let lost = try failure("identity.update.request", 3, 2, new)
        #expect(lost?.code == .wouldLose)
        #expect(lost?.pointers == ["/nameFurigana/certified"])
        let accepted = try convert("identity.update.request", 3, 1, new, acceptsLoss: true)
        #expect(accepted.payload["nameFurigana"] as? String == "さとう　じろう")
        #expect(accepted.lost == ["/nameFurigana/certified"])
    }

    @Test("A 旧氏 is a loss in v1, and null is none")
    func formerSurname() throws {
        var new = try #require(try examples("identity.update.request", 2).first)
        new["formerSurnameKanji"] = NSNull()
        #expect(try convert("identity.update.request", 2, 1, new).lost.isEmpty)
        new["formerSurnameKanji"] = "水戸"
        #expect(
            try failure("identity.update.request", 2, 1, new)?.pointers == ["/formerSurnameKanji"])
    }

    @Test("外字 with their variation selectors come through code point for code point")
    func codePoints() throws {
        let name = "葛\u{E0100}城　か\u{3099}\u{2000B}"
        var old = try #require(try examples("identity.update.request", 1).first)
        old["nameKanji"] = name
        let up = try convert("identity.update.request", 1, 3, old)
        let kept = String(decoding: up.bytes, as: UTF8.self).unicodeScalars
        #expect(kept.contains("\u{E0100}") && kept.contains("\u{3099}"))
        let text = try #require(up.payload["nameKanji"] as? String)
        #expect(Array(text.unicodeScalars) == Array(name.unicodeScalars))
    }

    @Test("A 通知カード is converted only where it was processed before 2020-05-25")
    func notificationCard() throws {
        var card = try #require(try examples("mailing-address.notify", 1).first)
        card["processedDate"] = "20200524"
        let up = try convert("mailing-address.notify", 1, 2, card).payload
        #expect(up["printCategory"] as? String == "individualNumberNotice")
        card["processedDate"] = "20200525"
        #expect(try failure("mailing-address.notify", 1, 2, card)?.code == .refused)
        let notice = try #require(try examples("mailing-address.notify", 2).first)
        #expect(try failure("mailing-address.notify", 2, 1, notice)?.code == .refused)
    }

    @Test("A search by 住民票コード or 個人番号 has no place in v1; one by 4情報 has")
    func search() throws {
        let four: JSON = [
            "fourItems": ["nameKanji": "佐藤　次郎", "birthDate": "19900214"], "purpose": "moveIn",
        ]
        #expect(try failure("identity.search.request", 2, 1, four) == nil)
        #expect(try failure("identity.search.request", 1, 2, four) == nil)
        let byCode: JSON = ["juminhyoCode": "88888001047", "purpose": "moveIn"]
        #expect(try failure("identity.search.request", 2, 1, byCode)?.code == .refused)
        let byNumber: JSON = ["individualNumber": "999999001049", "purpose": "moveIn"]
        #expect(
            try failure("identity.search.request", 2, 1, byNumber)?.pointers
                == ["/individualNumber"])
    }

    @Test("A v1 read of 異動受付支援 is left to the register to refuse")
    func receptionRead() throws {
        let read: JSON = [
            "supportNumber": "S20251006-0002", "operation": "read",
            "subject": ["addresseeNumber": "0000010014"],
        ]
        #expect(try failure("reception.change-data", 1, 2, read)?.code == .leftToReceiver)
    }

    @Test("A v1 certificate gets thirty days from when it was sent")
    func certificate() throws {
        let old = try #require(try examples("move-out-certificate.deliver", 1).first)
        let up = try convert("move-out-certificate.deliver", 1, 2, old).payload
        #expect(up["deliveryMode"] as? String == "requested")
        #expect(up["plannedMoveOutDate"] as? String == "2025-09-20")
        #expect(up["expiryDate"] as? String == "2025-10-20")
        #expect(up["groupSize"] as? Int == 1)
        let pushed = try #require(try examples("move-out-certificate.deliver", 2).first)
        #expect(
            try failure("move-out-certificate.deliver", 2, 1, pushed)?.pointers
                == ["/deliveryMode", "/plannedMoveOutDate", "/expiryDate"])
    }

    private static let file = "conversions/identity.update.request/3-2.json"

    @Test(
        "A converter that is missing, malformed, misnamed or gives what does not fit is refused at load",
        arguments: [
            nil,
            #"{"type":"identity.update.request","from":3,"to":2,"basis":"x","operations":[{"op":"forget","path":"/a"}]}"#,
            #"{"type":"identity.update.request","from":3,"to":2,"basis":"x","operations":[{"op":"drop","path":"nameKanji"}]}"#,
            #"{"type":"identity.update.request","from":2,"to":3,"basis":"x","operations":[]}"#,
            #"{"type":"identity.update.request","from":3,"to":2,"basis":"x","operations":[]}"#,
            #"{"type":"identity.update.request","from":3,"to":2,"basis":"x","operations":["#,
        ])
    func broken(text: String?) throws {
        var files = try Self.files.get()
        files[Self.file] = text.map { Array($0.utf8) }
        do {
            _ = try Catalogue(files: files)
            Issue.record("it was loaded")
        } catch {
            #expect(error.file == Self.file, "\(error)")
        }
    }
}
