import Foundation
import TestSupport
import Testing

/// Scenarios played by the tool as a stranger plays them, in labs of real processes: what stays, what is told, what the coverage
/// reads.
@Suite("Scenario suites as a shell sees them", .serialized)
struct SuiteTests {
    private struct Ending {
        let code: Int32
        let output: String
        let errors: String
    }

    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Runs the tool; `temporary` is where its labs come and go, apart from those of other tests.
    private func run(_ arguments: [String], temporary: String? = nil) throws -> Ending {
        let process = Process()
        if let temporary {
            process.environment = ProcessInfo.processInfo.environment
                .merging(["TMPDIR": temporary]) { $1 }
        }
        process.executableURL = URL(filePath: RealProcess.binaries + "/jukihub")
        process.arguments = arguments
        process.currentDirectoryURL = Self.checkout
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Ending(code: process.terminationStatus, output: text, errors: said)
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "jhs-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func scenario(_ name: String, in directory: String, _ steps: String) throws -> String {
        let path = "\(directory)/\(name).yaml"
        let text =
            "scenario: 試験 \(name)\ncase: \(name)\nrules: [R-090]\n"
            + "clock: {start: \"2025-09-20T10:00:00+09:00\"}\nwithin: 5s\nsteps:\n" + steps
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static let people = ["--people", "Tests/Scenarios/people.yaml"]
    /// A question of the terminal that the CS hands on, and what comes of it.
    private static let question = """
        - inject:
            as: integratedTerminal
            to: municipalCS
            type: identity.verify.request/v1
            step: B2-02
            correlation: c-${run}
            operator: nyuryoku-01
            terminal: IT-01
            payload: {juminhyoCode: "${people.P04.juminhyoCode}", purpose: specialMoveIn, applicationReference: R20251006-00001}
        - expect: {zone: juki-net, from: municipalCS, to: integratedTerminal, type: identity.verify.result/v1, count: 1}

        """

    @Test("Labs, evidence, reports: two scenarios, one of which fails and shows what came nearest")
    func suite() throws {
        try withDirectory { root in
            let good = try scenario(
                "SC-98", in: root,
                Self.question + """
                    - remember: {as: before, person: P04}
                    - process: {name: municipal-cs, do: kill}
                    - process: {name: municipal-cs, do: start}
                    - assert: {person: P04, same: before}
                    - inject:
                        as: municipalCS
                        to: residentRegister
                        type: info-inquiry.request/v1
                        step: C12
                        correlation: x-${run}
                        refused: link-forbidden
                        payload: {}
                    - inject:
                        as: taxSystem
                        to: officeLinkage
                        type: identity.verify.request/v1
                        correlation: y-${run}
                        refused: link-not-allowed
                        payload: {}
                    - expect: {zone: juki-net, event: refused, code: link-forbidden, from: municipalCS, to: residentRegister, type: info-inquiry.request, count: 1}
                    - expect: {zone: number-use, event: refused, from: taxSystem, to: officeLinkage, correlation: "y-${run}", type: identity.verify.request/v1, count: 1}

                    """)
            let bad = try scenario(
                "SC-99", in: root,
                Self.question + """
                    - expect: {from: municipalCS, to: integratedTerminal, type: identity.verify.result/v1, step: B5-02, correlation: "c-${run}", within: 300ms}

                    """)
            let temporary = root + "/t"
            try FileManager.default.createDirectory(
                atPath: temporary, withIntermediateDirectories: true)
            let ending = try run(
                ["sim", "run", good, bad, "--keep", root + "/runs", "--seed", "7", "--jobs", "2"]
                    + ["--report", "junit:\(root)/report.xml"] + Self.people, temporary: temporary)
            #expect(ending.code == 1, "\(ending.output) \(ending.errors)")
            #expect(ending.output.contains("✓ SC-98"))
            #expect(ending.output.contains("step: B5-02 expected, B2-04"))
            #expect(ending.output.contains("jukihub sim run --seed 7 \(bad)"))
            #expect(ending.output.contains("1/2"))
            // The same seed in another lab: the near miss has the same correlation.
            #expect(!ending.output.contains("correlation:"))
            let left = try FileManager.default.contentsOfDirectory(atPath: temporary)
            #expect(left.isEmpty, "a lab is left: \(left)")
            try evidence(root)
        }
    }

    private func evidence(_ root: String) throws {
        let report = try String(contentsOfFile: root + "/report.xml", encoding: .utf8)
        #expect(report.contains("<testsuite name=\"SC-98 試験 SC-98\""))
        #expect(report.components(separatedBy: "<failure").count == 2)
        #expect(report.contains("name=\"seed\" value=\"7\""))

        let coverage = try run(["flow", "coverage", root + "/runs", "-o", "jsonl"])
        #expect(coverage.code == 1)
        let rows = coverage.output.split(separator: "\n")
        #expect(rows.count == 68)
        func row(_ step: String) -> String {
            rows.first { $0.contains("\"step\":\"\(step)\"") }.map(String.init) ?? ""
        }
        #expect(row("B2-02").contains("\"covered\":true"))
        #expect(row("B2-02").contains("\"scenarios\":[\"SC-98\"]"))
        #expect(row("B2-02").contains("統合端末において、住民から提示された"))
        #expect(row("C12").contains("\"covered\":true") && row("C12").contains("X-06"))
        #expect(row("A1-03").contains("\"covered\":false"))

        let rules = try run(["rule", "coverage", "--runs", root + "/runs", "-o", "jsonl"])
        #expect(rules.code == 1)
        let retention = rules.output.split(separator: "\n").first { $0.contains("\"R-090\"") }
        #expect(retention?.contains("\"scenarios\":[\"SC-98\"]") == true)

        // A run that did not pass proves nothing, nor does one that is not there.
        try FileManager.default.removeItem(atPath: root + "/runs/SC-98")
        let nothing = try run(["flow", "coverage", "--runs", root + "/runs", "-o", "jsonl"])
        #expect(nothing.code == 1 && !nothing.output.contains("\"covered\":true"))
        try FileManager.default.removeItem(atPath: root + "/runs/SC-99")
        #expect(try run(["flow", "coverage", root + "/runs"]).code == 3)
    }

    @Test("What no receiver has accepted realises no step, and what came twice fails a scenario")
    func unsettled() throws {
        try withDirectory { root in
            let waiting = try scenario(
                "SC-97", in: root,
                "- process: {name: municipal-cs, do: stop}\n"
                    + Self.question.replacing(
                        "from: municipalCS, to: integratedTerminal, type: identity.verify.result/v1",
                        with:
                            "event: admitted, from: integratedTerminal, type: identity.verify.request/v1"
                    ))
            let twice = try scenario(
                "SC-96", in: root,
                "- behave: {party: nationalServer, on: identity.verify.request, answer: twice}\n"
                    + Self.question
                    + "- expect: {from: nationalServer, to: municipalCS, type: identity.verify.result/v1}\n"
                    + "- advance: {by: 1s}\n- expect: {type: nothing.known, count: 0, within: 500ms}\n"
                    + "- advance: {by: 1s}\n")
            let ending = try run(
                ["sim", "run", waiting, twice, "--keep", root + "/runs"] + Self.people)
            #expect(ending.code == 1, "\(ending.output) \(ending.errors)")
            #expect(ending.output.contains("✓ SC-97"))
            #expect(
                ending.output.contains("1 expected, 2 seen")
                    || ending.output.contains("identity.verify.result/v1: 1 counted, 2 now"))
            let coverage = try run(["flow", "coverage", root + "/runs", "-o", "jsonl"])
            let row = coverage.output.split(separator: "\n").first { $0.contains("\"B2-02\"") }
            #expect(row?.contains("\"covered\":false") == true)
        }
    }

    @Test("Nothing to play ends with 3, a broken file with 1 and no lab, a dry run needs none")
    func withoutLab() throws {
        try withDirectory { root in
            let good = try scenario("SC-98", in: root, Self.question)
            let none = try run(["sim", "run", good, "--filter", "SC-01"] + Self.people)
            #expect(none.code == 3)
            #expect(try run(["sim", "run", "--dry-run", good] + Self.people).code == 0)
            let wrong = try scenario("SC-97", in: root, "- expect: {type: nothing.known}\n")
            let dry = try run(["sim", "run", "--dry-run", good, wrong] + Self.people)
            #expect(dry.code == 1 && dry.output.contains("no layout nothing.known"))
            let number = try scenario("SC-96", in: root, "- advance: {by: 1s} # 999999001014\n")
            let refused = try run(["sim", "run", number] + Self.people)
            #expect(refused.code == 1 && refused.errors.contains("[scenario-invalid]"))
            #expect(!(refused.errors + refused.output).contains("999999001014"))
            #expect(try run(["sim", "run", good, "--report", "html:x"]).code == 64)
            #expect(try run(["sim", "run", good, "--jobs", "0"]).code == 64)
        }
    }

    @Test(
        "A rule counts as tested by a passed test whose name begins with its id, and by nothing else"
    )
    func rules() throws {
        try withDirectory { root in
            let log = root + "/test.log"
            try """
            ✔ Test "R-021, R-022: a search by name alone is refused" with 2 test cases passed after 0.1 seconds.
            ✘ Test "R-023: no number" failed after 0.1 seconds with 1 issue.
            ✔ Test "R-024: printed with asterisks" passed after 0.1 seconds.
            ✘ Test "R-024: printed with asterisks" recorded an issue with 1 argument
            ✔ Test "A search (R-025) is refused" passed after 0.1 seconds.
            ✔ Suite "R-026: no statistics" passed after 0.1 seconds.
            """.write(toFile: log, atomically: true, encoding: .utf8)
            let ending = try run(["rule", "coverage", "--tests", log, "-o", "jsonl"])
            #expect(ending.code == 1)
            let covered = ending.output.split(separator: "\n").filter {
                $0.contains("\"covered\":true") && $0.contains("\"kind\":\"enforced\"")
            }
            let ids = covered.compactMap { line in
                line.firstRange(of: "\"rule\":\"").map { String(line[$0.upperBound...].prefix(5)) }
            }
            #expect(ids == ["R-021", "R-022", "R-026"])
            // Organisational rules are slots for evidence and no test's business.
            let slots = ending.output.split(separator: "\n").filter {
                $0.contains("\"kind\":\"evidence\"")
            }
            #expect(!slots.isEmpty && slots.allSatisfy { $0.contains("\"covered\":true") })
            let list = try run(["rule", "ls", "-o", "jsonl"])
            #expect(list.code == 0 && list.output.split(separator: "\n").count >= 81)
            try "".write(toFile: log, atomically: true, encoding: .utf8)
            #expect(try run(["rule", "coverage", "--tests", log]).code == 3)
        }
    }
}
