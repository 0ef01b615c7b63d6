import Foundation
import Messaging

/// What a change of the world does outside memory (外部作用): collected by parties, carried out by the stage.
///
/// Files are written before the change stands in the ledger and taken away after it; reading the ledger
/// again writes nothing and takes away what an earlier life did not get to.
struct OutsideEffects: Sendable {
    /// Files to write, by path.
    var writes: [String: [UInt8]] = [:]
    /// Paths of files to take away.
    var removals: [String] = []
    /// Messages whose content the ledger must not keep.
    var erasures: [MessageID: Erasure] = [:]

    /// What is left of a destroyed message (消去の残り): nothing of a person.
    struct Erasure: Hashable, Sendable {
        /// In the place of its content.
        let left: JSONValue
        /// What is kept of the arguments of the act that sent it, by name.
        let keptArguments: Set<String>
    }

    var isEmpty: Bool { writes.isEmpty && removals.isEmpty && erasures.isEmpty }
}

extension OutsideEffects {
    /// Puts the new files where they belong, on disk when this returns.
    func write() throws {
        for (path, bytes) in writes.sorted(by: { $0.key < $1.key }) {
            try WholeFile.replace(path, with: Data(bytes))
        }
    }

    /// Takes the files away that are to go; one that has gone already is no fault.
    func remove() throws {
        for path in removals where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}

/// A file that is replaced as a whole, durably (ファイルの置換え); its owner alone may read it.
enum WholeFile {
    /// Either the old content stands there or all of the new. Returns the new one, open at its end.
    @discardableResult
    static func replace(_ path: String, with content: Data) throws -> FileHandle {
        let other = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: other, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forUpdatingAtPath: other)
        else { throw LabFault("file-unwritable", "\(other) cannot be made") }
        try file.write(contentsOf: content)
        try file.synchronize()
        guard unsafe rename(other, path) == 0 else {
            throw LabFault("file-unwritable", "\(path) cannot be replaced")
        }
        let directory = FileHandle(
            forReadingAtPath: path.split(separator: "/", omittingEmptySubsequences: false)
                .dropLast().joined(separator: "/"))
        try directory?.synchronize()
        return file
    }
}
