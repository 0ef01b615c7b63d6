import BusProtocol
import Messaging

/// One greeted connection (セッション): the newest of its participant; frames of an older epoch are refused.
struct Session {
    let routing: RoutingID
    let address: [UInt8]
    let party: Int
    let epoch: UInt32
    let incarnation: UInt64
    let since: Instant
    /// What the client may still publish.
    var publishCredit: CreditWindow
    /// What the client lets the hub deliver; nil until SUBSCRIBE.
    var deliveryCredit: CreditWindow?
    var lastHeard: UInt64
    /// Set when it must be cut off: nothing more is sent to it.
    var isClosing = false
    /// Set when WELCOME was sent: nothing but HELLO is taken before.
    var isWelcome = false
}
