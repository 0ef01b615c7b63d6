import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS")
struct MunicipalCSTests {
    let city: City

    init() throws { city = try City.before("2025-10-06T09:00:00+09:00") }

    private func update(
        sequence: Int64 = 1, from source: String = "residentRegister",
        change: (inout JSONFields) -> Void = { _ in }
    ) throws -> (settlement: Settlement, code: String?) {
        var fields = try Layouts.example("identity.update.request/v3", city.files)
        fields["updateSequence"] = .integer(sequence)
        change(&fields)
        let settlement = try city.send(
            City.Injection(
                topic: "identity.update.request/v3", from: source, to: "municipalCS",
                zone: "juki-net", fields: fields, step: "A1-03",
                isLinked: source == "residentRegister"))
        return (settlement, city.messages("identity.update.reply").last?.fields["code"]?.text)
    }

    private func notice() throws -> City.Injection {
        City.Injection(
            topic: "move-in-notice.deliver/v1", from: "residentRegister", to: "municipalCS",
            zone: "juki-net", fields: try Layouts.example("move-in-notice.deliver/v1", city.files),
            step: "A1-09")
    }

    @Test("R-003: 本人確認情報 from anybody but the register is refused and changes nothing")
    func source() throws {
        let outcome = try update(from: "officeLinkage")
        #expect(outcome.settlement == .failed(code: "source-not-permitted"))
        #expect(try city.facts("municipalCS", City.person)["identity"] == .text("none"))
        #expect(city.messages("identity.update.notice").isEmpty)
    }

    @Test(
        "R-053, R-056: an update with an older or the same number is refused, the current row stays"
    )
    func staleSequence() throws {
        let addressChange: (inout JSONFields) -> Void = {
            $0["moveReason"] = .text("addressChange")
        }
        #expect(try update(sequence: 3).code == nil)
        #expect(try update(sequence: 2, change: addressChange).code == "stale-sequence")
        #expect(try update(sequence: 3, change: addressChange).code == "stale-sequence")
        #expect(try city.facts("municipalCS", City.person)["sequence"] == .integer(3))
        #expect(try city.facts("municipalCS", City.person)["versions"] == .integer(1))
        #expect(try update(sequence: 4, change: addressChange).code == nil)
        #expect(try city.facts("municipalCS", City.person)["versions"] == .integer(2))
    }

    @Test("R-049: an update of a person whose 住民票コード is not here fails its 突合")
    func match() throws {
        let outcome = try update { $0["moveReason"] = .text("addressChange") }
        #expect(outcome.code == "match-failed")
        #expect(try city.facts("municipalCS", City.person)["identity"] == .text("none"))
    }

    @Test("V-11: a 個人番号 that belongs to another 住民票コード is refused")
    func numberInUse() throws {
        #expect(try update().code == nil)
        let outcome = try update { $0["juminhyoCode"] = .text("88888001012") }
        #expect(outcome.code == "individual-number-in-use")
        let invalid = try update(sequence: 2) { $0["individualNumber"] = .text("999999001048") }
        #expect(invalid.code == "individual-number-invalid")
    }

    @Test(
        "B3-05: neither half leaves alone, both leave in one transaction", arguments: [true, false])
    func together(updateFirst: Bool) throws {
        func outgoing() -> Set<String> {
            Set(city.passed.filter { $0.envelope.source.rawValue == "municipalCS" }.map(\.type))
                .intersection(["move-in-notice.deliver", "identity.update.notice"])
        }
        if updateFirst { _ = try update() } else { try city.send(notice()) }
        #expect(outgoing().isEmpty)
        #expect(try city.facts("municipalCS", City.person)["pairWaiting"] == .flag(true))
        if updateFirst { try city.send(notice()) } else { _ = try update() }
        #expect(outgoing() == ["move-in-notice.deliver", "identity.update.notice"])
        #expect(try city.facts("municipalCS", City.person)["pairWaiting"] == .flag(false))
    }

    @Test("B3-05: when the second half cannot be queued, the first is not queued either")
    func rolledBack() throws {
        _ = try update()
        let store = try #require(city.stores["municipalCS"])
        try store.perform {
            try $0.database.execute(
                sql: """
                    CREATE TEMP TRIGGER stop BEFORE INSERT ON main.bus_outbox
                    WHEN NEW.topic LIKE 'identity.update.notice%'
                    BEGIN SELECT RAISE(ABORT, 'stopped between the halves'); END
                    """)
        }
        #expect(try city.send(notice()) == .failed(code: "handler-error"))
        let message = try #require(city.messages("move-in-notice.deliver").last)
        #expect(city.messages("move-in-notice.deliver", to: "peerMunicipalCS/08221").isEmpty)
        #expect(try store.outboxEntries().isEmpty)
        try city.open("municipalCS")
        #expect(try city.redeliver(message) == .accepted)
        try city.pump()
        #expect(city.messages("move-in-notice.deliver", to: "peerMunicipalCS/08221").count == 1)
        #expect(city.messages("identity.update.notice").count == 1)
    }

    @Test("A 転入 from abroad has no 転入通知 to wait for")
    func fromAbroad() throws {
        _ = try update { $0["previousMunicipalityCode"] = .null }
        #expect(city.messages("identity.update.notice").map(\.step) == ["A1-04"])
    }

    @Test(
        "B2: the question passes on and is not stored; the log has operator, terminal and application"
    )
    func verification() throws {
        city.silent = ["nationalServer"]
        try city.identityIsVerified()
        let relayed = try #require(
            city.messages("identity.verify.request", to: "nationalServer").first)
        #expect(relayed.envelope.expiry != nil)
        #expect(try city.cells(of: "municipalCS") { $0.contains("88888001047") } == 0)
        let row = try #require(city.stores["municipalCS"]).perform {
            try Row.fetchOne($0.database, sql: "SELECT * FROM operation_log")
        }
        #expect(row?["operator"] == "nyuryoku-01")
        #expect(row?["terminal"] == "T-101")
        #expect(row?["applicationReference"] == "R20251006-00001")
        #expect(city.messages("audit.record").count == 1)
    }

    @Test(
        "B2-04: the answer goes to the terminal that asked, as the answer to its question, and nothing stays"
    )
    func answered() throws {
        try city.identityIsVerified()
        let question = try #require(city.messages("identity.verify.request").first)
        let answer = try #require(
            city.messages("identity.verify.result", to: "integratedTerminal").first)
        #expect(answer.envelope.causation == question.envelope.id)
        #expect(try city.cells(of: "municipalCS") { $0.contains("88888001047") } == 0)
        #expect(try city.facts("municipalCS")["verificationsMatched"] == .integer(1))
    }

    @Test("B3-06: a card is not used further before the 転入 is complete")
    func cardTooEarly() throws {
        try city.cardIsUsedFurther()
        let ack = try #require(
            city.messages("card.continued-use.ack", to: "integratedTerminal").first)
        #expect(ack.fields["code"] == .text("move-in-not-complete"))
        #expect(city.messages("card.continued-use.request", to: "cardManagement").isEmpty)
    }

    @Test("All 40 items of 本人確認情報ファイル have their column, and the control items are the CS's")
    func items() throws {
        _ = try update()
        let store = try #require(city.stores["municipalCS"])
        let row = try #require(
            store.perform { try Row.fetchOne($0.database, sql: "SELECT * FROM identity") })
        let control = [
            "operatorId", "terminalId", "moveReasonUpdateSequence", "updateForbiddenFlag",
            "plannedPersonFlag", "exclusiveLockFlag", "gaijiFlag", "recordStatusFlag", "timestamp",
        ]
        let sent = try Layouts.fields("identity.update.request/v3", city.files)
        #expect(sent.count + control.count == 40)
        #expect(Set(row.columnNames).isSuperset(of: sent + control))
        #expect(row["operatorId"] == "nyuryoku-01")
        #expect(row["terminalId"] == "T-101")
        #expect(row["recordStatusFlag"] == "current")
        #expect(row["gaijiFlag"] == "0")
        #expect(row["nameFurigana"] == "さとう　じろう")
    }
}
