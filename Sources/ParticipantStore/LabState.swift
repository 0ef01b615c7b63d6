import Messaging
public import Participant

/// The question of a test observer and the answer's form (試験用の状態照会): facts by name, no personal number.
public struct LabState: Decodable, Sendable {
    /// Whom the question is about; without one the whole system is meant.
    public struct Subject: Decodable, Sendable {
        public let juminhyoCode: String?
        public let addresseeNumber: String?
        public let integratedAddresseeNumber: String?
    }

    public let subject: Subject?

    /// The type that asks; exists in lab mode only.
    public static let requestType = "lab.state.request"

    public init(_ message: ReceivedMessage) throws {
        self = try PayloadCoding.decode(LabState.self, from: message.payload)
    }

    /// Answers the observer.
    public static func report(
        _ facts: JSONFields, to message: ReceivedMessage, by dispatch: Dispatch,
        _ transaction: Transaction
    ) throws {
        var draft = try Draft(
            "lab.state.report/v1",
            JSONValue.object([
                "system": .text(dispatch.participant.rawValue), "facts": .object(facts),
            ]))
        draft.zone = message.zone
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }
}
