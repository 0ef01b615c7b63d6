import Foundation
import Messaging
package import Simulation
import Synchronization
import ZeroMQ

/// Kills a lab's processes in the middle of a run, and starts them again.
///
/// `tell` is given what the scenario tells; what dies at a kill point of its own is waited for on a thread.
package final class Saboteur {
    /// SIGKILL as soon as so many hop lines that concern the process were heard.
    package struct Strike: Sendable {
        package let process: String
        package let line: Int
        package let pause: Duration

        package init(_ process: String, atLine line: Int, pause: Duration) {
            self.process = process
            self.line = line
            self.pause = pause
        }
    }

    /// One death, and how long it lasted.
    package struct Death: Sendable {
        package let process: String
        package let status: Int32?
        /// A named point, or the hop line at which it was struck.
        package let moment: String
        package let pause: Duration
    }

    /// How long between two looks whether the run is over without an armed process having reached its point.
    private static let look = Duration.milliseconds(200)

    private let lab: Lab
    private var strikes: [Strike]
    private var heard: [String: Int] = [:]
    private var threads: [SocketThread] = []
    private var revivals: [String: SocketThread] = [:]
    private let outcome = Outcome()

    private final class Outcome: Sendable {
        let deaths = Mutex<[Death]>([])
        let failures = Mutex<[String]>([])
        let isOver = Atomic(false)
    }

    package init(_ lab: Lab, strikes: [Strike] = []) {
        self.lab = lab
        self.strikes = strikes
    }

    /// Starts a process anew with a kill point armed; once dead of it, it is started again without.
    package func ambush(_ process: String, at point: String, pause: Duration) throws {
        try lab.kill(process)
        try lab.arm(process, killAt: point)
        try lab.start(process)
        threads.append(
            try SocketThread(name: "ambush") { [lab, outcome] in
                while !lab.waitForEnd(process, timeout: Self.look) {
                    guard !outcome.isOver.load(ordering: .acquiring) else {
                        return outcome.failures.withLock {
                            $0.append("\(process) never reached \(point)")
                        }
                    }
                }
                Self.revive(process, lab, outcome, moment: point, pause: pause) {
                    try lab.arm(process, killAt: nil)
                }
            })
    }

    /// Counts a hop line, and strikes who is due.
    package func tell(_ event: ScenarioEvent) {
        guard case .hop(let line) = event else { return }
        for process in Self.concerned(by: line) {
            heard[process, default: 0] += 1
            guard
                let index = strikes.firstIndex(where: {
                    $0.process == process && $0.line <= heard[process, default: 0]
                })
            else { continue }
            strike(strikes.remove(at: index), line)
        }
    }

    private func strike(_ strike: Strike, _ line: HopEvent) {
        let moment =
            "line \(strike.line): \(line.event) \(line.step ?? "-") \(line.type ?? "?") "
            + "→ \(line.recipient ?? "?")"
        do {
            // Struck again before it lives again, it would die once and be counted twice.
            revivals[strike.process]?.join()
            try lab.kill(strike.process)
            let revival = try SocketThread(name: "revival") { [lab, outcome] in
                Self.revive(strike.process, lab, outcome, moment: moment, pause: strike.pause) {}
            }
            revivals[strike.process] = revival
            threads.append(revival)
        } catch {
            outcome.failures.withLock { $0.append("\(strike.process): \(error)") }
        }
    }

    private static func revive(
        _ process: String, _ lab: Lab, _ outcome: Outcome, moment: String, pause: Duration,
        _ prepare: () throws -> Void
    ) {
        let status = lab.exitStatus(of: process)
        outcome.deaths.withLock {
            $0.append(Death(process: process, status: status, moment: moment, pause: pause))
        }
        do {
            try prepare()
            // The outage is what is tested; nothing is waited for.
            usleep(UInt32(pause / .microseconds(1)))
            try lab.start(process)
        } catch {
            outcome.failures.withLock { $0.append("\(process) does not start again: \(error)") }
        }
    }

    /// The run is over, however it ended: waits for revivals under way, and for nobody else.
    package func stop() {
        outcome.isOver.store(true, ordering: .releasing)
        for thread in threads { thread.join() }
        threads = []
    }

    /// Waits until everybody lives again; throws where a death was planned and did not happen.
    @discardableResult
    package func finish() throws -> [Death] {
        stop()
        let missed = strikes.map { "\($0.process) was never struck at line \($0.line)" }
        let failures = outcome.failures.withLock { $0 } + missed
        guard failures.isEmpty else { throw TestFailure(failures.joined(separator: "; ")) }
        return outcome.deaths.withLock { $0 }
    }

    // MARK: - Moments

    /// How many lines concern each process in a run.
    package static func lines(_ hops: [HopEvent]) -> [String: Int] {
        hops.reduce(into: [:]) { counts, line in
            for process in concerned(by: line) { counts[process, default: 0] += 1 }
        }
    }

    /// The processes an admission or a settlement is about: the hub that tells it, and who sends and receives.
    ///
    /// Other lines may be lost with a hub. The lab's own questions count for nobody: how often they are put depends on
    /// the machine.
    private static func concerned(by line: HopEvent) -> Set<String> {
        guard let type = line.type, !type.hasPrefix("lab."),
            line.event == .admitted || line.event == .settled
        else { return [] }
        var processes: Set<String> = ["hub-\(line.zone)"]
        let recipients = (line.recipient ?? "").split(separator: ",").map(String.init)
        for party in recipients + [line.source].compactMap(\.self) {
            let system = LabCast.systems.first { $0.participant.rawValue == party }
            processes.insert(system?.process ?? LabCast.outsideProcess)
        }
        return processes
    }
}

/// The same numbers for the same seed, on every machine (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
