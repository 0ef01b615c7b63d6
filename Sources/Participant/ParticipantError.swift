public import Messaging

/// Why a participant ended without being asked to (参加の中断): only faults that an operator has to look
/// at.
///
/// Codes are the protocol's (`journal-rolled-back`, `superseded`, `stale-epoch`,
/// `catalogue-mismatch`, `unsupported-version`), `wrong-zone` and `storage-miscounted`. An error of
/// the storage itself is thrown as it is.
public struct ParticipantError: Error, Hashable, CustomStringConvertible {
    public let zone: ZoneID
    public let code: String
    public let text: String

    public init(zone: ZoneID, code: String, text: String) {
        self.zone = zone
        self.code = code
        self.text = text
    }

    public var description: String { "\(zone): \(code): \(text)" }
}
