internal import Messaging
internal import Platform

/// The messages of a measurement (性能試験電文), made by writing digits into one template: the sender must not cost
/// what the hub is measured by.
struct BenchMessage {
    /// Fields of fixed width, so that every message is the template with other digits.
    private static let sequenceBase = 1_000_000_000
    private static let timeBase: UInt64 = 1_000_000_000_000_000_000
    private static let timeDigits = 19
    private static let subjectBase = 88_880_000_000

    private let payload: [UInt8]
    private let subjectAt: Int
    private let sequenceAt: Int
    private let timeAt: Int
    private let envelopeHead: [UInt8]
    private let envelopeTail: [UInt8]
    private let subjects: Int

    init(
        plan: BenchPlan, from source: ParticipantID, to recipient: ParticipantID,
        organisation: OrganisationCode, incarnation: UInt64, time: Instant
    ) throws {
        subjects = plan.subjects
        let subject = "{\"subject\":\""
        let sequence = "\",\"sequence\":"
        let sent = ",\"sentNanoseconds\":"
        let filler = ",\"filler\":\""
        var text = subject
        subjectAt = text.utf8.count
        text += String(Self.subjectBase) + sequence
        sequenceAt = text.utf8.count
        text += String(Self.sequenceBase) + sent
        timeAt = text.utf8.count
        text += String(Self.timeBase) + filler
        let rest = plan.payloadBytes - text.utf8.count - 2
        guard rest >= 0 else {
            throw CommandFailure(
                "payload-too-small", "--bytes が小さすぎます (at least \(text.utf8.count + 2))",
                hint: "--bytes 1024", exit: .usage)
        }
        payload = Array((text + String(repeating: "x", count: rest) + "\"}").utf8)

        let envelope = Envelope(
            id: MessageID(
                source: source, number: MessageNumber(incarnation: incarnation, sequence: 1)),
            source: source, topic: try Topic("bench.message/v1"), time: time,
            recipients: [recipient], step: nil, correlation: try CorrelationID("bench"),
            causation: nil, operatorID: nil, terminal: nil, businessTask: nil, legalBasis: nil,
            organisation: organisation, expiry: nil)
        let encoded = envelope.encoded()
        let id = Array("\"id\":\"\(envelope.id.rawValue)".utf8)
        guard let start = encoded.firstRange(of: id) else {
            preconditionFailure("an envelope holds its id")
        }
        envelopeHead = Array(encoded[..<(start.upperBound - 1)])
        envelopeTail = Array(encoded[start.upperBound...])
    }

    func envelope(_ sequence: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(envelopeHead.count + envelopeTail.count + 20)
        bytes += envelopeHead
        bytes += String(sequence).utf8
        bytes += envelopeTail
        return bytes
    }

    /// The subject walks through all persons in an order that puts neighbours far apart.
    func payload(_ sequence: UInt64, sentAt nanoseconds: UInt64) -> [UInt8] {
        var bytes = payload
        let person = Int(sequence % UInt64(subjects)) &* 7_919 % subjects
        Self.write(UInt64(Self.subjectBase + person), 11, at: subjectAt, into: &bytes)
        Self.write(UInt64(Self.sequenceBase) + sequence, 10, at: sequenceAt, into: &bytes)
        Self.write(Self.timeBase + nanoseconds, Self.timeDigits, at: timeAt, into: &bytes)
        return bytes
    }

    /// When a received payload was sent.
    func sentAt(_ payload: [UInt8]) -> UInt64 {
        var value: UInt64 = 0
        for index in timeAt..<(timeAt + Self.timeDigits) {
            value = value &* 10 &+ UInt64(payload[index] &- 0x30)
        }
        return value - Self.timeBase
    }

    private static func write(
        _ value: UInt64, _ digits: Int, at start: Int, into bytes: inout [UInt8]
    ) {
        var value = value
        for index in stride(from: start + digits - 1, through: start, by: -1) {
            bytes[index] = 0x30 + UInt8(value % 10)
            value /= 10
        }
    }
}
