internal import Glibc

/// A file that did not exist before (新規ファイル): created with its mode, never widened afterwards.
enum NewFile {
    static func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw failure(path, errno) }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        let reason = unsafe String(cString: strerror(code))
        return CommandFailure(
            "file-not-created", "ファイルを作成できません (cannot create \(path): \(reason))",
            hint: code == EEXIST ? "別の名前を指定 choose another name" : "ls -ld \(path)")
    }
}
