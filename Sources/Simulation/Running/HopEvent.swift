import FoundationEssentials
import Messaging
import Operations

/// One line of a hub's tap (経路の一行): what happened to one message, without its content.
package struct HopEvent: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case admitted, delivered, settled, refused, parked, expired
        /// Delivered in another version with values dropped that the receiver does without.
        case converted
    }

    package let event: Kind
    package let zone: String
    package let position: UInt64?
    package private(set) var id: String?
    /// `identity.update.request/v3`.
    package private(set) var type: String?
    package private(set) var step: String?
    package private(set) var source: String?
    package let recipient: String?
    package private(set) var bytes: Int?
    /// From commit to this event.
    package private(set) var latencyMicroseconds: Int?
    package let time: String?
    package private(set) var correlation: String?
    /// Why a hub refused or parked it, or with which code it refuses what it answers.
    package private(set) var code: String?

    /// What the hub's own record says of one message.
    init(_ event: Kind, of message: MessageSummary, to recipient: String?, at time: String?) {
        self.event = event
        zone = message.zone
        position = message.position
        id = message.id
        type = message.topic
        step = message.step
        source = message.source
        self.recipient = recipient
        bytes = message.bytes
        self.time = time
        correlation = message.correlation
        code = message.refusalCode
    }

    /// What the hub's own record says of one refusal.
    init(refusal: RefusalView, zone: ZoneID) {
        event = .refused
        self.zone = zone.rawValue
        position = nil
        id = nil
        type = refusal.topic
        source = refusal.source
        recipient = refusal.recipient
        time = refusal.time
        code = refusal.code
    }

    /// Nil for a line of a kind this room does not know.
    package init?(parsing bytes: [UInt8]) {
        guard let event = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
            return nil
        }
        self = event
    }

    /// This line with what the same message's admission said and this one leaves out.
    ///
    /// A hub that settles has the message's place at hand and no more.
    func completed(by admission: HopEvent) -> HopEvent {
        var line = self
        line.id = id ?? admission.id
        line.type = type ?? admission.type
        line.step = step ?? admission.step
        line.source = source ?? admission.source
        line.correlation = correlation ?? admission.correlation
        line.code = code ?? admission.code
        if bytes ?? 0 == 0 { line.bytes = admission.bytes }
        line.latencyMicroseconds = latencyMicroseconds ?? Self.microseconds(admission, self)
        return line
    }

    /// Nil where the lab's clock was moved in between, or a time is missing.
    private static func microseconds(_ from: HopEvent, _ to: HopEvent) -> Int? {
        guard let begun = from.time.flatMap({ try? Instant(rfc3339: $0) }),
            let ended = to.time.flatMap({ try? Instant(rfc3339: $0) })
        else { return nil }
        let passed = ended - begun
        return passed < .zero || passed > .seconds(3_600) ? nil : Int(passed / .microseconds(1))
    }
}
