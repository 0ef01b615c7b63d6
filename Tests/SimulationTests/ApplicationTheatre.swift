import Foundation
import Logging
import Messaging
import Participant
import Simulation
import Testing

/// The parties of LGWAN and of the number-use side, with files and a ledger of their own.
final class ApplicationTheatre {
    struct Sent {
        let topic: String
        let from: String
        let id: MessageID
        let payload: JSONValue
        let raw: NumberedMessage
    }

    /// A party did not take what it was handed.
    struct NotTaken: Error {}

    private struct Clock: TimeSource {
        func now() -> Instant { Instant(secondsSince1970: 1_760_963_400) }
    }

    let root: String
    let media: String
    private let people: People
    private let equipment: ElectronicApplicationEquipment
    private let organisation: OrganisationCode
    private var stage: OutsideStage
    private var storages: [String: OutsideStorage] = [:]
    private var read: [String: UInt64] = [:]
    private var position: UInt64 = 0
    private(set) var told: JSONValue = .null

    var ledger: String { root + "/ledger.jsonl" }

    init() throws {
        root = NSTemporaryDirectory() + "jukihub-app-\(UInt32.random(in: 0...UInt32.max))"
        media = root + "/media"
        try FileManager.default.createDirectory(atPath: media, withIntermediateDirectories: true)
        people = try Repository.people()
        organisation = try OrganisationCode("082015")
        let authority = try SigningAuthority()
        equipment = ElectronicApplicationEquipment(
            trust: try authority.trust(), authority: authority,
            medium: MediumWriter(directory: media, key: Array(repeating: 7, count: 32)),
            media: ["USB-01", "USB-02"],
            accounts: try TerminalAccounts([
                .init(id: "denshi-06", holder: "山田", salt: "a", password: "lab-password")
            ]))
        stage = OutsideStage(people: people, logger: Logger(label: "test"))
        try start()
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Another life of the outside process, over the same ledger.
    func start() throws {
        let (ledger, lines) = try OutsideLedger.open(self.ledger)
        stage = OutsideStage(people: people, ledger: ledger, logger: Logger(label: "test"))
        stage.equip(equipment)
        storages = [:]
        read = [:]
        let names = [
            "eApplication", "lgwanTerminal", "certificateIssuance", "certificateCenter",
            "sealRegistration", "taxSystem", "moj", "mojTerminal", "receptionSupport",
            "familyRegister",
        ]
        for name in names {
            storages[name] = stage.cast(
                try ParticipantID(name), zone: try ZoneID("lgwan"), organisation: organisation,
                incarnation: 7, clock: Clock())
        }
        try stage.replay(lines)
        _ = try sent()
    }

    /// Hands one message to a party, as the hub would.
    @discardableResult
    func deliver(
        _ envelope: [UInt8], _ payload: [UInt8], to party: String
    ) throws -> [Sent] {
        position += 1
        let message = ReceivedMessage(
            zone: try ZoneID("lgwan"), position: Position(position), attempt: 1,
            envelope: try Envelope(parsing: envelope), payload: payload)
        let storage = try #require(storages[party])
        guard case .accepted? = try storage.apply([message], now: Clock().now()).first else {
            throw NotTaken()
        }
        return try sent()
    }

    /// Hands over a message made up here.
    @discardableResult
    func deliver(
        _ topic: String, to party: String, from source: String, step: String, _ payload: JSONValue
    ) throws -> [Sent] {
        let sender = try ParticipantID(source)
        let envelope = Envelope(
            id: MessageID(
                source: sender, number: MessageNumber(incarnation: 4, sequence: position + 1)),
            source: sender, topic: try Topic(topic), time: Clock().now(),
            recipients: [try ParticipantID(party)], step: try StepID(step),
            correlation: try CorrelationID("K-1"), organisation: organisation)
        return try deliver(envelope.encoded(), payload.encoded, to: party)
    }

    func person(_ key: String) -> Person { people.byKey[key]! }

    @discardableResult
    func act(_ party: String, _ verb: String, _ arguments: JSONValue) throws -> [Sent] {
        told = try stage.act(verb, arguments, as: ParticipantID(party))["told"] ?? .null
        return try sent()
    }

    /// Applies, and brings the application to the terminal.
    @discardableResult
    func submit(_ arguments: [String: JSONValue] = [:]) throws -> [Sent] {
        var members: [String: JSONValue] = [
            "person": "P05", "plannedMoveOutDate": "2025-11-01",
            "plannedMoveOutMunicipalityCode": "082201",
        ]
        members.merge(arguments) { $1 }
        let application = try #require(try act("eApplication", "submit", .object(members)).first)
        return try deliver(application.raw.envelope, application.raw.payload, to: "lgwanTerminal")
    }

    /// The register's answer to a transfer.
    @discardableResult
    func answer(_ transfer: Sent, _ result: [String: JSONValue]) throws -> [Sent] {
        var payload = result
        payload["ledgerEntryId"] = transfer.payload["ledgerEntryId"]
        let register = try ParticipantID("residentRegister")
        let envelope = Envelope(
            id: MessageID(
                source: register, number: MessageNumber(incarnation: 3, sequence: position + 1)),
            source: register, topic: try Topic("e-application.imported/v1"), time: Clock().now(),
            recipients: [try ParticipantID("lgwanTerminal")], step: try StepID("A6-02"),
            correlation: try CorrelationID("K-1"), causation: transfer.id,
            organisation: organisation)
        return try deliver(
            envelope.encoded(), JSONValue.object(payload).encoded, to: "lgwanTerminal")
    }

    func facts(_ person: String? = "P05", of party: String = "lgwanTerminal") throws -> JSONValue {
        try stage.facts(of: ParticipantID(party), about: person)
    }

    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: media) }

    /// Whether any file under the root holds the text.
    func anyFile(holds text: String) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: root)
        while let name = files?.nextObject() as? String {
            guard let data = FileManager.default.contents(atPath: root + "/" + name) else {
                continue
            }
            if data.firstRange(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    var applicant: Person { people.byKey["P05"]! }

    private func sent() throws -> [Sent] {
        var found: [Sent] = []
        for (name, storage) in storages.sorted(by: { $0.key < $1.key }) {
            let messages = try storage.outgoing(
                in: ZoneID("lgwan"), after: read[name] ?? 0, limit: 100, bytes: 1 << 20)
            for message in messages {
                read[name] = message.number.sequence
                let envelope = try Envelope(parsing: message.envelope)
                found.append(
                    Sent(
                        topic: envelope.topic.rawValue, from: name, id: envelope.id,
                        payload: try JSONValue(parsing: message.payload), raw: message))
            }
        }
        return found
    }
}
