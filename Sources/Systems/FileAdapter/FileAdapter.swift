import Messaging
package import Participant
package import ParticipantStore
package import Platform

/// ファイル連携: a department that exchanges files instead of messages, beside the bus.
///
/// What 庁内連携 transfers becomes one CSV file a message in the department's directory, written before it is acknowledged and
/// named by the message's position, so that a redelivery writes the same file again. A file `<id>.request` the department
/// lays down asks for everybody (全件提供).
package enum FileAdapter {
    /// The settings it knows: where files go to, and where the department lays its own.
    package static let outgoing = "csvDirectory"
    package static let incoming = "requestDirectory"

    /// What the adapter does with its messages, for a process or a test.
    package static func handler(
        dispatch: Dispatch, columns: [TransferColumn], csv: String, requests: String
    ) -> any MessageHandler {
        FileAdapterHandler(
            dispatch: dispatch, table: TransferTable(columns: columns),
            files: DepartmentFiles(csv: csv, requests: requests))
    }

    /// The process: a department's session in the 番号利用事務 zone and its two directories.
    ///
    /// Throws `setting-missing`, `recipient-unknown` or `directory-unusable`.
    package static func build(_ configuration: ProcessConfiguration) throws -> Participant {
        let process = try SystemProcess(configuration)
        let settings = try process.settings([outgoing, incoming])
        guard let csv = settings[outgoing], let requests = settings[incoming] else {
            throw StoreError("setting-missing", "reading \(outgoing) and \(incoming)")
        }
        for directory in [csv, requests] { try DepartmentFiles.check(directory) }
        let columns = try TransferColumn.read(
            profiles: process.file("catalogue/transfer-profiles.json"),
            records: process.file("catalogue/records.json"),
            for: configuration.participant)
        return try process.participant { dispatch, _ in
            handler(dispatch: dispatch, columns: columns, csv: csv, requests: requests)
        }
    }
}
