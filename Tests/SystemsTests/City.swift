import Foundation
import GRDB
import IntegratedAddressee
import IntermediateServer
import JSONSchema
import Messaging
import MunicipalCS
import OfficeLinkage
import Participant
import ParticipantStore
import Platform
import ResidentRegister
import Testing

/// The five systems of one city on temporary databases, over a stand-in for the hubs that carries a message only where the
/// catalogue has a link, with a valid layout and without 個人番号 where none may be.
final class City {
    /// A message that went over the stand-in.
    struct Passed {
        let zone: String
        let envelope: Envelope
        let payload: [UInt8]
        let fields: JSONFields

        var type: String { envelope.topic.type.rawValue }
        var step: String { envelope.step?.rawValue ?? "" }
        var recipient: String { envelope.recipients.map(\.rawValue).joined(separator: ",") }
    }

    /// What an outside party sends.
    struct Injection {
        var topic: String
        var from: String
        var to: String
        var zone: String
        var fields: JSONFields
        var correlation = "case-1"
        var step: String?
        var causation: MessageID?
        var operatorID: String? = "nyuryoku-01"
        var terminal: String? = "T-101"
        var expiry: Instant?
        /// False for what the hub would refuse: the receiver must not rely on the hub alone.
        var isLinked = true
        /// Of the connection; nil is the city's own.
        var organisation: String?
    }

    static let code = "082015"
    static let schemas = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Schemas")
        .path

    /// Read once for all cities: it takes a third of a second.
    private static let loaded = Result<([String: [UInt8]], Catalogue), any Error> {
        let files = try SchemaDirectory.read(schemas)
        return (files, try Catalogue(files: files, options: CatalogueOptions(lab: true)))
    }

    let files: [String: [UInt8]]
    let catalogue: Catalogue
    let clock = SteppedClock()
    private let directory: URL
    private(set) var stores: [String: DurableStore] = [:]
    private(set) var passed: [Passed] = []
    /// Messages a system did not accept, with what it said.
    private(set) var unaccepted: [(type: String, settlement: Settlement)] = []
    /// Of the 市町村CS; another one counts from its next opening.
    var csSettings = CSSettings.lab
    /// Of the register; others count from its next opening.
    var registerSettings = RegisterSettings()
    /// Systems that are not there: what goes to them is only noted.
    var absent: Set<String> = []
    /// Parties that are silent.
    var silent: Set<String> = []
    private var positions: UInt64 = 0
    private var numbers: [String: UInt64] = [:]
    private var tokens: UInt64 = 0
    private var linkCodes = 0
    private var checker = Checker()

    init() throws {
        (files, catalogue) = try Self.loaded.get()
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("city-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in Self.zones.keys { try open(name) }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private static let zones = [
        "residentRegister": ["juki-net", "number-use", "lgwan"], "municipalCS": ["juki-net"],
        "integratedAddressee": ["number-use"], "intermediateServer": ["number-use"],
        "officeLinkage": ["number-use"],
    ]

    /// Opens a system's database; again, as after a crash.
    func open(_ name: String) throws {
        stores[name] = try DurableStore(
            path: path(of: name), participant: ParticipantID(name),
            organisation: OrganisationCode(Self.code),
            zones: (Self.zones[name] ?? []).map { try ZoneID($0) },
            sealingKey: [UInt8](repeating: 9, count: 32), handler: try handler(of: name),
            clock: clock)
    }

    func close(_ name: String) { stores[name] = nil }

    func path(of name: String) -> String {
        directory.appendingPathComponent("\(name).sqlite").path
    }

    private func handler(of name: String) throws -> any MessageHandler {
        let dispatch = try Dispatch(catalogue: catalogue, participant: ParticipantID(name))
        let organisation = try OrganisationCode(Self.code)
        let token: () -> UInt64 = {
            self.tokens += 1
            return 0xABCD_0000_0000_0000 + self.tokens
        }
        switch name {
        case "residentRegister":
            return ResidentRegister.handler(
                dispatch: dispatch, organisation: organisation, settings: registerSettings,
                token: token)
        case "municipalCS":
            return MunicipalCS.handler(
                dispatch: dispatch, organisation: organisation, settings: csSettings)
        case "integratedAddressee":
            let file = try #require(files["catalogue/number-use-departments.json"])
            return IntegratedAddressee.handler(
                dispatch: dispatch, policy: try AddresseePolicy(settings: [:], file: file))
        case "intermediateServer":
            let file = try #require(files["catalogue/intermediate-server.json"])
            return IntermediateServer.handler(
                dispatch: dispatch, organisation: organisation,
                policy: try ServerPolicy(settings: [:], file: file), token: token)
        default:
            let file = try #require(files["catalogue/transfer-profiles.json"])
            return OfficeLinkage.handler(
                dispatch: dispatch,
                profiles: try TransferProfiles.read(file).connected(
                    ["taxSystem", "businessSystem/2", "businessSystem/3", "businessSystem/29"].map {
                        try ParticipantID($0)
                    }))
        }
    }

    // MARK: Carrying

    /// Delivers what an outside party sends, then carries everything that follows.
    @discardableResult
    func send(_ injection: Injection, carryOn: Bool = true) throws -> Settlement {
        let source = try ParticipantID(injection.from)
        let number = numbers[injection.from, default: 0] + 1
        numbers[injection.from] = number
        var envelope = Envelope(
            id: MessageID(source: source, number: MessageNumber(incarnation: 77, sequence: number)),
            source: source, topic: try Topic(injection.topic), time: clock.now(),
            recipients: [try ParticipantID(injection.to)], step: nil,
            correlation: try CorrelationID(injection.correlation), causation: injection.causation,
            operatorID: try injection.operatorID.map { try OperatorID($0) },
            terminal: try injection.terminal.map { try TerminalID($0) }, businessTask: nil,
            legalBasis: nil,
            organisation: try OrganisationCode(injection.organisation ?? Self.code),
            expiry: injection.expiry, traceparent: nil)
        envelope.step =
            try injection.step.map { try StepID($0) }
            ?? rule(for: envelope, in: injection.zone)?.steps.first
        let message = Passed(
            zone: injection.zone, envelope: envelope,
            payload: try PayloadCoding.encode(injection.fields), fields: injection.fields)
        let settlement = try carry(message, checked: injection.isLinked)
        if carryOn { try pump() }
        return settlement
    }

    /// Hands the same message to its receiver once more (再配信).
    func redeliver(_ message: Passed) throws -> Settlement { try deliver(message, attempt: 2) }

    /// Carries until every outbox is empty.
    func pump() throws {
        for _ in 0..<1_000 {
            var quiet = true
            for (name, zones) in Self.zones.sorted(by: { $0.key < $1.key }) {
                for zone in zones where try publish(name, zone) { quiet = false }
            }
            if quiet { return }
        }
        Issue.record("the city does not come to rest")
    }

    private func publish(_ name: String, _ zone: String) throws -> Bool {
        let store = try #require(stores[name])
        let zoneID = try ZoneID(zone)
        let from = try store.resumption(in: zoneID).acknowledgedSequence
        let messages = try store.outgoing(in: zoneID, after: from, limit: 64, bytes: 1 << 20)
        for message in messages {
            let envelope = try Envelope(parsing: message.envelope)
            positions += 1
            try store.acknowledged(
                in: zoneID, [(sequence: message.number.sequence, position: Position(positions))],
                anchor: nil)
            let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
            _ = try carry(
                Passed(zone: zone, envelope: envelope, payload: message.payload, fields: fields))
        }
        return !messages.isEmpty
    }

    private func carry(_ message: Passed, checked: Bool = true) throws -> Settlement {
        if checked { try admit(message) }
        passed.append(message)
        let settlement = try deliver(message, attempt: 1)
        if settlement != .accepted { unaccepted.append((message.type, settlement)) }
        return settlement
    }

    private func deliver(_ message: Passed, attempt: Int) throws -> Settlement {
        if absent.contains(message.recipient) { return .accepted }
        guard let store = stores[message.recipient] else {
            if !silent.contains(message.recipient) { try answer(message) }
            return .accepted
        }
        positions += 1
        let received = ReceivedMessage(
            zone: try ZoneID(message.zone), position: Position(positions), attempt: attempt,
            envelope: message.envelope, payload: message.payload)
        return try #require(store.apply([received], now: clock.now()).first)
    }

    // MARK: What the hub would check

    private func rule(for envelope: Envelope, in zone: String) throws -> RouteRule? {
        guard let topic = catalogue.topicIndex(of: envelope.topic),
            let zoneIndex = catalogue.zoneIndex(of: try ZoneID(zone)),
            let from = catalogue.familyIndex(of: envelope.source),
            let to = catalogue.familyIndex(of: envelope.recipients[0])
        else { return nil }
        guard
            case .allowed(let rule) = catalogue.route(
                from: from, to: to, zone: zoneIndex, topic: topic)
        else { return nil }
        return rule
    }

    private func admit(_ message: Passed) throws {
        let label = "\(message.envelope.topic) \(message.envelope.source) → \(message.recipient)"
        guard let rule = try rule(for: message.envelope, in: message.zone),
            let topic = catalogue.topicIndex(of: message.envelope.topic)
        else {
            Issue.record("no link for \(label)")
            return
        }
        if let step = message.envelope.step, !rule.steps.isEmpty {
            #expect(rule.steps.contains(step), "\(label): step \(step)")
        }
        #expect(rule.steps.isEmpty || message.envelope.step != nil, "\(label): no step")
        if rule.needsLegalBasis {
            #expect(
                rule.legalBases.contains(message.envelope.legalBasis ?? ""), "\(label): legal basis"
            )
        }
        if rule.needsOperator {
            #expect(
                message.envelope.operatorID != nil && message.envelope.terminal != nil, "\(label)")
        }
        var scan = NumberScan()
        let schema = catalogue.topic(topic).schema
        let verdict = checker.check(message.payload.span, against: schema, inspector: &scan)
        #expect(verdict == .valid, "\(label): \(verdict)")
        if rule.noIndividualNumber { #expect(scan.hits == 0, "\(label): 個人番号") }
    }

    // MARK: Outside parties

    private func answer(_ message: Passed) throws {
        guard var reply = Self.reply(to: message, files) else { return }
        reply.from = message.recipient
        reply.zone = message.zone
        reply.step = message.envelope.step?.rawValue
        if reply.to.isEmpty { reply.to = message.envelope.source.rawValue }
        reply.correlation = message.envelope.correlation.rawValue
        reply.causation = message.envelope.id
        reply.operatorID = nil
        reply.terminal = nil
        if message.type == "link-code.acquire.request" {
            // A 符号 of one's own for everybody.
            linkCodes += 1
            let serial = String(linkCodes)
            reply.fields["linkCode"] = .text(
                "XLAB0000SYNTHETIC" + String(repeating: "0", count: 16 - serial.count) + serial)
            reply.from = "infoNetwork"
            reply.zone = "number-use"
            reply.step = "A5-04"
            reply.correlation = "nws-\(positions)"
            reply.causation = nil
        }
        try send(reply, carryOn: false)
    }

    private static func reply(to message: Passed, _ files: [String: [UInt8]]) -> Injection? {
        var fields: JSONFields = ["result": .text("accepted")]
        func copy(_ names: String...) { for name in names { fields[name] = message.fields[name] } }
        func injection(_ topic: String, to: String = "") -> Injection {
            Injection(topic: topic, from: "", to: to, zone: "", fields: fields)
        }
        switch (message.recipient, message.type) {
        case ("prefecturalServer", "identity.update.notice"):
            copy("juminhyoCode")
            return injection("identity.update.ack/v1")
        case ("cardManagement", "card.continued-use.request"):
            copy("juminhyoCode", "cardManagementNumber")
            return injection("card.continued-use.ack/v1")
        case ("certificateIssuance", "certificate-data.update"):
            copy("certificateSubjectId", "recordVersion")
            return injection("certificate-data.ack/v1")
        case ("familyRegister", "family-register-supplement.apply"):
            copy("juminhyoCode")
            return injection("family-register-supplement.ack/v1")
        case ("nationalServer", "identity.verify.request"):
            fields = (try? Layouts.example("identity.verify.result/v1", files)) ?? [:]
            return injection("identity.verify.result/v1")
        case ("nationalServer", "link-code.acquire.request"):
            fields = ["linkCode": .text("XLAB0000SYNTHETIC0000000000000001")]
            copy("processingNumber")
            return injection("link-code.issued/v1", to: "intermediateServer")
        default: return nil
        }
    }

    // MARK: Looking

    /// The passed messages of a type.
    func messages(_ type: String, to recipient: String? = nil) -> [Passed] {
        passed.filter { $0.type == type && (recipient == nil || $0.recipient == recipient) }
    }

    func forgetPassed() { passed.removeAll() }

    func tick() throws {
        for store in stores.values { try store.tick(now: clock.now()) }
        try pump()
    }

    /// What a system tells a test observer.
    func facts(_ system: String, _ subject: JSONFields? = nil) throws -> JSONFields {
        let zone = try #require(Self.zones[system]?.first)
        try send(
            Injection(
                topic: "lab.state.request/v1", from: "labObserver", to: system, zone: zone,
                fields: subject.map { ["subject": .object($0)] } ?? [:],
                correlation: "lab-\(positions)"))
        let report = try #require(messages("lab.state.report", to: "labObserver").last)
        #expect(report.fields["system"] == .text(system))
        guard case .object(let facts)? = report.fields["facts"] else { return [:] }
        return facts
    }

    /// Every cell of a system's business tables.
    func cells(of system: String, where matches: @escaping (String) -> Bool) throws -> Int {
        try #require(stores[system]).perform { try CellStore.count($0.database, where: matches) }
    }
}

final class SteppedClock: TimeSource, @unchecked Sendable {
    // One test thread uses it.
    var time = Instant(nanosecondsSince1970: 0)

    func now() -> Instant { time }

    func set(_ text: String) throws { time = try Instant(rfc3339: text) }
}

/// The example payloads that stand in the layouts (様式の例).
enum Layouts {
    static func example(
        _ topic: String, _ files: [String: [UInt8]], number: Int = 0
    ) throws -> JSONFields {
        struct Schema: Decodable { let examples: [JSONFields] }
        let file = try #require(files["messages/\(topic).schema.json"])
        return try JSONDecoder().decode(Schema.self, from: Data(file)).examples[number]
    }
}

extension City.Passed: CustomStringConvertible {
    /// Without content: a failing test prints this.
    var description: String { "\(step) \(envelope.topic) \(envelope.source) → \(recipient)" }
}
