internal import Glibc

/// A payload a person names (電文ファイル): a path, or `-` for standard input.
enum PayloadFile {
    /// A larger one is no message.
    static let limitBytes = 8 << 20

    static func read(_ name: String) throws -> [UInt8] {
        let descriptor = name == "-" ? STDIN_FILENO : unsafe open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(name) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limitBytes {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw CommandFailure(
            "file-too-large", "大きすぎます (\(name) is larger than \(limitBytes) bytes)", hint: "")
    }

    private static func failure(_ name: String) -> CommandFailure {
        let reason = unsafe String(cString: strerror(errno))
        return CommandFailure(
            "file-unreadable", "ファイルを読めません (cannot read \(name): \(reason))", hint: "ls -l \(name)")
    }
}
