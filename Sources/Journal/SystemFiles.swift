import Glibc

/// The few file operations whose durability the journal depends on (耐久ファイル操作).
enum SystemFiles {
    static func failure(_ operation: String) -> JournalError {
        let cause = unsafe String(cString: strerror(errno))
        return JournalError(errno == ENOSPC ? .full : .storage, operation, cause)
    }

    /// Makes `path`, readable by its owner alone, unless it is there.
    static func makeDirectory(_ path: String) throws(JournalError) {
        var parent = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            parent += (parent.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            guard unsafe mkdir(parent, 0o700) == 0 || errno == EEXIST else {
                throw failure("make directory \(parent)")
            }
        }
        guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
            throw failure("use directory \(path)")
        }
    }

    /// Makes names in `path` durable.
    static func synchroniseDirectory(_ path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open directory \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync directory \(path)") }
    }

    /// Writes a new file so that after a crash it is whole or absent; 0600.
    static func writeNew(_ bytes: [UInt8], directory: String, name: String) throws(JournalError) {
        let path = directory + "/" + name
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create \(name)") }
        let written = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        let isDurable = written == bytes.count && fsync(descriptor) == 0
        let cause = failure("write \(name)")
        close(descriptor)
        guard isDurable else { throw cause }
        guard unsafe rename(draft, path) == 0 else { throw failure("rename \(name)") }
        try synchroniseDirectory(directory)
    }

    /// The file's bytes if it is there and at most `limit` long.
    static func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open a key file")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw failure("read a key file") }
        guard count <= limit else { throw JournalError(.key, "read a key file", "it is too long") }
        return Array(bytes[0..<count])
    }

    /// Overwrites and removes a file for good. False if it was not there.
    static func destroy(directory: String, name: String) throws(JournalError) -> Bool {
        let path = directory + "/" + name
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw failure("open \(name)")
        }
        let zeros = [UInt8](repeating: 0, count: 64)
        let written = unsafe zeros.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        let isDurable = written == zeros.count && fsync(descriptor) == 0
        let cause = failure("overwrite \(name)")
        close(descriptor)
        guard isDurable else { throw cause }
        guard unsafe unlink(path) == 0 else { throw failure("remove \(name)") }
        try synchroniseDirectory(directory)
        return true
    }

    static func random(_ count: Int) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try fillRandom(&bytes)
        return bytes
    }

    /// From the kernel, 256 bytes a call.
    static func fillRandom(_ bytes: inout [UInt8]) throws(JournalError) {
        var filled = 0
        while filled < bytes.count {
            let piece = min(256, bytes.count - filled)
            let code = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe getentropy(bytes.baseAddress?.advanced(by: filled), piece)
            }
            guard code == 0 else { throw failure("getentropy") }
            filled += piece
        }
    }
}

/// The lock that keeps a second hub off the same files (二重起動防止).
///
/// An `flock` held as long as this object lives; the kernel drops it with the process.
final class DirectoryLock {
    private let descriptor: Int32

    init(_ path: String) throws(JournalError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFiles.failure("open the lock file") }
        // A process that is just being started holds every open file until it has become itself: a lock
        // let go a moment ago may be held that moment longer by a child of its former owner.
        var attempts = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let isTaken = errno == EWOULDBLOCK
            attempts += 1
            if isTaken, attempts < Self.attemptLimit {
                usleep(Self.pauseMicroseconds)
                continue
            }
            let cause = SystemFiles.failure("lock")
            close(descriptor)
            throw isTaken
                ? JournalError(.inUse, "lock \(path)", "another hub has this journal open") : cause
        }
    }

    /// Half a second in all.
    private static let attemptLimit = 26
    private static let pauseMicroseconds: UInt32 = 20_000

    deinit { close(descriptor) }
}
