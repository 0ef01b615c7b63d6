import Glibc
import Synchronization

/// A named instruction at which a lab kills the process (強制終了点), to show that nothing is lost there.
///
/// Armed by a lab configuration only; unarmed, reaching one costs a relaxed load.
package enum KillPoint {
    private struct Armed {
        let name: String
        var remaining: Int
    }
    private static let isArmed = Atomic<Bool>(false)
    private static let armed = Mutex<Armed?>(nil)

    /// Arms one point: `journal.before-commit`, or `journal.before-commit:3` for the third time it is reached.
    package static func arm(_ text: String) throws(InvalidKillPoint) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2,
            name.utf8.allSatisfy({ isNameByte($0) })
        else { throw InvalidKillPoint() }
        var count = 1
        if parts.count == 2 {
            guard let given = Int(parts[1]), given >= 1 else { throw InvalidKillPoint() }
            count = given
        }
        armed.withLock { $0 = Armed(name: String(name), remaining: count) }
        isArmed.store(true, ordering: .releasing)
    }

    /// Kills this process, without any cleaning up, if the point is armed and its count is reached.
    @inline(__always)
    package static func reach(_ name: StaticString) {
        if isArmed.load(ordering: .relaxed) { strike(name) }
    }

    @inline(never)
    private static func strike(_ name: StaticString) {
        let dies = armed.withLock { armed in
            guard var point = armed, point.name == name.description else { return false }
            point.remaining -= 1
            armed = point
            return point.remaining == 0
        }
        guard dies else { return }
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
    }
}

/// A text that names no kill point.
package struct InvalidKillPoint: Error, Hashable, CustomStringConvertible {
    package var description: String {
        "a kill point is a name of lower-case letters, digits, dots and hyphens, with :n for the n-th time"
    }
}
