import GRDB
import Messaging
import Participant
import ParticipantStore

/// Turns transfers into files and requests into messages (ファイル連携の業務処理).
final class FileAdapterHandler: MessageHandler {
    private let dispatch: Dispatch
    private let table: TransferTable
    private let files: DepartmentFiles

    init(dispatch: Dispatch, table: TransferTable, files: DepartmentFiles) {
        self.dispatch = dispatch
        self.table = table
        self.files = files
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        RequestStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "resident-info.transfer": try write(message, transaction)
        case "resident-info.snapshot.completed": try complete(message, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    /// The file first, then the acknowledgement: a process that dies between them writes the same file again.
    private func write(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let transfer = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let addressee = transfer["addresseeNumber"], let version = transfer["recordVersion"]
        else { throw Refuse("payload-unreadable") }
        try files.write(table.text(of: transfer), as: "\(name(of: message)).csv")
        let ack: JSONFields = [
            "addresseeNumber": addressee, "recordVersion": version, "result": .text("accepted"),
        ]
        try dispatch.send(
            Draft("resident-info.ack/v1", ack).ordered(
                by: "addresseeNumber:\(addressee.text ?? "")"),
            to: message.envelope.source, for: Cause(message), transaction)
    }

    private func complete(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let done = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        func count(_ name: String) -> String { done[name]?.integer.map { String($0) } ?? "" }
        let text =
            "\u{FEFF}全件提供番号,結果,理由,提供件数,異動が先に届いた件数\r\n"
            + [
                done["snapshotId"]?.text ?? "", done["result"]?.text ?? "",
                done["code"]?.text ?? "", count("sent"), count("overtaken"),
            ].joined(separator: ",") + "\r\n"
        try files.write(text, as: "\(name(of: message)).completed.csv")
    }

    /// By position: sorted by name they are in the order of the bus.
    private func name(of message: ReceivedMessage) -> String {
        let digits = String(message.position.rawValue)
        return "transfer-" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    /// Sends the requests the department has laid down; each once.
    func tick(_ transaction: Transaction) throws {
        for id in files.waitingRequests() {
            guard let correlation = try? CorrelationID("snapshot-\(id)"), id.count <= 40 else {
                files.mark(id, as: "refused")
                continue
            }
            if try RequestStore.note(id, transaction.database) {
                let draft = try Draft(
                    "resident-info.snapshot.request/v1", ["snapshotId": .text(id)] as JSONFields)
                let cause = Cause(zone: nil, causation: nil, operatorID: nil, terminal: nil) { _ in
                    correlation
                }
                try dispatch.send(
                    draft, to: ParticipantID("officeLinkage"), for: cause, transaction)
            } else {
                // Sent and committed before; only the file's name was not changed yet.
                files.mark(id, as: "sent")
            }
        }
    }
}
