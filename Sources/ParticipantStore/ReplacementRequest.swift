import FoundationEssentials
import Messaging
import Participant

/// A hub's request for a superseding message (差替え依頼; corrections.md 16), as it arrives.
struct ReplacementRequest {
    static let type = "dead-letter.replacement.request"

    /// The message that became a dead letter.
    let message: MessageID
    let reason: String

    private struct Layout: Decodable {
        let message: String
        let reason: String
    }

    /// Throws what the decoder or the identifier throws; the hub checked the layout before.
    init(_ received: ReceivedMessage) throws {
        let layout = try JSONDecoder().decode(Layout.self, from: Data(received.payload))
        message = try MessageID(layout.message)
        reason = layout.reason
    }
}
