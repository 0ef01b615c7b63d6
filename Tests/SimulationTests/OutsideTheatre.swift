import Logging
import Messaging
import Participant
import Simulation

/// The outside world without a bus (対向模擬の試験台): messages are put straight into a party's storage, and what the
/// parties send is read out of their outboxes.
final class OutsideTheatre {
    /// What a party answered to a message it never takes.
    struct Refused: Error, Equatable {
        let code: String
    }

    /// One message a party has sent.
    struct Sent {
        let sender: String
        let topic: String
        let recipients: [String]
        let step: String?
        let correlation: String
        let causation: String?
        let payload: JSONValue
    }

    static let correlation = "K-test"

    private struct Clock: TimeSource {
        func now() -> Instant { Instant(secondsSince1970: 1_759_708_800) }
    }

    private let stage: OutsideStage
    private var storages: [String: (OutsideStorage, ZoneID)] = [:]
    private var read: [String: UInt64] = [:]
    private var position: UInt64 = 0
    private let organisation: OrganisationCode

    init(people: People) throws {
        organisation = try OrganisationCode("082015")
        stage = OutsideStage(people: people, logger: Logger(label: "test"))
        let zone = try ZoneID("lab")
        let names = [
            "prefecturalServer", "nationalServer", "infoNetwork", "cardManagement",
            "peerMunicipalCS/08221", "certificateIssuance", "taxSystem", "familyRegister",
            "integratedTerminal",
        ]
        for name in names {
            let storage = stage.cast(
                try ParticipantID(name), zone: zone, organisation: organisation, incarnation: 7,
                clock: Clock())
            storages[name] = (storage, zone)
        }
    }

    /// Delivers one message and returns what anybody has sent since.
    @discardableResult
    func deliver(
        _ topic: String, to party: String, from source: String, step: String, _ payload: JSONValue
    ) throws -> [Sent] {
        guard let (storage, zone) = storages[party] else { throw Refused(code: "no-such-party") }
        position += 1
        let sender = try ParticipantID(source)
        let envelope = Envelope(
            id: MessageID(
                source: sender, number: MessageNumber(incarnation: 1, sequence: position)),
            source: sender, topic: try Topic(topic), time: Clock().now(),
            recipients: [try ParticipantID(party)], step: try StepID(step),
            correlation: try CorrelationID(Self.correlation), organisation: organisation)
        let message = ReceivedMessage(
            zone: zone, position: Position(position), attempt: 1, envelope: envelope,
            payload: payload.encoded)
        switch try storage.apply([message], now: Clock().now()).first {
        case .accepted: break
        case .refused(let code), .failed(let code), .retryLater(_, let code):
            throw Refused(code: code)
        case nil: throw Refused(code: "no-settlement")
        }
        return try newlySent()
    }

    func facts(of party: String, _ person: String?) throws -> JSONValue {
        try stage.facts(of: ParticipantID(party), about: person)
    }

    func identifiers(_ person: String) -> JSONValue { stage.identifiers(of: person) }

    func received(by party: String) -> Int {
        (try? ParticipantID(party)).map { stage.messages(of: $0).count } ?? 0
    }

    private func newlySent() throws -> [Sent] {
        var sent: [Sent] = []
        for (name, (storage, zone)) in storages.sorted(by: { $0.key < $1.key }) {
            let messages = try storage.outgoing(
                in: zone, after: read[name] ?? 0, limit: 100, bytes: 1 << 20)
            for message in messages {
                read[name] = message.number.sequence
                let envelope = try Envelope(parsing: message.envelope)
                sent.append(
                    Sent(
                        sender: envelope.source.rawValue, topic: envelope.topic.rawValue,
                        recipients: envelope.recipients.map(\.rawValue),
                        step: envelope.step?.rawValue, correlation: envelope.correlation.rawValue,
                        causation: envelope.causation?.rawValue,
                        payload: try JSONValue(parsing: message.payload)))
            }
        }
        return sent
    }
}
