import Glibc
package import Messaging
import Synchronization

/// The lab's clock (模擬時計): the system's, moved by an offset that all processes of one lab share.
///
/// The offset stands in a file of eight bytes (nanoseconds, the machine's byte order) mapped into every
/// process, so that `now` costs no system call more than the system's own. Only a lab configuration names such a file.
@safe package final class LabClock: TimeSource {
    private static let byteCount = MemoryLayout<Int64>.size
    /// Mapped for the object's life, and read and written atomically only: so any thread may.
    private nonisolated(unsafe) let offset: UnsafeMutablePointer<Atomic<Int64>>
    private let system = SystemClock()

    /// Opens the clock at `path`; `createIfMissing` makes one that runs with the system's clock.
    package init(path: String, createIfMissing: Bool) throws(FileFailure) {
        let file = try OpenFile(path, createIfMissing ? O_RDWR | O_CREAT : O_RDWR)
        // Two processes may both find it empty: both make it the same eight zero bytes.
        if try file.status().st_size == 0 && createIfMissing {
            guard ftruncate(file.descriptor, off_t(Self.byteCount)) == 0 else {
                throw FileFailure.last("ftruncate", path)
            }
        }
        guard try file.status().st_size == Self.byteCount else {
            throw FileFailure(path: path, operation: "a lab clock file has eight bytes", code: 0)
        }
        let mapped = unsafe mmap(
            nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw FileFailure.last("mmap", path)
        }
        unsafe offset = mapped.bindMemory(to: Atomic<Int64>.self, capacity: 1)
    }

    deinit { unsafe munmap(offset, Self.byteCount) }

    package func now() -> Instant {
        system.now() + .nanoseconds(unsafe offset.pointee.load(ordering: .acquiring))
    }

    /// Moves every process of the lab forward.
    package func advance(by duration: Duration) {
        precondition(duration >= .zero, "a lab clock advances; set(to:) chooses another time")
        let moved = Instant(nanosecondsSince1970: 0) + duration
        unsafe offset.pointee.wrappingAdd(
            moved.nanosecondsSince1970, ordering: .acquiringAndReleasing)
    }

    /// Makes it `time` in every process of the lab, from where it runs on.
    package func set(to time: Instant) {
        let system = system.now().nanosecondsSince1970
        unsafe offset.pointee.store(time.nanosecondsSince1970 - system, ordering: .releasing)
    }
}
