import GRDB
import Glibc
import Messaging
import Participant
import ParticipantStore
import Platform
import Testing

/// A process killed around its commit, with SIGKILL, and what the next one finds.
@Suite("Killed processes")
struct KillTests {
    @Test(
        "Killed before the commit nothing of a burst is there; killed after it, all of it is",
        arguments: [("store.before-commit", 0), ("store.after-commit", 2)])
    func aroundTheCommit(point: String, applied: Int) async throws {
        let bench = try Workbench()
        let path = bench.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, point = point as String] in
            try KillPoint.arm(point)
            _ = try Self.applyBurst(to: path)
        }
        let zone = try ZoneID(Workbench.zone)
        let store = try Self.open(path)
        let outgoing = try store.outgoing(in: zone, after: 0, limit: 9, bytes: 1 << 20)
        #expect(outgoing.map(\.number.sequence) == (0..<applied).map { UInt64($0) + 1 })
        #expect(try Self.applyBurst(to: path) == [.accepted, .accepted])
        let rows = try store.perform {
            try Int.fetchAll($0.database, sql: "SELECT number FROM applied ORDER BY number")
        }
        #expect(rows == [1, 2])
    }

    private static func open(_ path: String) throws -> DurableStore {
        let handler = ClosureHandler()
        handler.onReceive = { message, transaction in
            let number = Int64(message.envelope.id.number.sequence)
            try transaction.database.execute(
                sql: "INSERT INTO applied VALUES (?, 'x')", arguments: [number])
            try transaction.send(outgoing("m\(number)"), in: message.zone)
        }
        return try DurableStore(
            path: path, participant: ParticipantID("municipalCS"),
            organisation: OrganisationCode("082015"), zones: [ZoneID(Workbench.zone)],
            sealingKey: [UInt8](repeating: 7, count: 32), handler: handler, clock: SteppedClock())
    }

    private static func applyBurst(to path: String) throws -> [Settlement] {
        try open(path).apply([received(1), received(2)], now: SteppedClock().now())
    }
}
