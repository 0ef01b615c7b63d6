import Messaging
import ParticipantStore

/// The 消除 of a 住民票 (除票): reason and date stand in the record, nothing is deleted.
enum Removal {
    static func mark(
        _ record: inout ResidentRecord, reason: Reason, on date: JSONValue, notified: JSONValue?
    ) {
        record[.removalCategory] = .text(reason.removalCategory)
        record[.removalMoveDate] = date
        record[.removalMoveReason] = .text(reason.rawValue)
        // A 転出 that takes effect keeps the 届出 it was planned by.
        if let notified {
            record[.removalNotifiedDate] = notified
            record[.removalNotifiedReason] = .text(reason.rawValue)
        }
        record[.moveReason] = .text(reason.rawValue)
    }
}
