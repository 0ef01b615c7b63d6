import Foundation
import Messaging
import Operations
import Simulation
import TestSupport
import Testing

/// SC-01 as real processes, any of which is killed with SIGKILL in the middle and started again: the run ends in the
/// very state an undisturbed one ends in, message for message.
@Suite("特例転入 while processes are killed", .serialized)
struct MoveInUnderKillsTests {
    /// What an undisturbed run leaves, and how many hop lines concern each process in it.
    struct Undisturbed: Sendable {
        let state: FinalState
        let lines: [String: Int]
    }

    /// Played once for all tests.
    static let undisturbed = Result {
        let fixture = try LabFixture()
        let report = try fixture.play()
        guard report.passed else { throw TestFailure(failures(of: report, fixture)) }
        let state = try fixture.finalState(about: mover)
        fixture.passed()
        return Undisturbed(state: state, lines: Saboteur.lines(report.hops))
    }

    static let mover = "P04"

    static func failures(of report: ScenarioReport, _ fixture: LabFixture) -> String {
        report.results.filter { !$0.passed }.map {
            "\($0.number). \($0.name): \($0.failures.joined(separator: "; "))"
        }.joined(separator: "\n") + "\nsee \(fixture.directory)"
    }

    /// Plays the scenario against `saboteur` and compares what stands afterwards.
    private func play(
        _ fixture: LabFixture, _ saboteur: Saboteur, deaths expected: [String]
    ) throws {
        let undisturbed = try Self.undisturbed.get()
        let begun = ContinuousClock.now
        let report = try fixture.play { saboteur.tell($0) }
        let deaths = try saboteur.finish()
        #expect(report.passed, "\(Self.failures(of: report, fixture))")
        #expect(deaths.map(\.process).sorted() == expected.sorted())
        #expect(deaths.allSatisfy { $0.status == 128 + SIGKILL }, "of SIGKILL and nothing else")
        #expect(fixture.lab.ended == [], "everybody lives again")
        var unaccounted: [String] = []
        try? eventually(within: .seconds(20), "everything is settled") {
            unaccounted = try fixture.unaccounted()
            return unaccounted.isEmpty
        }
        #expect(unaccounted == [], "see \(fixture.directory)")
        let differences = try fixture.finalState(about: Self.mover)
            .differences(from: undisturbed.state)
        #expect(differences == [], "see \(fixture.directory)")
        if report.passed, unaccounted.isEmpty, differences.isEmpty { fixture.passed() }
        let seconds = (.now - begun) / .seconds(1)
        Attachment.record(
            deaths.map { "\($0.process)\t\($0.moment)\tpause \($0.pause)\t\(seconds) s\n" }
                .joined(),
            named: "deaths.txt")
    }

    // MARK: - SIGKILL from outside

    struct Moment: Sendable, CustomTestStringConvertible {
        let process: String
        let seed: UInt64
        var testDescription: String { "\(process), seed \(seed)" }
    }

    static let moments = LabCast.processes.enumerated().flatMap { index, process in
        (1...2).map { Moment(process: process, seed: UInt64(index * 100 + $0)) }
    }

    /// The moment is drawn from all lines that concern the process; every second death lasts a while.
    private func strike(_ process: String, seed: UInt64) throws -> Saboteur.Strike {
        let lines = try #require(try Self.undisturbed.get().lines[process])
        var numbers = SeededNumbers(seed: seed)
        let line = Int.random(in: 1...max(1, lines * 9 / 10), using: &numbers)
        let pause = seed.isMultiple(of: 2) ? Int.random(in: 300...2_000, using: &numbers) : 0
        return Saboteur.Strike(process, atLine: line, pause: .milliseconds(pause))
    }

    @Test(
        "Any process killed at any moment, started again at once or later, changes nothing",
        arguments: moments)
    func killed(moment: Moment) throws {
        let strike = try strike(moment.process, seed: moment.seed)
        let fixture = try LabFixture()
        try play(
            fixture, Saboteur(fixture.lab, strikes: [strike]), deaths: [moment.process])
    }

    @Test("Hubs, systems and the outside all killed in one run change nothing", arguments: [1, 2])
    func allKilled(seed: UInt64) throws {
        let strikes = try LabCast.processes.enumerated().map { index, process in
            try strike(process, seed: seed * 1_000 + UInt64(index))
        }
        let fixture = try LabFixture()
        try play(
            fixture, Saboteur(fixture.lab, strikes: strikes), deaths: LabCast.processes)
    }

    // MARK: - SIGKILL at named points

    @Test(
        "Every system killed at a point inside its own transaction changes nothing",
        arguments: [
            "store.before-commit", "store.after-commit",
            "participant.between-inbox-commit-and-ack",
        ])
    func systemsAtPoints(point: String) throws {
        let counts = [
            "resident-register": 4, "municipal-cs": 5, "integrated-addressee": 3,
            "intermediate-server": 2, "office-linkage": 1,
        ]
        let fixture = try LabFixture()
        let saboteur = Saboteur(fixture.lab)
        for (process, count) in counts.sorted(by: { $0.key < $1.key }) {
            try saboteur.ambush(process, at: "\(point):\(count)", pause: .milliseconds(count * 100))
        }
        try play(fixture, saboteur, deaths: Array(counts.keys))
    }

    @Test(
        "Every hub killed at a point around its commit changes nothing",
        arguments: ["journal.before-commit", "journal.after-commit", "hub.before-puback"])
    func hubsAtPoints(point: String) throws {
        let counts = ["hub-juki-net": 12, "hub-number-use": 9, "hub-lgwan": 1]
        let fixture = try LabFixture()
        let saboteur = Saboteur(fixture.lab)
        for (process, count) in counts.sorted(by: { $0.key < $1.key }) {
            try saboteur.ambush(process, at: "\(point):\(count)", pause: .milliseconds(count * 50))
        }
        try play(fixture, saboteur, deaths: Array(counts.keys))
    }
}
