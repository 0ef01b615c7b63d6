import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報の複製: 管理権限を与えられた者以外、情報の複製は行えない.
extension CSHandler {
    func export(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ExportRequest.self, from: message.payload)
        let database = transaction.database
        let name = message.envelope.operatorID?.rawValue ?? ""
        let refusal = try refusal(of: request, by: name, database)
        var fields: JSONFields = [:]
        if refusal == nil, let directory = settings.exportDirectory, let key = settings.exportKey {
            try database.execute(
                sql: """
                    INSERT INTO export_ledger(at, operator, terminal, purpose, mediumId, approver, approvalReference,
                        ledgerEntry, recordCount)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [
                    transaction.now.rfc3339, name, message.envelope.terminal?.rawValue,
                    request.purpose, request.mediumId, request.approver,
                    request.approvalReference, request.ledgerEntry,
                ])
            let number = database.lastInsertedRowID
            let count = try ExportStore.write("E\(number)", to: directory, key: key, database)
            try database.execute(
                sql: "UPDATE export_ledger SET recordCount = ? WHERE number = ?",
                arguments: [count, number])
            fields["exportNumber"] = .text("E\(number)")
            fields["recordCount"] = .integer(Int64(count))
        }
        try dispatch.record(
            Evidence(
                "cs.export", result: refusal == nil ? "accepted" : "refused", code: refusal,
                reference: request.ledgerEntry), in: message.zone, for: Cause(message), transaction)
        try answer(message, "cs.export.reply/v1", fields, refusal: refusal, transaction)
    }

    private func refusal(
        of request: ExportRequest, by name: String, _ database: Database
    ) throws -> String? {
        guard settings.administrators.contains(name) else { return "not-administrator" }
        guard request.approver != name, settings.managers.contains(request.approver) else {
            return "approver-not-authorised"
        }
        guard settings.registeredMedia.contains(request.mediumId) else {
            return "medium-not-registered"
        }
        guard settings.exportDirectory != nil, settings.exportKey != nil else {
            return "medium-not-mounted"
        }
        return try ExportStore.isKnown(ledgerEntry: request.ledgerEntry, database)
            ? "ledger-entry-used" : nil
    }
}

/// 複製の依頼.
private struct ExportRequest: Decodable {
    let purpose: String
    let mediumId: String
    let approver: String
    let approvalReference: String
    let ledgerEntry: String
}
