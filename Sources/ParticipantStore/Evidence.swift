public import Messaging

/// An audit record (証跡): what was done, with what result; who and when are the envelope's, content has no place.
public struct Evidence: Encodable, Sendable {
    let operation: String
    let result: String
    let code: String?
    let step: String?
    let reference: String?
    let count: Int?

    /// `result`: `accepted`, `refused`, `done` or `failed`; `reference` is a technical id, never a person's.
    public init(
        _ operation: String, result: String, code: String? = nil, step: String? = nil,
        reference: String? = nil, count: Int? = nil
    ) {
        self.operation = operation
        self.result = result
        self.code = code
        self.step = step
        self.reference = reference
        self.count = count
    }
}

extension Dispatch {
    /// Sends a record to a zone's evidence (L-28); nil takes the participant's first zone of the catalogue.
    public func record(
        _ evidence: Evidence, in zone: ZoneID?, for cause: Cause, _ transaction: Transaction
    ) throws {
        var draft = try Draft("audit.record/v1", evidence)
        draft.zone = zone
        if let step = evidence.step { draft.step = try StepID(step) }
        try send(draft, to: ParticipantID("hub"), for: cause, transaction)
    }
}
