import Foundation
import Messaging
import Testing

@Suite("The envelope")
struct EnvelopeTests {
    static let text = """
        {"specversion":"1.0","id":"municipalCS~00000000000000ff~7","source":"municipalCS",\
        "type":"identity.update.notice","time":"2025-10-06T09:00:00.123+09:00",\
        "dataschema":"identity.update.notice/v3","recipient":"prefecturalServer","step":"A1-04",\
        "correlationid":"K-1","legalbasis":"juki-law-30-6","organisation":"082015"}
        """

    @Test("It is written as CloudEvents in a fixed order")
    func written() throws {
        let envelope = try Envelope(parsing: Array(Self.text.utf8))
        #expect(String(decoding: envelope.encoded(), as: UTF8.self) == Self.text)
        #expect(envelope.topic.major == 3)
        #expect(envelope.id.number == MessageNumber(incarnation: 255, sequence: 7))
    }

    @Test("What is written is read back the same, by both readers")
    func roundTrip() throws {
        var dice = Dice(seed: 2)
        for _ in 0..<500 {
            let envelope = try Envelope.random(using: &dice)
            let bytes = envelope.encoded()
            #expect(try Envelope(parsing: bytes) == envelope)
            try expectAgreement(bytes)
        }
    }

    @Test("Attributes may stand in any order with space between them")
    func anyOrder() throws {
        let members = try #require(
            try JSONSerialization.jsonObject(with: Data(Self.text.utf8)) as? [String: String])
        let shuffled = members.keys.sorted(by: >).map { "  \"\($0)\" :\t\"\(members[$0] ?? "")\" " }
        let bytes = Array(" {\r\n\(shuffled.joined(separator: ","))} ".utf8)
        #expect(try Envelope(parsing: bytes) == Envelope(parsing: Array(Self.text.utf8)))
    }

    @Test(
        "Each defect has its own code and names the attribute",
        arguments: [
            ("\"1.0\"", "\"1.1\"", "envelope-specversion", "specversion"),
            ("\"step\":\"A1-04\"", "\"step\":4", "envelope-attribute-invalid", "step"),
            ("\"step\":\"A1-04\"", "\"step\":null", "envelope-attribute-invalid", "step"),
            ("\"step\":\"A1-04\"", "\"step\":\"Z\"", "envelope-attribute-invalid", "step"),
            ("\"step\":\"A1-04\"", "\"name\":\"x\"", "envelope-attribute-unknown", nil),
            (
                "\"step\":\"A1-04\"", "\"type\":\"identity.update.notice\"",
                "envelope-attribute-duplicate", "type"
            ),
            (",\"organisation\":\"082015\"", "", "envelope-attribute-missing", "organisation"),
            ("\"id\":\"municipalCS~", "\"id\":\"municipalC~", "envelope-inconsistent", "id"),
            ("notice/v3", "notices/v3", "envelope-inconsistent", "dataschema"),
            ("notice/v3", "notice/v03", "envelope-attribute-invalid", "dataschema"),
            ("\"K-1\"", "\"K\\u002d1\"", "envelope-malformed", nil),
            ("\"K-1\"", "\"999999001049\"", "envelope-attribute-invalid", "correlationid"),
            ("prefecturalServer", "a,b,a", "envelope-attribute-invalid", "recipient"),
            ("prefecturalServer", "a,,b", "envelope-attribute-invalid", "recipient"),
            ("prefecturalServer", "", "envelope-attribute-invalid", "recipient"),
            ("juki-law-30-6", "根拠999999001049", "envelope-attribute-invalid", "legalbasis"),
            ("082015\"}", "082015\"}x", "envelope-malformed", nil),
            ("082015\"}", "082015\",}", "envelope-malformed", nil),
            ("082015\"}", "082015\"", "envelope-malformed", nil),
            ("{\"spec", "[\"spec", "envelope-malformed", nil),
        ] as [(String, String, String, String?)])
    func defects(part: String, replacement: String, code: String, attribute: String?) throws {
        let text = Self.text.replacingOccurrences(of: part, with: replacement)
        try #require(text != Self.text)
        let expected = EnvelopeError(code: code, attribute: attribute)
        #expect(throws: expected) { try Envelope(parsing: Array(text.utf8)) }
        let bytes = Array(text.utf8)
        #expect(throws: expected) { _ = try EnvelopeView.scan(bytes.span) }
    }

    @Test("Too long and empty ones are refused")
    func limits() {
        let long =
            Self.text.dropLast() + String(repeating: " ", count: EnvelopeView.byteLimit) + "}"
        #expect(throws: EnvelopeError(code: "envelope-too-large")) {
            try Envelope(parsing: Array(long.utf8))
        }
        #expect(throws: EnvelopeError(code: "envelope-malformed")) { try Envelope(parsing: []) }
        #expect(throws: EnvelopeError(code: "envelope-attribute-missing", attribute: "specversion"))
        {
            try Envelope(parsing: Array("{}".utf8))
        }
    }

    @Test("Sixteen recipients are the most")
    func recipientLimit() throws {
        let names = (1...16).map { "businessSystem/\($0)" }
        let fit = Self.text.replacingOccurrences(
            of: "prefecturalServer", with: names.joined(separator: ","))
        #expect(try Envelope(parsing: Array(fit.utf8)).recipients.map(\.rawValue) == names)
        let many = fit.replacingOccurrences(of: names[15], with: "a,b")
        #expect(throws: EnvelopeError(code: "envelope-attribute-invalid", attribute: "recipient")) {
            try Envelope(parsing: Array(many.utf8))
        }
    }

    @Test("Mutated bytes never crash, and both readers agree on them")
    func mutations() throws {
        var dice = Dice(seed: 3)
        let interesting = Array("\"\\{},:~/.019aAvZ\u{0}\u{7F}".utf8) + [0x80, 0xC3, 0xE3, 0xFF]
        for _ in 0..<20_000 {
            var bytes = try Envelope.random(using: &dice).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &dice) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes[place] = interesting.randomElement(using: &dice) ?? 0
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(interesting.randomElement(using: &dice) ?? 0, at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            try expectAgreement(bytes)
        }
    }

    /// The view and the value agree; and where both accept, a general JSON reader sees the same texts.
    private func expectAgreement(_ bytes: [UInt8]) throws {
        let value = Result { () throws(EnvelopeError) in try Envelope(parsing: bytes) }
        let view = Result { () throws(EnvelopeError) in try EnvelopeView.scan(bytes.span) }
        switch (value, view) {
        case (.failure(let left), .failure(let right)): #expect(left == right)
        case (.success(let envelope), .success(let view)):
            let read = try #require(
                try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: String])
            for attribute in EnvelopeAttribute.allCases {
                let seen = view[attribute].map { String(decoding: bytes[$0], as: UTF8.self) }
                #expect(seen == read[attribute.name])
            }
            #expect(envelope.id.rawValue == read["id"])
            #expect(envelope.topic.rawValue == read["dataschema"])
            #expect(envelope.recipients.map(\.rawValue).joined(separator: ",") == read["recipient"])
            #expect(envelope.recipients.count == view.recipientCount)
            #expect(envelope.time == view.instant)
            #expect(try Envelope(parsing: envelope.encoded()) == envelope)
        case (.success, .failure), (.failure, .success):
            Issue.record("one reader accepts what the other refuses")
        }
    }
}
