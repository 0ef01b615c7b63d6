import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 訂正")
struct CSCorrectionTests {
    let city: City

    init() throws {
        city = try City.before("2025-12-02T09:00:00+09:00")
        city.absent = ["residentRegister"]
        try city.csHolds(City.p04, number: City.individualNumber)
        city.forgetPassed()
    }

    private func reply() throws -> JSONFields {
        try city.last("identity.correction.reply", to: "integratedTerminal").fields
    }

    private func entered(
        by name: String = "nyuryoku-01", change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        try city.toCS(
            "identity.correction.request/v1", from: "integratedTerminal", by: name
        ) {
            $0["juminhyoCode"] = .text(City.p04)
            change(&$0)
        }
        return try reply()
    }

    private func decided(_ decision: String, by name: String) throws -> JSONFields {
        try city.toCS(
            "identity.correction.confirm/v1", from: "integratedTerminal", by: name
        ) {
            $0 = ["correctionNumber": .text("K1"), "decision": .text(decision)]
            if decision == "permit" { $0["permitId"] = .text("KYOKA-R7-001") }
        }
        return try reply()
    }

    private func address() throws -> String? {
        try #require(city.stores["municipalCS"]).perform {
            try String.fetchOne($0.database, sql: "SELECT address FROM identity")
        }
    }

    @Test(
        "R-042, R-043: a correction is entered, permitted by the 管理責任者 and confirmed by another person; then the prefecture hears of it"
    )
    func corrected() throws {
        let before = try address()
        #expect(try entered()["state"] == .text("entered"))
        #expect(try address() == before)
        #expect(try decided("permit", by: "kanri-03")["state"] == .text("permitted"))
        #expect(try address() == before)
        let applied = try decided("confirm", by: "kakunin-02")
        #expect(applied["state"] == .text("applied"))
        #expect(applied["updateSequence"] == .integer(2))
        #expect(try address() == "水戸市中央一丁目999番地の9")
        #expect(city.messages("identity.update.notice", to: "prefecturalServer").count == 1)
        #expect(try city.fact("versions", of: City.p04) == .integer(2))
        #expect(try city.fact("correctionLog") == .integer(1))
        #expect(try decided("confirm", by: "kakunin-02")["code"] == .text("correction-closed"))
    }

    @Test("R-043: without the permit of a 管理責任者 nothing is corrected")
    func permit() throws {
        _ = try entered()
        #expect(try decided("confirm", by: "kakunin-02")["code"] == .text("permit-missing"))
        #expect(
            try decided("permit", by: "kakunin-02")["code"] == .text("permit-not-authorised"))
        #expect(try city.fact("corrections") == .integer(0))
        #expect(try city.fact("versions", of: City.p04) == .integer(1))
    }

    @Test("R-043: the 管理責任者 does not permit what he entered himself")
    func ownPermit() throws {
        _ = try entered(by: "kanri-03")
        #expect(try decided("permit", by: "kanri-03")["code"] == .text("permit-not-authorised"))
    }

    @Test("R-042: who entered a correction does not confirm it")
    func samePerson() throws {
        _ = try entered()
        _ = try decided("permit", by: "kanri-03")
        #expect(try decided("confirm", by: "nyuryoku-01")["code"] == .text("same-person"))
        #expect(try city.fact("versions", of: City.p04) == .integer(1))
    }

    @Test("R-042: a rejected correction changes nothing and another can be entered")
    func rejected() throws {
        _ = try entered()
        #expect(try entered()["code"] == .text("correction-open"))
        #expect(try decided("reject", by: "kakunin-02")["state"] == .text("rejected"))
        #expect(try entered()["state"] == .text("entered"))
        #expect(try city.fact("versions", of: City.p04) == .integer(1))
    }

    @Test("R-043: the record of a correction is neither changed nor deleted")
    func log() throws {
        _ = try entered()
        _ = try decided("permit", by: "kanri-03")
        _ = try decided("confirm", by: "kakunin-02")
        let store = try #require(city.stores["municipalCS"])
        let row = try #require(
            store.perform {
                try Row.fetchOne($0.database, sql: "SELECT * FROM correction_log")
            })
        #expect(row["permitId"] == "KYOKA-R7-001")
        #expect(row["permittedBy"] == "kanri-03")
        #expect(row["operator"] == "kakunin-02")
        for sql in ["DELETE FROM correction_log", "UPDATE correction_log SET operator = 'x'"] {
            #expect(throws: DatabaseError.self) {
                try store.perform { try $0.database.execute(sql: sql) }
            }
        }
    }

    @Test("R-042: a deletion needs the same three, and its row stays 150 years")
    func removal() throws {
        _ = try entered {
            $0["items"] = nil
            $0["remove"] = .flag(true)
        }
        _ = try decided("permit", by: "kanri-03")
        _ = try decided("confirm", by: "kakunin-02")
        #expect(try city.fact("identity", of: City.p04) == .text("removed"))
        try city.clock.set("2175-12-02T23:59:59+09:00")
        try city.tick()
        #expect(try city.fact("identity", of: City.p04) == .text("removed"))
        try city.clock.set("2175-12-03T00:00:00+09:00")
        try city.tick()
        #expect(try city.fact("identity", of: City.p04) == .text("none"))
    }

    @Test("F2-31 is set by a correction like any other, and tells nobody outside")
    func forbid() throws {
        _ = try entered { $0["items"] = .object(["updateForbiddenFlag": .text("1")]) }
        _ = try decided("permit", by: "kanri-03")
        _ = try decided("confirm", by: "kakunin-02")
        #expect(try city.fact("forbidden", of: City.p04) == .flag(true))
        #expect(city.messages("identity.update.notice").isEmpty)
        #expect(try city.identityIsUpdated("addressChange", sequence: 2) == "update-forbidden")
    }

    @Test("A correction of nobody, or with a number that is not one, is refused")
    func bad() throws {
        #expect(
            try entered { $0["juminhyoCode"] = .text("88888001012") }["code"]
                == .text("match-failed"))
        #expect(
            try entered {
                $0["items"] = .object(["individualNumber": .text("999999001031")])
            }["code"] == .text("individual-number-invalid"))
    }
}
