/// Why the journal could not do what was asked (台帳の誤り). Carries no content of any message.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Another hub has these files open.
        case inUse = "journal-in-use"
        /// Written by a newer version of this software.
        case newerFormat = "journal-newer-format"
        /// The files belong to another zone.
        case wrongZone = "journal-wrong-zone"
        /// `synchronous` is not FULL, or another safety setting did not take.
        case unsafeSettings = "journal-unsafe-settings"
        /// The last block does not follow from the one before, or SQLite found damage.
        case damaged = "journal-damaged"
        /// SQLite or the file system refused; never retried.
        case storage = "journal-storage"
        /// No room on the disk.
        case full = "journal-full"
        /// A content key is missing or unreadable where one is needed for writing.
        case key = "journal-key"
    }

    package var code: Code
    /// What was tried.
    package var operation: String
    /// The cause in SQLite's or the system's words.
    package var cause: String

    package init(_ code: Code, _ operation: String, _ cause: String) {
        self.code = code
        self.operation = operation
        self.cause = cause
    }

    package var description: String { "\(code.rawValue): \(operation): \(cause)" }
}
