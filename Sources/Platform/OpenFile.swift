import Glibc

/// A file descriptor that closes with its owner (開いたファイル).
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileFailure) {
        var opened: Int32
        repeat {
            opened = unsafe open(path, flags | O_CLOEXEC, mode)
        } while opened < 0 && errno == EINTR
        guard opened >= 0 else { throw FileFailure.last("open", path) }
        descriptor = opened
        self.path = path
    }

    deinit { close(descriptor) }

    borrowing func status() throws(FileFailure) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileFailure.last("fstat", path) }
        return status
    }

    /// All bytes; a file of more than `limit` bytes is refused.
    borrowing func readAll(limit: Int) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure.last("read", path) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw FileFailure(path: path, operation: "larger than \(limit) bytes", code: 0)
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    borrowing func writeAll(_ bytes: [UInt8]) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure.last("write", path) }
            written += count
        }
    }

    borrowing func synchronise() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw FileFailure.last("fsync", path) }
    }

    static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        return try file.readAll(limit: limit)
    }
}

/// The part of a path that names its directory.
func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
