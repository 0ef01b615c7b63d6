import GRDB
import Messaging

/// What others answered to what a change sent (連携結果): per person, version and step.
enum AnswerStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("answer 1") { database in
            try database.execute(
                sql: """
                    ALTER TABLE fan_out ADD COLUMN sequence INTEGER;
                    UPDATE fan_out SET sequence = version;
                    """)
        }
    }

    /// Notes that a step's message went out and waits for its answer; `sequence` is the number the answer names.
    static func await(
        step: String, addresseeNumber: String, version: Int64, sequence: Int64,
        _ database: Database
    ) throws {
        try RegisterStore.insert(
            into: "fan_out", ["addresseeNumber", "version", "step", "result", "sequence"],
            [addresseeNumber, version, step, "waiting", sequence], database)
    }

    /// The step that a request performs and whose answer is noted; nil for what nobody answers.
    static func step(ofRequest type: String) -> String? { requests[type] }

    /// The step that a reply answers.
    static func step(ofReply type: String) -> String? { replies[type] }

    private static let requests = [
        "identity.update.request": "A1-03", "replica.update.request": "A1-12",
        "certificate-data.update": "A1-13", "family-register-supplement.apply": "A4-04",
    ]
    private static let replies = [
        "identity.update.reply": "A1-03", "replica.update.reply": "A1-12",
        "certificate-data.ack": "A1-13", "family-register-supplement.ack": "A4-04",
    ]

    /// Without a sequence the latest message of the step is meant.
    static func answered(
        step: String, addresseeNumber: String, sequence: Int64?, _ outcome: Outcome,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE fan_out SET result = ?, code = ?
                WHERE addresseeNumber = ? AND step = ? AND sequence = coalesce(?, (
                    SELECT max(sequence) FROM fan_out WHERE addresseeNumber = ? AND step = ?))
                """,
            arguments: [
                outcome.result, outcome.code, addresseeNumber, step, sequence, addresseeNumber,
                step,
            ])
    }
}
