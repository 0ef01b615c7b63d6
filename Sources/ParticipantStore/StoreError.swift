/// Why a participant's own database cannot be used (自データベースの異常).
///
/// Ends the process that meets it: a store that may have lost or doubled a number must not go on.
/// Holds no payload and no identifier of a person.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable code: `format-newer`, `participant-mismatch`, `synchronous-not-full`, `journal-mode`, `secure-delete`,
    /// `zone-unknown`, `sealing-key`, `journal-rolled-back`, `numbers-rolled-back`, `sequence-unknown`, `body-unreadable`.
    public let code: String
    /// What was tried, in words for an operator.
    public let attempted: String

    public init(_ code: String, _ attempted: String) {
        self.code = code
        self.attempted = attempted
    }

    public var description: String { "\(code): \(attempted)" }
}
