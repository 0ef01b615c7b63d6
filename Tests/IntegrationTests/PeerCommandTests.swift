import Foundation
import Messaging
import Simulation
import TestSupport
import Testing

/// `jukihub peer` as a stranger's harness uses it: a real lab, the real tool, exit codes and JSON.
@Suite("jukihub peer against a running lab", .serialized)
struct PeerCommandTests {
    struct Ending {
        let code: Int32
        let output: String
        let errors: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
        }
    }

    private func peer(_ arguments: [String], in lab: String, input: String = "") throws -> Ending {
        let process = Process()
        process.executableURL = URL(filePath: RealProcess.binaries + "/jukihub")
        process.arguments = ["peer"] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["JUKIHUB_LAB"] = lab
        process.environment = environment
        let (given, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = given
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        given.fileHandleForWriting.write(Data(input.utf8))
        try given.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Ending(code: process.terminationStatus, output: text, errors: said)
    }

    @Test(
        "A harness sends as a municipality, spoils what it sends, decides how parties answer, and sees what came of it"
    )
    func harness() throws {
        let lab = try LabFixture()
        func peer(_ arguments: String..., input: String = "") throws -> Ending {
            try self.peer(arguments, in: lab.directory, input: input)
        }
        // A certificate arrives at the register, and the tool says where to look next.
        let sent = try peer(
            "send-certificate", "08221", "--person", "P04", "--planned-date", "2025-10-01")
        #expect(sent.code == 0, "\(sent.errors)")
        #expect(sent.output.contains("受付 admitted"))
        #expect(sent.errors.contains("jukihub trace "))
        try eventually("the register holds it") {
            try lab.session.facts(
                of: .init("residentRegister"), about: lab.people.byKey["P04"])?["certificate"]
                == "held"
        }
        // The number of nobody stands in the answer unless it is asked for.
        let number = try #require(lab.people.byKey["P04"]?.individualNumber)
        #expect(!sent.output.contains(number) && !sent.errors.contains(number))
        let shown = try peer(
            "send-certificate", "08221", "--person", "P05", "--content", "-o", "json")
        #expect(shown.output.contains(try #require(lab.people.byKey["P05"]).individualNumber))

        // What the hub refuses ends with 1 and the code, or with 0 where it was expected.
        let wrong = ["send-certificate", "08221", "--person", "P04", "--version", "9"]
        let refused = try self.peer(wrong + ["-o", "json"], in: lab.directory)
        #expect(refused.code == 1)
        let message = (refused.json["messages"] as? [[String: Any]])?.first
        #expect(message?["state"] as? String == "refused")
        #expect(message?["code"] as? String == "version-unknown")
        let expected = wrong + ["--expect-refused", "version-unknown"]
        #expect(try self.peer(expected, in: lab.directory).code == 0)
        #expect(
            try peer("send-certificate", "08221", "--person", "P04", "--expect-refused", "x").code
                == 1)
        let halved = try peer(
            "send-certificate", "08221", "--person", "P04", "--set", "/movers/0/sexCode=7")
        #expect(halved.code == 1 && halved.output.contains("payload-invalid"))

        // Any message as it stands, from standard input.
        let notice = try HubFixture.example("move-in-notice.deliver", 1)
        let injected = [
            "--to", "municipalCS", "--type", "move-in-notice.deliver/v1", "--step", "C6", "-",
        ]
        #expect(
            try self.peer(["inject", "08220"] + injected, in: lab.directory, input: notice).code
                == 0)
        let forbidden = try self.peer(
            ["inject", "familyRegister"] + injected + ["--expect-refused", "link-forbidden"],
            in: lab.directory, input: notice)
        #expect(forbidden.code == 0, "\(forbidden.output)")

        // How a party answers, what it has received and knows.
        #expect(try peer("answer", "prefecturalServer", "late", "--delay", "10s").code == 0)
        #expect(try peer("answer", "prefecturalServer", "reset").code == 0)
        #expect(try peer("act", "prefecturalServer", "drift", "--with", "person=P09").code == 0)
        let facts = try peer(
            "state", "prefecturalServer", "--person", "P09", "--expect", "addressMatches=false")
        #expect(facts.code == 0)
        let different = try peer(
            "state", "prefecturalServer", "--person", "P09", "--expect", "addressMatches=true",
            "--timeout", "0.2")
        #expect(different.code == 1 && different.errors.contains("addressMatches"))
        #expect(try peer("received", "09201").code == 1)
        let listed = try peer("ls", "-o", "json")
        #expect(listed.code == 0 && listed.output.contains("peerMunicipalCS/08221"))
        lab.passed()
    }

    @Test("What cannot be done has a code, a hint and its own exit")
    func faults() throws {
        let lab = try LabFixture()
        func code(_ arguments: String...) throws -> (Int32, String) {
            let ending = try self.peer(arguments + ["-o", "json"], in: lab.directory)
            let error = (try? JSONSerialization.jsonObject(with: Data(ending.errors.utf8)))
            let body = (error as? [String: [String: String]])?["error"]
            return (ending.code, body?["code"] ?? "")
        }
        #expect(try code("send-certificate", "99999", "--person", "P04") == (1, "party-unknown"))
        #expect(try code("send-certificate", "08221", "--person", "P99") == (1, "person-unknown"))
        #expect(try code("act", "nationalServer", "dance") == (1, "verb-unknown"))
        #expect(try code("send-certificate", "08221") == (64, "usage"))
        #expect(try code("answer", "08221", "late") == (64, "usage"))
        lab.lab.stop()
        let start = ContinuousClock.now
        let gone = try self.peer(["ls", "--timeout", "1", "-o", "json"], in: lab.directory)
        #expect(gone.code == 2 && gone.errors.contains("lab-not-running"))
        #expect(ContinuousClock.now - start < .seconds(5))
        lab.passed()
    }
}
