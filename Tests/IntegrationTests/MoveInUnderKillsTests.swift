import Foundation
import Messaging
import Operations
import Simulation
import TestSupport
import Testing

extension Labs {
    /// SC-01 as real processes, any of which is killed with SIGKILL in the middle and started again: the run ends in the
    /// very state an undisturbed one ends in, message for message.
    @Suite("特例転入 while processes are killed")
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
            defer { saboteur.stop() }
            let report = try fixture.play { saboteur.tell($0) }
            let deaths = try saboteur.finish()
            let hasPassed = report.passed
            #expect(hasPassed, "\(Self.failures(of: report, fixture))")
            #expect(deaths.map(\.process).sorted() == expected.sorted())
            let others = deaths.filter { $0.status != 128 + SIGKILL }
            #expect(
                others.isEmpty,
                "of SIGKILL and nothing else: \(others.map { ($0.process, $0.status, $0.moment) }), see \(fixture.directory)"
            )
            let ended = fixture.lab.ended
            try #require(ended == [], "everybody lives again, see \(fixture.directory)")
            var unaccounted: [String] = []
            try? eventually(within: .seconds(20), "everything is settled") {
                unaccounted = try fixture.unaccounted()
                return unaccounted.isEmpty
            }
            #expect(unaccounted == [], "see \(fixture.directory)")
            let differences = try fixture.finalState(about: Self.mover)
                .differences(from: undisturbed.state)
            #expect(differences == [], "see \(fixture.directory)")
            if hasPassed, others.isEmpty, unaccounted.isEmpty, differences.isEmpty {
                fixture.passed()
            }
            let seconds = (.now - begun) / .seconds(1)
            Attachment.record(
                deaths.map { "\($0.process)\t\($0.moment)\tpause \($0.pause)\t\(seconds) s\n" }
                    .joined(),
                named: "deaths.txt")
        }

        @Test("A hop that came twice, one that is missing and a fact that differs would show")
        func differencesShow() {
            var state = FinalState()
            state.traffic = ["juki-net B3-05 a → b t/v1": 1]
            state.facts = ["b P04": ["moveInNotices": 1]]
            #expect(state.differences(from: state) == [])
            var twice = state
            twice.traffic["juki-net B3-05 a → b t/v1"] = 2
            #expect(twice.differences(from: state).count == 1)
            #expect(FinalState(facts: state.facts).differences(from: state).count == 1)
            var other = state
            other.facts = ["b P04": ["moveInNotices": 2]]
            #expect(other.differences(from: state).count == 1)
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

        @Test(
            "Hubs, systems and the outside all killed in one run change nothing", arguments: [1, 2])
        func allKilled(seed: UInt64) throws {
            let strikes = try LabCast.processes.enumerated().map { index, process in
                try strike(process, seed: seed * 1_000 + UInt64(index))
            }
            let fixture = try LabFixture()
            try play(
                fixture, Saboteur(fixture.lab, strikes: strikes), deaths: LabCast.processes)
        }

        @Test("Everybody killed three times in one run changes nothing", arguments: [1, 2])
        func killedAgainAndAgain(seed: UInt64) throws {
            let strikes = try LabCast.processes.enumerated().flatMap { index, process in
                try (1...3).map {
                    try strike(process, seed: seed * 9_001 + UInt64(index * 10 + $0))
                }
            }
            let fixture = try LabFixture()
            try play(
                fixture, Saboteur(fixture.lab, strikes: strikes), deaths: strikes.map(\.process))
        }

        // MARK: - SIGKILL at named points

        /// Which time a point is reached is the deadly one: early in the run, and later.
        @Test(
            "Every system killed at a point inside its own transaction changes nothing",
            arguments: [
                "store.before-commit", "store.after-commit",
                "participant.between-inbox-commit-and-ack",
            ], [1, 2])
        func systemsAtPoints(point: String, round: Int) throws {
            try ambush(
                at: point,
                [
                    "resident-register": 3 * round - 1, "municipal-cs": 4 * round - 1,
                    "integrated-addressee": 2 * round, "intermediate-server": round,
                    "office-linkage": round,
                ])
        }

        @Test(
            "Every hub killed at a point around its commit changes nothing",
            arguments: ["journal.before-commit", "journal.after-commit", "hub.before-puback"],
            [1, 2])
        func hubsAtPoints(point: String, round: Int) throws {
            try ambush(
                at: point,
                [
                    "hub-juki-net": 9 * round, "hub-number-use": 7 * round,
                    "hub-lgwan": 2 * round - 1,
                ])
        }

        private func ambush(at point: String, _ counts: [String: Int]) throws {
            let fixture = try LabFixture()
            let saboteur = Saboteur(fixture.lab)
            for (process, count) in counts.sorted(by: { $0.key < $1.key }) {
                try saboteur.ambush(
                    process, at: "\(point):\(count)", pause: .milliseconds(count * 50))
            }
            try play(fixture, saboteur, deaths: Array(counts.keys))
        }
    }
}
