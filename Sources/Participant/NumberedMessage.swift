public import Messaging

/// A message of the outbox that has its number (付番済電文) and waits for the hub's answer.
public struct NumberedMessage: Hashable, Sendable {
    public let zone: ZoneID
    public let number: MessageNumber
    /// The encoded envelope; equal bytes at every resend, so that the hub finds the same digest.
    public let envelope: [UInt8]
    public let payload: [UInt8]

    public init(zone: ZoneID, number: MessageNumber, envelope: [UInt8], payload: [UInt8]) {
        self.zone = zone
        self.number = number
        self.envelope = envelope
        self.payload = payload
    }
}
