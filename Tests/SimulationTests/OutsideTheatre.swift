import Logging
import Messaging
import Participant
import Simulation
import Synchronization

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

    /// 2025-10-06 09:00 in Japan, until a test lets time pass.
    private final class Clock: TimeSource {
        private let time = Mutex(Instant(secondsSince1970: 1_759_708_800))
        func now() -> Instant { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
    }

    private let clock = Clock()
    private let stage: OutsideStage
    private let admission: TheatreAdmission
    /// What a hub would have refused of what was sent, and why; the zone is the party's of the catalogue.
    private(set) var inadmissible: [String] = []
    private var storages: [String: (OutsideStorage, ZoneID)] = [:]
    private var read: [String: UInt64] = [:]
    private var position: UInt64 = 0
    private let organisation: OrganisationCode

    /// Of those outside 住基ネット.
    private static let zones = [
        "infoNetwork": "number-use", "taxSystem": "number-use", "familyRegister": "number-use",
        "certificateIssuance": "lgwan",
    ]

    init(people: People) throws {
        organisation = try OrganisationCode("082015")
        admission = try TheatreAdmission()
        stage = OutsideStage(people: people, logger: Logger(label: "test"))
        let names = [
            "prefecturalServer", "nationalServer", "individualNumberGenerator", "infoNetwork",
            "cardManagement", "peerMunicipalCS/08221", "peerMunicipalCS/13101",
            "certificateIssuance", "taxSystem", "familyRegister",
            "integratedTerminal",
        ]
        for name in names {
            let zone = try ZoneID(Self.zones[name] ?? "juki-net")
            let storage = stage.cast(
                try ParticipantID(name), zone: zone, organisation: organisation, incarnation: 7,
                clock: clock)
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
            source: sender, topic: try Topic(topic), time: clock.now(),
            recipients: [try ParticipantID(party)], step: try StepID(step),
            correlation: try CorrelationID(Self.correlation), organisation: organisation)
        let message = ReceivedMessage(
            zone: zone, position: Position(position), attempt: 1, envelope: envelope,
            payload: payload.encoded)
        switch try storage.apply([message], now: clock.now()).first {
        case .accepted: break
        case .refused(let code), .failed(let code), .retryLater(_, let code):
            throw Refused(code: code)
        case nil: throw Refused(code: "no-settlement")
        }
        return try newlySent()
    }

    /// Lets a party do something and returns what anybody has sent since; throws the party's code.
    @discardableResult
    func act(_ party: String, _ verb: String, _ arguments: JSONValue = [:]) throws -> [Sent] {
        do {
            told = try stage.act(verb, arguments, as: ParticipantID(party))
        } catch let fault as ControlFault {
            throw Refused(code: fault.code)
        }
        return try newlySent()
    }

    /// What the last act told.
    private(set) var told: JSONValue = .null

    @discardableResult
    func behave(_ party: String, on type: String?, _ conduct: Conduct?) throws -> [Sent] {
        try stage.behave(ParticipantID(party), on: type, conduct)
        return try newlySent()
    }

    /// Time passes; what comes of it.
    func pass(_ duration: Duration) throws -> [Sent] {
        clock.pass(duration)
        for (storage, _) in storages.values { try storage.tick(now: clock.now()) }
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
                if let refusal = admission.refusal(of: envelope, message.payload, in: zone) {
                    inadmissible.append(refusal)
                }
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
