import FoundationEssentials

/// One line of a hub's tap (経路の一行): what happened to one message, without its content.
package struct HopEvent: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case admitted, delivered, settled, refused, parked, expired
    }

    package let event: Kind
    package let zone: String
    package let position: UInt64?
    package let id: String?
    /// `identity.update.request/v3`.
    package let type: String?
    package let step: String?
    package let source: String?
    package let recipient: String?
    package let bytes: Int?
    package let latencyMicroseconds: Int?
    package let time: String?
    package let correlation: String?
    package let code: String?

    /// Nil for a line of a kind this room does not know.
    package init?(parsing bytes: [UInt8]) {
        guard let event = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
            return nil
        }
        self = event
    }
}
