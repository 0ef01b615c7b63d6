import GRDB
import Messaging
import MunicipalCS
import Participant
import ParticipantStore
import Testing

@Suite("市町村CS: 検索と照会")
struct CSQueryTests {
    let city: City

    init() throws {
        city = try City.before("2025-10-06T09:00:00+09:00")
        city.absent = ["residentRegister"]
        city.silent = ["nationalServer", "prefecturalServer"]
        try city.csHolds(City.p04, number: City.individualNumber)
    }

    private func search(
        _ keys: JSONFields, municipality: String? = nil, application: String? = "R20251006-00001"
    ) throws {
        try city.toCS(
            "identity.search.request/v2", from: "integratedTerminal", step: "B4-01",
            by: "madoguchi-04"
        ) { fields in
            fields = keys
            fields["purpose"] = .text("certificateIssue")
            fields["applicationReference"] = application.map { .text($0) }
            fields["municipalityCode"] = municipality.map { .text($0) }
        }
    }

    private func answer() throws -> City.Passed {
        try city.last("identity.search.result", to: "integratedTerminal")
    }

    /// A combination of 4情報 as bits: 1 氏名, 2 住所, 4 生年月日, 8 性別.
    private static func keys(_ bits: Int) -> JSONFields {
        var items: JSONFields = [:]
        if bits & 1 != 0 { items["nameKanji"] = .text("佐藤　次郎") }
        if bits & 2 != 0 { items["address"] = .text("水戸市見川二丁目999番地の4") }
        if bits & 4 != 0 { items["birthDate"] = .text("19900214") }
        if bits & 8 != 0 { items["sex"] = .text("1") }
        return ["fourItems": .object(items)]
    }

    @Test(
        "R-021: of the combinations of 4情報 those with 氏名 and 住所 or 生年月日 are searched, the others refused",
        arguments: 1...15)
    func combinations(bits: Int) throws {
        try search(Self.keys(bits))
        let isEnough = bits & 1 != 0 && bits & 6 != 0
        let fields = try answer().fields
        #expect(fields["code"]?.text == (isEnough ? nil : "search-keys-insufficient"))
        if isEnough {
            guard case .array(let hits)? = fields["hits"] else {
                Issue.record("no list")
                return
            }
            #expect(hits.count == 1)
        }
        #expect(city.messages("identity.search.request", to: "nationalServer").isEmpty)
    }

    @Test("R-021: with allowAddressBirthSearch 住所 and 生年月日 suffice (AMB-12)")
    func addressAndBirth() throws {
        city.csSettings.allowAddressBirthSearch = true
        try city.open("municipalCS")
        try search(Self.keys(6))
        #expect(try answer().fields["code"] == nil)
        try search(Self.keys(4))
        #expect(try answer().fields["code"] == .text("search-keys-insufficient"))
    }

    @Test(
        "R-021: a blank key, a lone wildcard or one character with a wildcard does not count",
        arguments: ["", "　", " ", "*", "％", "?", "佐*", "佐", "＊＊＊"])
    func wildcards(name: String) throws {
        try search([
            "fourItems": .object([
                "nameKanji": .text(name), "birthDate": .text("19900214"),
            ])
        ])
        #expect(try answer().fields["code"] == .text("search-keys-insufficient"))
    }

    @Test("R-021: a refused search is not asked elsewhere either")
    func refusedElsewhere() throws {
        try search(Self.keys(1), municipality: "08221")
        #expect(try answer().fields["code"] == .text("search-keys-insufficient"))
        #expect(city.messages("identity.search.request", to: "prefecturalServer").isEmpty)
    }

    @Test(
        "B4: by the first two digits the search stays here, goes to the prefecture or to the nation",
        arguments: [
            (nil, ""), ("08201", ""), ("08221", "prefecturalServer"), ("13101", "nationalServer"),
            ("09201", "nationalServer"),
        ] as [(String?, String)])
    func scope(municipality: String?, server: String) throws {
        try search(["juminhyoCode": .text(City.p04)], municipality: municipality)
        let asked = ["prefecturalServer", "nationalServer"].filter {
            !city.messages("identity.search.request", to: $0).isEmpty
        }
        #expect(asked == (server.isEmpty ? [] : [server]))
        #expect(city.messages("identity.search.result").count == (server.isEmpty ? 1 : 0))
    }

    @Test("B4: what another server found goes to the terminal that asked and stays nowhere")
    func found() throws {
        try search(["juminhyoCode": .text("88888001012")], municipality: "08221")
        let question = try city.last("identity.search.request", to: "municipalCS")
        try city.toCS("identity.search.result/v1", from: "prefecturalServer", step: "B4-01")
        let answer = try answer()
        #expect(answer.envelope.causation == question.envelope.id)
        #expect(try city.cells(of: "municipalCS") { $0.contains("88888001012") } == 0)
        #expect(try city.fact("relaysOpen") == .integer(0))
    }

    @Test(
        "B4: by 個人番号 the current holder is found; the list has no 個人番号; a wildcard finds by the beginning"
    )
    func keys() throws {
        func count() throws -> Int {
            guard case .array(let hits)? = try answer().fields["hits"] else { return -1 }
            return hits.count
        }
        try search(["individualNumber": .text(City.individualNumber)])
        #expect(try count() == 1)
        #expect(
            try !String(decoding: answer().payload, as: UTF8.self).contains(
                City.individualNumber))
        try search([
            "fourItems": .object([
                "nameKanji": .text("佐藤次*"), "birthDate": .text("19900214"),
            ])
        ])
        #expect(try count() == 1)
        try search([
            "fourItems": .object([
                "nameKanji": .text("佐藤花*"), "birthDate": .text("19900214"),
            ])
        ])
        #expect(try count() == 0)
    }

    @Test(
        "R-072: every search is logged with operator, terminal and kinds of keys, never their values; one without application is flagged"
    )
    func log() throws {
        try search(["individualNumber": .text(City.individualNumber)], application: nil)
        try search(Self.keys(3))
        let rows = try #require(city.stores["municipalCS"]).perform {
            try Row.fetchAll(
                $0.database,
                sql: "SELECT * FROM operation_log WHERE operation = 'identity.search' ORDER BY id")
        }
        #expect(rows.map { $0["keys"] as String? } == ["individualNumber", "nameKanji+address"])
        #expect(rows.map { $0["flagged"] as Int } == [1, 0])
        #expect(rows.map { $0["operator"] as String? } == ["madoguchi-04", "madoguchi-04"])
        #expect(rows.map { $0["terminal"] as String? } == ["IT-01", "IT-01"])
        let text = rows.map(\.description).joined()
        #expect(!text.contains(City.individualNumber) && !text.contains("佐藤"))
        #expect(try city.fact("flagged") == .integer(1))
        let codes = city.messages("audit.record").filter {
            $0.fields["operation"] == .text("identity.search")
        }.map { $0.fields["code"]?.text }
        #expect(codes == ["application-missing", nil])
        #expect(try city.fact("unflagged") == .integer(1))
    }

    @Test("R-070: a refused search leaves a record with its code too")
    func evidence() throws {
        try search(Self.keys(1))
        let record = try #require(
            city.messages("audit.record").last {
                $0.fields["operation"] == .text("identity.search")
            })
        #expect(record.fields["result"] == .text("refused"))
        #expect(record.fields["code"] == .text("search-keys-insufficient"))
        #expect(record.envelope.operatorID?.rawValue == "madoguchi-04")
        #expect(record.envelope.terminal?.rawValue == "IT-01")
    }

    @Test(
        "R-048: the inquiry's result id comes to the terminal with the person's items, and the CS keeps neither number nor name"
    )
    func inquiry() throws {
        try city.toCS(
            "identity.inquiry.request/v1", from: "integratedTerminal", step: "B5-01",
            by: "nyuryoku-01"
        ) { $0["individualNumber"] = .text("999999001014") }
        #expect(city.messages("identity.inquiry.request", to: "nationalServer").count == 1)
        try city.toCS("identity.inquiry.result/v1", from: "nationalServer", step: "B5-02") {
            guard case .object(var items)? = $0["items"] else { return }
            items["individualNumber"] = .text("999999001014")
            $0["items"] = .object(items)
        }
        let answer = try city.last("identity.inquiry.result", to: "integratedTerminal")
        #expect(answer.fields["verificationReference"] == .text("Q-20251006-00001"))
        #expect(try city.cells(of: "municipalCS") { $0.contains("999999001014") } == 0)
        #expect(try city.fact("inquiriesMatched") == .integer(1))
    }
}
