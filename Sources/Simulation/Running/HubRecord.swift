import FoundationEssentials
import Messaging
import Operations
import Participant
import Platform
import ZeroMQ

/// What a hub has on record of its messages (連携基盤の記録), as hop lines.
///
/// The tap is lossy, and a hub that dies takes the lines of its last moments along; the record stands in its journal.
/// Read it after a restart, where every line counts.
struct HubRecord: Sendable {
    private let zones: [LabDescription.Zone]
    private let identity: ParticipantID
    private let secret: CurveSecretKey

    /// The newest messages read; a scenario that is longer has to count before it kills.
    static let messageLimit = 10_000
    private static let pageSize = 500
    private static let answerTimeout = Duration.seconds(2)

    init(_ lab: LabDescription) throws {
        zones = lab.zones
        identity = lab.operator.participant
        secret = try SecretFile.readCurveKey(lab.operator.secretKeyFile)
    }

    /// How often each kind of finding stands out in one day's evidence (操作ログの分析), as an operator asks for it.
    func findings(of zone: ZoneID, on day: String) throws -> [String: Int] {
        guard let session = try session(in: zone) else { return [:] }
        let report: AuditReport = try ask(
            session, .auditReport,
            AuditQuery(
                day: day, from: Self.officeHours.from, to: Self.officeHours.to,
                searchesAnHour: Self.bulkSearches))
        return report.findings.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 }
    }

    private static let officeHours = (from: "08:30", to: "17:15")
    private static let bulkSearches = 30

    private func session(in zone: ZoneID) throws -> OperatorSession? {
        guard let place = zones.first(where: { $0.zone == zone }) else { return nil }
        return try OperatorSession(
            participant: identity,
            access: ZoneAccess(
                zone: zone, endpoint: place.endpoint, hubKey: place.hubPublicKey, secretKey: secret),
            software: "jukihub sim")
    }

    /// Every message's admission and settlements, and every refusal; throws where the hub does not answer.
    func lines(of zone: ZoneID) throws -> [HopEvent] {
        guard let session = try session(in: zone) else { return [] }
        var lines: [HopEvent] = []
        var query = MessageQuery(limit: Self.pageSize)
        var read = 0
        repeat {
            let page: MessagePage = try ask(session, .messageList, query)
            read += page.messages.count
            for message in page.messages { lines += Self.lines(of: message) }
            query.before = page.next
        } while query.before != nil && read < Self.messageLimit
        let refusals: RefusalPage = try ask(
            session, .refusalList, RefusalQuery(limit: Self.pageSize))
        return lines + refusals.refusals.map { HopEvent(refusal: $0, zone: zone) }
    }

    private static func lines(of message: MessageSummary) -> [HopEvent] {
        let admitted = HopEvent(
            .admitted, of: message, to: message.recipients.joined(separator: ","), at: message.time)
        return [admitted]
            + message.deliveries.compactMap { delivery in
                guard let kind = kind(delivery.state) else { return nil }
                return HopEvent(kind, of: message, to: delivery.recipient, at: delivery.settledAt)
            }
    }

    private static func kind(_ state: DeliveryView.State) -> HopEvent.Kind? {
        switch state {
        case .settled: .settled
        case .expired: .expired
        case .parked, .deadLetter: .parked
        case .waiting, .inFlight, .backoff, .skipped, .released: nil
        }
    }

    private func ask<Answer: Decodable>(
        _ session: OperatorSession, _ operation: Operations.Operation, _ arguments: some Encodable
    ) throws -> Answer {
        let answer = try session.request(
            operation.rawValue, arguments: Array(try JSONEncoder().encode(arguments)),
            timeout: Self.answerTimeout)
        return try JSONDecoder().decode(Answer.self, from: Data(answer))
    }
}
