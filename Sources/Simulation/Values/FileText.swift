import Glibc
import Platform

/// A file somebody named, read whole (ファイル読込).
enum FileText {
    /// The longest file taken, in bytes.
    static let byteLimit = 8 << 20

    /// Throws ``FileFailure`` with the path and the reason.
    static func bytes(_ path: String) throws(FileFailure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= byteLimit {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw FileFailure(path: path, operation: "larger than \(byteLimit) bytes", code: 0)
    }

    /// As text; what is no UTF-8 is refused.
    static func text(_ path: String) throws(FileFailure) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw FileFailure(path: path, operation: "not UTF-8 text", code: 0)
        }
        return text
    }

    private static func failure(_ operation: String, _ path: String) -> FileFailure {
        FileFailure(path: path, operation: operation, code: errno)
    }
}
