import Glibc

/// A directory that goes with its owner, for tests that need files.
@safe final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/jukihub-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw CannotMake() }
        path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct CannotMake: Error {}

    deinit { Self.remove(path) }

    /// Writes a file below the directory, making directories on the way, and answers its path.
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        var directory = path
        for part in name.split(separator: "/").dropLast() {
            directory += "/" + part
            _ = unsafe mkdir(directory, 0o700)
        }
        let file = path + "/" + name
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw CannotMake() }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let written = unsafe Glibc.write(descriptor, bytes, bytes.count)
        guard written == bytes.count, fchmod(descriptor, mode) == 0 else { throw CannotMake() }
        return file
    }

    private static func remove(_ path: String) {
        if let stream = unsafe opendir(path) {
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                    unsafe String(
                        cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
                if name != "." && name != ".." { remove(path + "/" + name) }
            }
            unsafe closedir(stream)
            _ = unsafe rmdir(path)
        } else {
            _ = unsafe unlink(path)
        }
    }
}
