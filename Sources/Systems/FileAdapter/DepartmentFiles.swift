import Glibc
import ParticipantStore

/// The two directories a department shares with its adapter (受渡しフォルダー): files appear whole, or not at all.
struct DepartmentFiles: Sendable {
    let csv: String
    let requests: String

    /// Requests looked at in one tick.
    static let requestLimit = 16

    /// Throws `directory-unusable` where the process cannot write.
    static func check(_ directory: String) throws {
        guard unsafe access(directory, W_OK | X_OK) == 0 else {
            throw StoreError("directory-unusable", "opening \(directory)")
        }
    }

    /// Writes a file by another name, syncs it, and gives it its own; again under the same name it replaces itself.
    ///
    /// Throws ``RetryLater`` where the disk refuses: the message is delivered again later.
    func write(_ text: String, as name: String) throws {
        let part = "\(csv)/.\(name).part"
        let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.full }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.full }
            bytes = bytes.dropFirst(count)
        }
        guard fsync(descriptor) == 0, unsafe rename(part, "\(csv)/\(name)") == 0 else {
            throw Self.full
        }
        let directory = unsafe open(csv, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.full }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.full }
    }

    private static let full = RetryLater(after: .seconds(30), "department-directory-unwritable")

    /// The ids of requests that lie there, oldest name first.
    func waitingRequests() -> [String] {
        guard let stream = unsafe opendir(requests) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".request"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().prefix(Self.requestLimit).map { String($0.dropLast(8)) }
    }

    /// Marks a request as sent, or as refused for its name.
    func mark(_ id: String, as ending: String) {
        _ = unsafe rename("\(requests)/\(id).request", "\(requests)/\(id).\(ending)")
    }
}
