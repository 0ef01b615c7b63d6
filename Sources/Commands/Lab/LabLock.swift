internal import Glibc

/// Whose lab a directory is (検証環境の占有): one process keeps a lab running, and others can tell that one does.
final class LabLock {
    private let descriptor: Int32

    /// Takes the lock of `directory`; nil when another process keeps that lab running.
    init?(_ directory: String) throws {
        descriptor = unsafe open(directory + "/lab.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandFailure(
                "directory-not-writable",
                "状態ディレクトリに書けません (cannot write to \(directory): \(reason))",
                hint: "--lab DIR で書ける場所を指定 (name a writable place)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Whether a lab was kept running in `directory` once and no process keeps it now.
    ///
    /// Only a hint: somebody may run its hubs without the lock.
    static func isLeft(_ directory: String) -> Bool {
        unsafe access(directory + "/lab.lock", F_OK) == 0 && !isHeld(directory)
    }

    /// Whether some process keeps the lab in `directory` running.
    static func isHeld(_ directory: String) -> Bool {
        let descriptor = unsafe open(directory + "/lab.lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }
}
