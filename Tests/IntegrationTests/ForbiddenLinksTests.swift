import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// Every way there is not (catalogue 1.4), tried by every participant of a lab with its own key.
///
/// What is expected is written down here once more, from the seed's words, and not read out of `Schemas/catalogue`: taking a
/// prohibition or a link's absence out of it fails here.
@Suite("Forbidden links", .serialized)
struct ForbiddenLinksTests {
    private static let catalogue = Result {
        try Catalogue(files: SchemaDirectory.read(HubFixture.schemas))
    }

    /// Everybody with a session in a zone.
    private static let casts: [String: [String]] = [
        "juki-net": [
            "residentRegister", "municipalCS", "prefecturalServer", "nationalServer",
            "individualNumberGenerator", "cardManagement", "peerMunicipalCS/08221",
            "integratedTerminal",
        ],
        "number-use": [
            "residentRegister", "integratedAddressee", "intermediateServer", "officeLinkage",
            "infoNetwork", "taxSystem", "businessSystem/2", "familyRegister", "registerTerminal",
            "mojTerminal", "moj", "receptionSupport", "intermediateTerminal",
            // Whoever registers them by mistake has gained nothing.
            "cloudOperator/a", "platformOperator/a",
        ],
        "lgwan": ["residentRegister", "certificateIssuance", "lgwanTerminal", "eApplication"],
    ]

    /// 庁内 systems that 「市町村CSへのアクセスは既存住基システムに限定」 keeps away.
    private static let cityHall: Set<String> = [
        "officeLinkage", "intermediateServer", "taxSystem", "businessSystem", "receptionSupport",
        "certificateIssuance", "familyRegister", "lgwanTerminal", "mojTerminal",
    ]
    private static let sourceTypes: Set<String> = [
        "identity.update.request", "register-cs.reconcile.request", "mailing-address.extracted",
    ]

    /// The prohibitions that hold for one type from one family to another.
    private static func prohibitions(_ from: String, _ to: String, _ type: String) -> Set<String> {
        var found: Set<String> = []
        func either(_ one: Set<String>, _ other: Set<String>) -> Bool {
            (one.contains(from) && other.contains(to)) || (one.contains(to) && other.contains(from))
        }
        if either(["municipalCS"], ["integratedAddressee"]) { found.insert("X-01") }
        if either(cityHall, ["municipalCS"]) { found.insert("X-02") }
        if to == "municipalCS", from != "residentRegister", sourceTypes.contains(type) {
            found.insert("X-03")
        }
        let beyond: Set<String> = [
            "residentRegister", "municipalCS", "integratedAddressee", "officeLinkage",
        ]
        if either(beyond, ["infoNetwork"]) { found.insert("X-05") }
        if type == "info-inquiry.request" { found.insert("X-06") }
        if from == "eApplication", to == "residentRegister" { found.insert("X-07") }
        if from == "certificateIssuance", to == "residentRegister", type != "certificate-data.ack" {
            found.insert("X-08")
        }
        let platform: Set<String> = ["cloudOperator", "platformOperator"]
        if platform.contains(from) || platform.contains(to) { found.insert("X-12") }
        return found
    }

    private static func family(_ participant: String) -> String {
        String(participant.split(separator: "/")[0])
    }

    /// Sends one empty message of every version of every type to each receiver, and returns what the hub said to each.
    private func attempt(
        _ client: RawClient, to recipients: [String], _ topics: [Topic]
    ) throws -> [(recipient: String, topic: Topic, refusal: PublishRefusal?)] {
        var sent: [(String, Topic)] = []
        for recipient in recipients { for topic in topics { sent.append((recipient, topic)) } }
        var answers: [UInt64: PublishRefusal] = [:]
        var acknowledged: Set<UInt64> = []
        var next = 1
        while next <= sent.count {
            let batch = next...min(next + WireLimits.recordsPerFrame - 1, sent.count)
            try client.send(
                .pub, sequence: UInt64(next),
                records: try batch.map {
                    try client.record(
                        UInt64($0), topic: sent[$0 - 1].1.rawValue, to: sent[$0 - 1].0,
                        payload: "{}")
                })
            try eventually("answers up to \(batch.upperBound)") {
                while try client.has(.pubnak) {
                    for refusal in try client.refusals() { answers[refusal.sequence] = refusal }
                }
                while try client.has(.puback) {
                    acknowledged.formUnion(try client.acknowledgements().map(\.sequence))
                }
                return answers.count + acknowledged.count >= batch.upperBound
            }
            next = batch.upperBound + 1
        }
        return sent.enumerated().map { index, message in
            (message.0, message.1, answers[UInt64(index + 1)])
        }
    }

    /// Links of the catalogue a message of that type may take, whatever its content.
    private func isLinked(_ from: String, _ to: String, _ type: String, _ zone: String) throws
        -> Bool
    {
        try Self.catalogue.get().links.contains { link in
            link.from == from && link.to == to && link.zone.rawValue == zone
                && link.types.contains { $0.type.rawValue == type }
        }
    }

    @Test(
        "R-001, R-002, R-003, R-004, R-007, R-008, R-009, R-011, R-015, R-028: nothing passes where no link is, whoever sends whatever to whom; what is forbidden is refused under its X number even across zones",
        arguments: ["juki-net", "number-use", "lgwan"])
    func matrix(zone: String) throws {
        let cast = try #require(Self.casts[zone])
        let hub = try HubFixture(zone: zone, participants: cast)
        try hub.start()
        let topics = try Self.catalogue.get().topics.map(\.topic)
        let everybody = Set(Self.casts.values.flatMap(\.self)).sorted()
        var tried = 0
        var forbidden: Set<String> = []
        for sender in cast {
            let client = try hub.rawClient(sender)
            try client.greet()
            let receivers = everybody.filter { $0 != sender }
            for (recipient, topic, refusal) in try attempt(client, to: receivers, topics) {
                tried += 1
                let (from, to) = (Self.family(sender), Self.family(recipient))
                let label = Comment(rawValue: "\(sender) → \(recipient) \(topic)")
                let wanted = Self.prohibitions(from, to, topic.type.rawValue)
                if !wanted.isEmpty {
                    #expect(refusal?.code == "link-forbidden", label)
                    #expect(wanted.contains { refusal?.text.contains($0) == true }, label)
                    forbidden.formUnion(wanted)
                } else if !cast.contains(recipient) {
                    #expect(refusal?.code == "recipient-unknown", label)
                } else if try isLinked(from, to, topic.type.rawValue, zone) {
                    // An empty message without a step: never admitted either.
                    #expect(refusal != nil && refusal?.code != "link-forbidden", label)
                } else {
                    #expect(refusal?.code == "link-not-allowed", label)
                }
            }
        }
        #expect(tried == cast.count * (everybody.count - 1) * topics.count)
        // Nobody was given anything, and the attempts are on record.
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        #expect(page.messages.isEmpty)
        let refusals: RefusalPage = try hub.ask(.refusalList, RefusalQuery(limit: 500))
        #expect(refusals.refusals.contains { $0.code == "link-forbidden" })
        let expected: [String: Set<String>] = [
            "juki-net": ["X-01", "X-02", "X-03", "X-05"],
            "number-use": ["X-01", "X-02", "X-03", "X-05"],
            "lgwan": ["X-02", "X-03", "X-07", "X-08"],
        ]
        #expect(forbidden.isSuperset(of: expected[zone] ?? []), "\(forbidden.sorted())")
    }

    @Test(
        "R-010, R-009: no link of the catalogue joins what the assessment keeps apart",
        arguments: [
            ("residentRegister", "intermediateServer"), ("intermediateServer", "residentRegister"),
            ("residentRegister", "cardManagement"), ("municipalCS", "familyRegister"),
            ("eApplication", "residentRegister"), ("officeLinkage", "municipalCS"),
            ("municipalCS", "infoNetwork"), ("residentRegister", "infoNetwork"),
        ])
    func apart(from: String, to: String) throws {
        let links = try Self.catalogue.get().links.filter { $0.from == from && $0.to == to }
        #expect(links.allSatisfy { $0.types.isEmpty }, "\(links.map(\.id))")
    }
}
