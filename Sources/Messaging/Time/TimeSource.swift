/// Where a process gets the time from (時刻源): the system's clock, or the lab's that a command advances.
///
/// Decisions take the time as an argument (design §8); only drivers hold one of these.
public protocol TimeSource: Sendable {
    func now() -> Instant
}
