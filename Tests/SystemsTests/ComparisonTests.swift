import GRDB
import Messaging
import Participant
import ParticipantStore
import ResidentRegister
import Testing

@Suite("照合と再同期")
struct ComparisonTests {
    let city: City
    /// What A1-12 carried of the imported.
    let imported: [JSONFields]

    init() throws {
        var settings = RegisterSettings()
        settings.reconcileDays = 30
        settings.reconcileChunk = 2
        settings.resyncPerTick = 2
        city = try City()
        city.registerSettings = settings
        try city.open("residentRegister")
        try city.clock.set("2025-10-06T09:00:00+09:00")
        try city.imports([city.row(), city.mate()])
        try city.imports([city.row(1) { $0["addresseeNumber"] = .text("0000010065") }])
        imported = city.messages("replica.update.request", to: "integratedAddressee").map(\.fields)
        city.forgetPassed()
    }

    // MARK: C4

    private func report() throws -> JSONFields {
        try city.ask(
            "register-cs.reconcile.start/v1", [:], answeredBy: "register-cs.reconcile.report")
    }

    @Test(
        "C4: the register and the CS that was loaded from it agree, in chunks over the whole range")
    func clean() throws {
        let report = try report()
        #expect(report["state"] == .text("clean"), "\(report)")
        #expect(report["compared"] == .integer(3))
        let chunks = city.messages("register-cs.reconcile.request")
        #expect(chunks.count == 2)
        #expect(chunks.first?.fields["after"] == .text("00000000000"))
        #expect(chunks.last?.fields["through"] == .text("99999999999"))
    }

    @Test("R-055: a seeded drift is found by item, and becomes a person's to resolve")
    func drift() throws {
        try city.stores["residentRegister"]?.perform {
            try $0.database.execute(
                sql: "UPDATE resident SET currentAddress = '水戸市中央九丁目1番' WHERE juminhyoCode = ?",
                arguments: ["88888001047"])
        }
        let report = try report()
        #expect(report["state"] == .text("mismatch"))
        #expect(report["different"] == .integer(1))
        guard case .array(let found)? = report["differences"] else { return }
        #expect(found.first?["addresseeNumber"] == .text("0000010049"))
        #expect(found.first?["items"] == .array([.text("address")]))
        #expect(try city.facts("residentRegister")["reconcileDifferences"] == .integer(1))
    }

    @Test("R-055: who is missing on either side is found")
    func missing() throws {
        try city.stores["residentRegister"]?.perform {
            try $0.database.execute(
                sql: "DELETE FROM resident WHERE juminhyoCode = ?", arguments: ["88888001020"])
        }
        let report = try report()
        #expect(report["missingAtRegister"] == .integer(1), "\(report)")
    }

    @Test("R-055: a run starts by itself when the interval has passed, and not before")
    func schedule() throws {
        try city.tick()
        city.clock.time = city.clock.time + .seconds(29 * 86_400)
        try city.tick()
        #expect(city.messages("register-cs.reconcile.request").isEmpty)
        city.clock.time = city.clock.time + .seconds(86_400)
        try city.tick()
        #expect(city.messages("register-cs.reconcile.request").count == 2)
        let report = try #require(city.messages("register-cs.reconcile.report").last)
        #expect(report.fields["state"] == .text("clean"))
        try city.tick()
        #expect(city.messages("register-cs.reconcile.request").count == 2)
    }

    // MARK: C3

    @Test("R-052: a 副本 that differs is reported by item, without values; an unknown one too")
    func replicas() throws {
        let original = try #require(
            imported.first { $0["addresseeNumber"] == .text("0000010049") })
        var drifted = original
        drifted["currentAddress"] = .text("水戸市中央九丁目1番")
        var unknown = original
        unknown["addresseeNumber"] = .text("0000010014")
        func compare(_ rows: [JSONFields]) throws -> JSONFields {
            try city.ask(
                "replica.compare.request/v1",
                ["compareId": .text("X1"), "rows": .array(rows.map { .object($0) })],
                answeredBy: "replica.compare.result")
        }
        #expect(try compare([original])["matched"] == .integer(1))
        let result = try compare([drifted, unknown])
        #expect(result["matched"] == .integer(0))
        guard case .array(let found)? = result["differences"] else { return }
        #expect(found.first?["items"] == .array([.text("currentAddress")]))
        #expect(found.last?["kind"] == .text("unknown"))
        let text = String(
            decoding: try PayloadCoding.encode(JSONValue.object(result)), as: UTF8.self)
        #expect(!text.contains("中央九丁目"))
    }

    // MARK: 再同期

    @Test("A resync sends everybody in pieces over the ticks, then its end; a restart goes on")
    func resync() throws {
        try city.send(
            City.Injection(
                topic: "resident.resync.request/v1", from: "officeLinkage", to: "residentRegister",
                zone: "number-use", fields: ["resyncId": .text("Y77")], correlation: "resync-1",
                operatorID: nil, terminal: nil))
        #expect(city.messages("resident.sync", to: "officeLinkage").count == 2)
        #expect(city.messages("resident.resync.completed").isEmpty)
        try city.open("residentRegister")
        try city.tick()
        #expect(city.messages("resident.sync", to: "officeLinkage").count == 3)
        let done = try #require(city.messages("resident.resync.completed").last)
        #expect(done.fields["sent"] == .integer(3))
        #expect(
            city.messages("resident.sync", to: "officeLinkage").allSatisfy {
                $0.fields["individualNumber"] == nil
            })
        try city.tick()
        #expect(city.messages("resident.resync.completed").count == 1)
    }

    // MARK: C10

    @Test("C10, R-040: 異動受付データ becomes a draft only, committed by another person")
    func reception() throws {
        func take(
            _ version: Int, _ change: (inout JSONFields) -> Void = { _ in }
        ) throws -> JSONFields {
            var fields = try Layouts.example("reception.change-data/v\(version)", city.files)
            fields["subject"] = .object([
                "nameKanji": .text("佐藤　次郎"),
                "birthDate": .object(["kind": .text("exact"), "date": .text("1990-02-14")]),
            ])
            change(&fields)
            try city.send(
                City.Injection(
                    topic: "reception.change-data/v\(version)", from: "receptionSupport",
                    to: "residentRegister", zone: "number-use", fields: fields,
                    correlation: "support-\(city.passed.count)", step: "C10"))
            return try #require(city.messages("reception.reply").last).fields
        }
        let reply = try take(2)
        #expect(reply["result"] == .text("accepted"), "\(reply)")
        #expect(try city.facts("residentRegister", City.resident)["version"] == .integer(1))
        let draft = try #require(reply["draftNumber"]?.text)
        #expect(try city.committed(draft, by: "nyuryoku-01") == "same-operator")
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        let read = try take(1) {
            $0["operation"] = .text("read")
            for name in ["notificationType", "moveDate", "notifiedDate", "counterInput"] {
                $0[name] = nil
            }
        }
        #expect(read["code"] == .text("read-not-offered"))
        #expect(Set(read.keys) == ["supportNumber", "result", "code"])
        #expect(
            try take(2) {
                $0["subject"] = .object([
                    "nameKanji": .text("無名　某"),
                    "birthDate": .object(["kind": .text("exact"), "date": .text("1990-02-14")]),
                ])
            }["code"] == .text("subject-unknown"))
    }
}
