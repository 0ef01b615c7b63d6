/// How much one side may still send to the other (流量枠), in messages and in bytes; both ends keep
/// one (design §4, Credit).
///
/// The sender spends and is topped up by CREDIT; the receiver mirrors the spending, releases what
/// it has settled, and grants it back once half of the window waits. A record may be sent while a
/// message and at least one byte remain, so the last record may overdraw the bytes: a window
/// smaller than a message slows down and never deadlocks.
package struct CreditWindow: Hashable, Sendable {
    /// The most that is ever outstanding, from SUBSCRIBE or WELCOME.
    package let limit: CreditGrant
    /// Messages that may still be sent.
    package private(set) var messages: Int64
    /// Bytes that may still be sent; negative after an overdraft.
    package private(set) var bytes: Int64
    /// Settled and not granted back yet.
    package private(set) var releasedMessages: Int64 = 0
    package private(set) var releasedBytes: Int64 = 0

    /// The most bytes a window holds; larger grants count as this, so that sums cannot overflow.
    static let byteCeiling: Int64 = 1 << 40
    static let messageCeiling: Int64 = Int64(UInt32.max)

    /// A window as it stands after the initial grant; throws `credit-exceeded` for an initial grant
    /// of nothing.
    package init(initial: CreditGrant) throws(ProtocolFault) {
        guard initial.messages > 0, initial.bytes > 0 else {
            throw ProtocolFault(.creditExceeded, "an initial credit grants at least one message")
        }
        limit = initial
        messages = Int64(initial.messages)
        bytes = Int64(min(initial.bytes, UInt64(Self.byteCeiling)))
    }

    /// Whether one more record may be sent.
    package var isOpen: Bool { messages > 0 && bytes > 0 }

    /// Messages granted and used, as outstanding: sent and not settled, or settled and not granted
    /// back.
    package var usedMessages: Int64 { Int64(limit.messages) - messages }

    /// Counts one record of `recordBytes` as sent or received; false, and nothing counted, without
    /// credit.
    package mutating func spend(_ recordBytes: Int) -> Bool {
        guard isOpen else { return false }
        messages -= 1
        bytes -= Int64(max(0, recordBytes))
        return true
    }

    /// The sender's side: counts a CREDIT; throws `credit-exceeded` where it would grant more than
    /// the window.
    package mutating func add(_ grant: CreditGrant) throws(ProtocolFault) {
        let moreMessages = messages + Int64(grant.messages)
        let moreBytes = bytes + Int64(min(grant.bytes, UInt64(Self.byteCeiling)))
        guard moreMessages <= Int64(limit.messages),
            moreBytes <= Int64(min(limit.bytes, UInt64(Self.byteCeiling)))
        else { throw ProtocolFault(.creditExceeded, "a credit grants more than was spent") }
        messages = moreMessages
        bytes = moreBytes
    }

    /// The receiver's side: what was received has been settled and may be granted back.
    package mutating func release(messages: Int, bytes: Int) {
        releasedMessages += Int64(messages)
        releasedBytes += Int64(bytes)
    }

    /// The receiver's side: the grant to send now, nil until half of the window, in messages or
    /// bytes, waits to be granted back.
    package mutating func topUpAtHalf() -> CreditGrant? {
        guard releasedMessages > 0 else { return nil }
        let byteLimit = Int64(min(limit.bytes, UInt64(Self.byteCeiling)))
        guard releasedMessages * 2 >= Int64(limit.messages) || releasedBytes * 2 >= byteLimit else {
            return nil
        }
        let grant = CreditGrant(
            messages: UInt32(clamping: releasedMessages), bytes: UInt64(clamping: releasedBytes))
        messages += releasedMessages
        bytes += releasedBytes
        releasedMessages = 0
        releasedBytes = 0
        return grant
    }
}
