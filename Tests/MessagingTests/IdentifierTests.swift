import Foundation
import Messaging
import Testing

@Suite("Identifiers are parsed once, at the edge")
struct IdentifierTests {
    @Test(
        "Participants have a family and perhaps an instance",
        arguments: [
            ("municipalCS", "municipalCS", nil),
            ("peerMunicipalCS/08221", "peerMunicipalCS", "08221"),
            ("operator/sato-k", "operator", "sato-k"),
        ] as [(String, String, String?)])
    func participants(text: String, family: String, instance: String?) throws {
        let participant = try ParticipantID(text)
        #expect(participant.rawValue == text)
        #expect(participant.family == family)
        #expect(participant.instance == instance)
    }

    @Test(
        "Participants outside the rule are refused",
        arguments: [
            "", "9tax", "税", "a/", "/a", "a/b/c", "a b", "a/b_c", "a\u{0}", "-a",
            String(repeating: "a", count: 65),
        ])
    func participantRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try ParticipantID(text) }
    }

    @Test("Topics say type and major", arguments: ["identity.update.request/v3", "a/v999"])
    func topics(text: String) throws {
        #expect(try Topic(text).rawValue == text)
    }

    @Test(
        "Topics outside the rule are refused",
        arguments: [
            "", "a", "a/v", "a/v0", "a/v01", "a/v1000", "a/1", "A/v1", "a..b/v1", "a./v1", ".a/v1",
            "a/v1/v2", "a/v1 ", "a/w1", "9/v1",
        ])
    func topicRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try Topic(text) }
    }

    @Test("Steps are those of the assessment", arguments: ["A1-01", "B3-05", "C4", "C10", "C1-05"])
    func steps(text: String) throws { #expect(try StepID(text).rawValue == text) }

    @Test(
        "Steps outside the rule are refused",
        arguments: ["", "A", "D1-01", "A1-1", "A1-001", "A123", "A1-", "B2-02/03", "a1-01"])
    func stepRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try StepID(text) }
    }

    @Test("Links are allowed or forbidden ways", arguments: ["L-01", "X-12"])
    func links(text: String) throws {
        #expect(try LinkID(text).isProhibition == text.hasPrefix("X"))
    }

    @Test("Links outside the rule are refused", arguments: ["", "L-1", "M-01", "L-001", "L_01"])
    func linkRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try LinkID(text) }
    }

    @Test("Organisations have six digits", arguments: ["08201", "0820155", "08201a", "０８２０１５"])
    func organisationRefusal(text: String) throws {
        #expect(throws: InvalidIdentifier.self) { try OrganisationCode(text) }
        #expect(try OrganisationCode("082015").rawValue == "082015")
    }

    @Test(
        "A personal number is no operator and no terminal",
        arguments: ["999999001049", "a88888001047"])
    func numbersAsAccounts(text: String) {
        #expect(throws: InvalidIdentifier.self) { try OperatorID(text) }
        #expect(throws: InvalidIdentifier.self) { try TerminalID(text) }
    }

    @Test("A correlation may hold a message id but is not a bare number")
    func correlations() throws {
        #expect(throws: InvalidIdentifier.self) { try CorrelationID("999999001049") }
        #expect(throws: InvalidIdentifier.self) { try CorrelationID("88888001047") }
        #expect(throws: InvalidIdentifier.self) { try CorrelationID("") }
        #expect(throws: InvalidIdentifier.self) { try CorrelationID("a b") }
        let id = "peerMunicipalCS/08221~00000000000000ff~12"
        #expect(try CorrelationID(id).rawValue == id)
    }

    @Test("Message ids are parsed back into sender and number")
    func messageIDs() throws {
        let id = MessageID(
            source: try ParticipantID("peerMunicipalCS/08221"),
            number: MessageNumber(incarnation: 255, sequence: .max))
        #expect(id.rawValue == "peerMunicipalCS/08221~00000000000000ff~18446744073709551615")
        #expect(try MessageID(id.rawValue) == id)
    }

    @Test(
        "Message ids outside the rule are refused",
        arguments: [
            "", "a", "a~", "a~00000000000000ff", "a~00000000000000ff~", "a~00000000000000FF~1",
            "a~00000000000000ff~0", "a~00000000000000ff~01", "a~0000000000000ff~1",
            "a~00000000000000ff~18446744073709551616", "a~00000000000000ff~1 ",
            "~00000000000000ff~1",
        ])
    func messageIDRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try MessageID(text) }
    }

    @Test("Decoding goes through the same parsing, and the error does not repeat the text")
    func codable() throws {
        let good = try JSONDecoder().decode([ParticipantID].self, from: Data("[\"hub\"]".utf8))
        #expect(good == [try ParticipantID("hub")])
        do {
            _ = try JSONDecoder().decode([OperatorID].self, from: Data("[\"999999001049\"]".utf8))
            Issue.record("a number was accepted as an operator")
        } catch {
            #expect(!"\(error)".contains("999999001049"))
        }
    }

    @Test("A lane is stable, and differs by key, kind and value")
    func lanes() {
        let key = [UInt8](repeating: 7, count: 32)
        let value = Array("88888001047".utf8)
        let lane = LaneID.derive(key: key, kind: "juminhyoCode", value: value)
        #expect(lane == LaneID.derive(key: key, kind: "juminhyoCode", value: value.span))
        #expect(lane == LaneKey(key).lane(kind: "juminhyoCode", value: value))
        #expect(lane != LaneID.derive(key: key, kind: "addresseeNumber", value: value))
        #expect(lane != LaneID.derive(key: key, kind: "juminhyoCode", value: Array("1".utf8)))
        #expect(
            lane != LaneID.derive(key: key.dropLast() + [8], kind: "juminhyoCode", value: value))
    }

    @Test("A lane is the first eight bytes of the HMAC, big-endian")
    func laneVector() {
        // HMAC-SHA256 of "k" 0x00 "v" under "key", computed with Python's hmac.
        let lane = LaneID.derive(key: Array("key".utf8), kind: "k", value: Array("v".utf8))
        #expect(lane.description == "137e7c83d27b75e3")
    }
}
