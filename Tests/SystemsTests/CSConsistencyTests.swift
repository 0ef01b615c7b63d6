import Crypto
import Foundation
import GRDB
import Messaging
import MunicipalCS
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 整合性確認")
struct CSConsistencyTests {
    let city: City
    private let others = [("88888001012", "999999001014"), ("88888001020", "999999001022")]

    init() throws {
        city = try City.before("2025-12-01T09:00:00+09:00")
        city.absent = ["residentRegister"]
        city.csSettings.consistencyChunk = 2
        try city.open("municipalCS")
        try city.csHolds(City.p04, number: City.individualNumber)
        for (code, number) in others { try city.csHolds(code, number: number) }
        city.forgetPassed()
    }

    private func start() throws {
        try city.toCS(
            "consistency.check.start/v1", from: "integratedTerminal", step: "B6-01",
            correlation: "check-1", by: "kanri-03")
    }

    private func submissions(to server: String) -> [City.Passed] {
        city.messages("consistency.check.submit", to: server)
    }

    private func answers(
        _ server: String, chunk: Int64, _ state: String, mismatches: [JSONValue]? = nil
    ) throws {
        let sent = try #require(submissions(to: server).last)
        try city.toCS(
            "consistency.check.result/v1", from: server, step: "B6-03", correlation: "check-1"
        ) {
            $0 = [
                "batchId": sent.fields["batchId"] ?? .null, "chunk": .integer(chunk),
                "state": .text(state), "comparedCount": .integer(3),
                "mismatchCount": .integer(Int64(mismatches?.count ?? 0)),
            ]
            $0["mismatches"] = mismatches.map { .array($0) }
        }
    }

    private static func mismatch(_ code: String, _ kind: String = "different") -> JSONValue {
        .object([
            "juminhyoCode": .text(code), "kind": .text(kind), "fields": .array([.text("address")]),
        ])
    }

    private func finishes(mismatches: [JSONValue]?) throws {
        try start()
        for server in ["prefecturalServer", "nationalServer"] {
            try answers(server, chunk: 1, "received")
        }
        try answers(
            "prefecturalServer", chunk: 2, mismatches == nil ? "matched" : "mismatch",
            mismatches: mismatches)
        try answers("nationalServer", chunk: 2, "matched")
    }

    @Test(
        "B6-01: the next chunk leaves when the one before is answered; both servers get every current row"
    )
    func pace() throws {
        try start()
        for server in ["prefecturalServer", "nationalServer"] {
            #expect(submissions(to: server).count == 1)
            try answers(server, chunk: 1, "received")
            #expect(submissions(to: server).count == 2)
            try answers(server, chunk: 1, "received")
            #expect(submissions(to: server).count == 2, "the answer once more sends nothing")
            let codes = submissions(to: server).flatMap { message -> [String] in
                guard case .array(let rows)? = message.fields["records"] else { return [] }
                return rows.compactMap { $0["juminhyoCode"]?.text }
            }
            #expect(codes == ["88888001012", "88888001020", City.p04])
            #expect(submissions(to: server).allSatisfy { $0.fields["recordCount"] == .integer(3) })
        }
    }

    @Test("B6-01: the digest is the one the receiver makes of the rows it got")
    func digest() throws {
        try start()
        try answers("nationalServer", chunk: 1, "received")
        var text = ""
        let names = [
            "juminhyoCode", "nameKanji", "birthDate", "sex", "address", "individualNumber",
            "moveReason", "moveDate",
        ]
        for message in submissions(to: "nationalServer") {
            guard case .array(let rows)? = message.fields["records"] else { continue }
            for row in rows {
                text += names.map { row[$0]?.text ?? "" }.joined(separator: "\u{1F}") + "\u{1E}"
            }
        }
        let sent = try #require(submissions(to: "nationalServer").last)
        let key = SymmetricKey(data: Data((sent.fields["batchId"]?.text ?? "").utf8))
        let mac = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
        #expect(sent.fields["digest"]?.text == mac.map { Self.hex($0) }.joined())
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }

    @Test(
        "R-054: mismatches stay open and visible until a resend with a new sequence closes them with its reference"
    )
    func mismatches() throws {
        try finishes(mismatches: [Self.mismatch(City.p04)])
        let report = try city.last("consistency.check.report", to: "integratedTerminal")
        #expect(report.fields["openMismatches"] == .integer(1))
        #expect(report.envelope.correlation.rawValue == "check-1")
        #expect(try city.fact("checkState") == .text("mismatch"))
        #expect(try city.fact("openMismatchesOfPerson", of: City.p04) == .integer(1))
        city.forgetPassed()
        try city.toCS(
            "identity.notice.resend.request/v1", from: "integratedTerminal", step: "A1-04",
            by: "kanri-03"
        ) { $0["juminhyoCode"] = .text(City.p04) }
        #expect(city.messages("identity.update.notice", to: "prefecturalServer").count == 1)
        let reply = try city.last("identity.notice.resend.reply", to: "integratedTerminal")
        #expect(reply.fields["closedMismatches"] == .integer(1))
        #expect(reply.fields["updateSequence"] == .integer(2))
        #expect(try city.fact("openMismatches") == .integer(0))
        #expect(try city.fact("closedMismatches") == .integer(1))
        // The register's next number is still good: the resend used none of its own.
        #expect(try city.identityIsUpdated("addressChange", sequence: 2) == nil)
        #expect(try city.fact("sequence", of: City.p04) == .integer(3))
        #expect(try city.fact("manualCases") == .integer(0))
    }

    @Test("A resend of somebody the CS does not hold is refused")
    func unknown() throws {
        try city.toCS(
            "identity.notice.resend.request/v1", from: "integratedTerminal", step: "A1-04",
            by: "kanri-03")
        let reply = try city.last("identity.notice.resend.reply", to: "integratedTerminal")
        #expect(reply.fields["code"] == .text("match-failed"))
        #expect(city.messages("identity.update.notice").isEmpty)
    }

    @Test("Whom only the server has, a person must look at")
    func onlyThere() throws {
        try finishes(mismatches: [Self.mismatch("88888001098", "onlyThere")])
        #expect(try city.fact("manualCase.consistencyOnlyThere") == .integer(1))
    }

    @Test(
        "A second check while one runs is refused; a clean one ends clean and keeps no copy of the rows"
    )
    func oneAtATime() throws {
        try start()
        try start()
        let report = try city.last("consistency.check.report", to: "integratedTerminal")
        #expect(report.fields["code"] == .text("check-running"))
        for server in ["prefecturalServer", "nationalServer"] {
            try answers(server, chunk: 1, "received")
            try answers(server, chunk: 2, "matched")
        }
        #expect(try city.fact("checkState") == .text("clean"))
        let copies = try #require(city.stores["municipalCS"]).perform {
            try Int.fetchOne($0.database, sql: "SELECT count(*) FROM consistency_row")
        }
        #expect(copies == 0)
    }

    @Test("R-054: a year after the last check the next one starts by itself, not a day earlier")
    func yearly() throws {
        try city.tick()
        try city.clock.set("2026-11-30T09:00:00+09:00")
        try city.tick()
        #expect(city.messages("consistency.check.submit").isEmpty)
        try city.clock.set("2026-12-01T09:00:01+09:00")
        try city.tick()
        #expect(submissions(to: "prefecturalServer").count == 1)
        #expect(submissions(to: "nationalServer").count == 1)
    }

    @Test("A check no server answers for a day is ended and told to people")
    func unanswered() throws {
        try start()
        try city.clock.set("2025-12-02T09:00:01+09:00")
        try city.tick()
        #expect(try city.fact("manualCase.consistencyUnanswered") == .integer(1))
        let report = try city.last("consistency.check.report", to: "integratedTerminal")
        #expect(report.fields["code"] == .text("check-failed"))
    }

    @Test("R-055: C4 names what differs between register and CS by item, never by value")
    func reconcile() throws {
        var resident = try Layouts.example("register-cs.reconcile.request/v1", city.files)
        guard case .array(let list)? = resident["residents"], case .object(var person) = list[0]
        else {
            Issue.record("no resident in the example")
            return
        }
        person["address"] = .text("水戸市中央一丁目999番地の9")
        person["previousMunicipalityCode"] = .null
        resident["residents"] = .array([
            .object(person),
            .object(person.merging(["juminhyoCode": .text("88888001071")]) { $1 }),
            .object(
                person.merging(["juminhyoCode": .text("88888001080"), "removed": .flag(true)]) {
                    $1
                }),
        ])
        let sent = resident
        try city.toCS(
            "register-cs.reconcile.request/v1", from: "residentRegister", step: "C4"
        ) { $0 = sent }
        let result = try city.last("register-cs.reconcile.result", to: "residentRegister")
        #expect(result.fields["compared"] == .integer(3))
        let expected: [JSONValue] = [
            .object([
                "juminhyoCode": .text(City.p04), "kind": .text("different"),
                "items": .array([.text("address")]),
            ]),
            .object(["juminhyoCode": .text("88888001071"), "kind": .text("missingAtCS")]),
            .object(["juminhyoCode": .text("88888001012"), "kind": .text("missingAtRegister")]),
            .object(["juminhyoCode": .text("88888001020"), "kind": .text("missingAtRegister")]),
        ]
        #expect(result.fields["differences"] == .array(expected))
    }
}
