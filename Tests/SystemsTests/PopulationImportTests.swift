import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("初期登録")
struct PopulationImportTests {
    let city: City

    init() throws { city = try City.before("2025-10-06T09:00:00+09:00") }

    @Test(
        "A household is registered, everybody who keeps something of it learns it, and no A1-04 goes out"
    )
    func household() throws {
        let reply = try city.imports([city.row(), city.mate()])
        #expect(reply["result"] == .text("accepted"))
        #expect(reply["imported"] == .integer(2))
        let facts = try city.facts("residentRegister", City.resident)
        #expect(facts["state"] == .text("current"))
        #expect(facts["version"] == .integer(1))
        #expect(facts["imported"] == .integer(2))
        #expect(city.messages("identity.load.request", to: "municipalCS").count == 2)
        #expect(city.messages("identity.update.notice").isEmpty)
        #expect(city.messages("resident.sync", to: "officeLinkage").count == 2)
        #expect(city.messages("resident.sync", to: "integratedAddressee").count == 2)
        #expect(city.messages("replica.update.request", to: "integratedAddressee").count == 2)
        #expect(city.messages("certificate-data.update", to: "certificateIssuance").count == 2)
        #expect(city.messages("family-register-supplement.deliver").isEmpty)
    }

    @Test("The CS has everybody after the load, and says so")
    func loaded() throws {
        try city.imports([city.row(), city.mate()])
        #expect(city.unaccepted.isEmpty, "\(city.unaccepted)")
        #expect(try city.facts("municipalCS", City.person)["identity"] == .text("current"))
        #expect(
            try city.facts("residentRegister", City.resident)["answer.A103"] == .text("accepted"))
    }

    @Test("Importing the same 住民票コード again changes nothing and sends nothing")
    func again() throws {
        try city.imports([city.row(), city.mate()])
        city.forgetPassed()
        let reply = try city.imports([
            city.row { $0["currentAddress"] = .text("水戸市中央一丁目1番") }, city.mate(),
        ])
        #expect(reply["unchanged"] == .integer(2))
        #expect(reply["imported"] == .integer(0))
        #expect(reply["result"] == .text("accepted"))
        #expect(city.messages("resident.sync").isEmpty)
        #expect(try city.facts("residentRegister", City.resident)["version"] == .integer(1))
    }

    @Test(
        "R-022: a column that is none of the 83 items fits no layout, and the register refuses its row"
    )
    func foreignColumn() throws {
        let row = try city.row { $0["shoeSize"] = .text("27") }
        #expect(
            try !city.fits(
                "population.import.request/v1",
                ["batchId": .text("b"), "residents": .array([.object(row)])]))
        let reply = try city.imports([row, city.mate()], isLinked: false)
        #expect(reply["imported"] == .integer(1))
        #expect(reply["refused"] == .integer(1))
        #expect(try City.refusal(reply) == (1, "item-unknown", ["shoeSize"]))
        #expect(try city.facts("residentRegister")["foreignColumns"] == .integer(0))
        #expect(try city.cells(of: "residentRegister") { $0.contains("27") && $0.count == 2 } == 0)
    }

    @Test(
        "A row with a wrong check digit or a missing item is refused by row and item, and names no value",
        arguments: [
            ("individualNumber", "999999001040"), ("juminhyoCode", "88888001040"),
            ("addresseeNumber", "0000010040"), ("currentMunicipalityCode", "082010"),
        ])
    func checkDigits(item: String, value: String) throws {
        let reply = try city.imports([city.row { $0[item] = .text(value) }])
        #expect(reply["result"] == .text("refused"))
        #expect(reply["code"] == .text("no-valid-row"))
        let refusal = try City.refusal(reply)
        #expect(refusal.row == 1)
        #expect(refusal.items == [item])
        let text = String(
            decoding: try PayloadCoding.encode(JSONValue.object(reply)), as: UTF8.self)
        #expect(!text.contains(value))
        #expect(try city.facts("residentRegister")["residents"] == .integer(0))
    }

    @Test("A foreign resident without what 住基法30条の45 wants is refused")
    func foreigner() throws {
        let reply = try city.imports([city.row(1) { $0["residenceCardNumber"] = nil }])
        #expect(try City.refusal(reply).items == ["residenceCardNumber"])
        #expect(try city.imports([city.row(1)])["imported"] == .integer(1))
    }

    @Test("A 個人番号 or 宛名番号 of somebody else is refused")
    func taken() throws {
        try city.imports([city.row()])
        let number = try city.imports([
            city.mate { $0["individualNumber"] = .text("999999001049") }
        ])
        #expect(try City.refusal(number).code == "individual-number-taken")
        let addressee = try city.imports([
            city.mate { $0["addresseeNumber"] = .text("0000010049") }
        ])
        #expect(try City.refusal(addressee).code == "addressee-number-taken")
    }

    @Test("Numbers given later never meet those that were imported; one message is one household")
    func numbers() throws {
        try city.imports([city.row { $0["addresseeNumber"] = .text("0000000019") }])
        for (code, number) in [("88888001020", "999999001022"), ("88888001012", "999999001014")] {
            let reply = try city.imports([
                city.mate {
                    $0["juminhyoCode"] = .text(code)
                    $0["individualNumber"] = .text(number)
                    $0["addresseeNumber"] = nil
                    $0["householdNumber"] = nil
                }
            ])
            #expect(reply["imported"] == .integer(1), "\(reply)")
        }
        let households = try city.imports([
            city.row(1) { $0["householdNumber"] = nil },
            city.mate {
                $0["juminhyoCode"] = .text("88888001039")
                $0["individualNumber"] = .text("999999001030")
                $0["addresseeNumber"] = nil
                $0["householdNumber"] = nil
            },
        ])
        #expect(households["imported"] == .integer(2))
        let first: String = try city.stored("88888001063")["householdNumber"]
        let second: String = try city.stored("88888001039")["householdNumber"]
        #expect(first == second)
    }

    @Test("What enters is kept code point for code point: 外字, IVS, 不詳, 旧氏, 通称, uncertified 振り仮名")
    func codePoints() throws {
        let name = "渡邉\u{E0100}　\u{E000}子\u{2000B}"
        let former = "葛\u{E0101}城か\u{3099}"
        try city.imports([
            city.row(1) {
                $0["nameKanji"] = .text(name)
                $0["formerSurnameKanji"] = .text(former)
                $0["foreignAliasKanji"] = .text("水戸　安")
                $0["birthDate"] = .object(["kind": .text("unknown"), "text": .text("昭和不詳")])
                $0["addresseeNumber"] = .text("0000010065")
            }
        ])
        let row = try city.stored("88888001063")
        #expect(Array((row["nameKanji"] as String).unicodeScalars) == Array(name.unicodeScalars))
        #expect(
            Array((row["formerSurnameKanji"] as String).unicodeScalars)
                == Array(former.unicodeScalars))
        #expect((row["birthDate"] as String).contains("昭和不詳"))
        #expect((row["furiganaCertified"] as Bool) == false)
        let sync = try #require(city.messages("resident.sync", to: "officeLinkage").last)
        let sent = try #require(sync.fields["nameKanji"]?.text)
        #expect(Array(sent.unicodeScalars) == Array(name.unicodeScalars))
        let load = try #require(city.messages("identity.load.request").last)
        let identity = try #require(load.fields["nameKanji"]?.text)
        #expect(Array(identity.unicodeScalars) == Array(name.unicodeScalars))
    }

    @Test("V-5: the number of a residence card is kept in capitals")
    func card() throws {
        try city.imports([city.row(1) { $0["residenceCardNumber"] = .text("ab12345678cd") }])
        #expect((try city.stored("88888001063")["residenceCardNumber"] as String) == "AB12345678CD")
    }

    @Test("R-023: 庁内連携 gets no 個人番号 of the imported, 宛名 does")
    func numberUse() throws {
        try city.imports([city.row()])
        let office = try #require(city.messages("resident.sync", to: "officeLinkage").first)
        #expect(office.fields["individualNumber"] == nil)
        let addressee = try #require(
            city.messages("resident.sync", to: "integratedAddressee").first)
        #expect(addressee.fields["individualNumber"] == .text("999999001049"))
        #expect(
            try city.cells(of: "officeLinkage") { $0.contains("999999001049") } == 0)
    }
}

extension City {
    /// The first refused row of an 初期登録.
    static func refusal(_ reply: JSONFields) throws -> (row: Int64, code: String, items: [String]) {
        guard case .array(let refusals)? = reply["refusals"], let first = refusals.first,
            case .array(let items)? = first["items"]
        else { throw Refuse("no-refusal") }
        return (
            first["row"]?.integer ?? 0, first["code"]?.text ?? "", items.compactMap(\.text)
        )
    }
}
