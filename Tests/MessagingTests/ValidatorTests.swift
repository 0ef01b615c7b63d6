import Messaging
import Testing

@Suite("Check digits and forms")
struct ValidatorTests {
    /// Catalogue 4.8: 個人番号, 住民票コード, 宛名番号 of the invented people.
    static let people = [
        ("999999001014", "88888001012", "0000010014"),
        ("999999001022", "88888001020", "0000010022"),
        ("999999001030", "88888001039", "0000010030"),
        ("999999001049", "88888001047", "0000010049"),
        ("999999001057", "88888001055", "0000010057"),
        ("999999001065", "88888001063", "0000010065"),
        ("999999001073", "88888001071", "0000010073"),
        ("999999001081", "88888001080", "0000010081"),
        ("999999002088", "88888001080", "0000010081"),
        ("999999001090", "88888001098", "0000010090"),
        ("999999001103", "88888001101", "0000010103"),
    ]

    @Test(
        "Every fixture person has valid numbers, and none with another last digit",
        arguments: people)
    func fixtures(individual: String, code: String, addressee: String) {
        #expect(IndividualNumber.isValid(individual))
        #expect(JuminhyoCode.isValid(code))
        #expect(AddresseeNumber.isValid(addressee))
        for digit in 0...9 {
            func other(_ text: String) -> String { text.dropLast() + String(digit) }
            #expect(
                IndividualNumber.isValid(other(individual)) == (other(individual) == individual))
            #expect(JuminhyoCode.isValid(other(code)) == (other(code) == code))
            #expect(AddresseeNumber.isValid(other(addressee)) == (other(addressee) == addressee))
        }
    }

    @Test("V-1: worked examples", arguments: ["123456789018", "999999000050", "999999000000"])
    func individualNumbers(text: String) {
        #expect(IndividualNumber.isValid(text))
        #expect(IndividualNumber.isValid(Array(text.utf8)))
    }

    @Test(
        "V-1: what is no 個人番号",
        arguments: [
            "", "123456789019", "12345678901", "1234567890180", "１２３４５６７８９０１８", "12345678901a",
        ])
    func notIndividualNumbers(text: String) { #expect(!IndividualNumber.isValid(text)) }

    @Test(
        "V-2: worked examples",
        arguments: ["24727059608", "24846016224", "25208017643", "12345678903"])
    func juminhyoCodes(text: String) { #expect(JuminhyoCode.isValid(text)) }

    @Test(
        "V-2: what is no 住民票コード",
        arguments: ["25208017644", "2472705960", "247270596080", "2472705960８"])
    func notJuminhyoCodes(text: String) { #expect(!JuminhyoCode.isValid(text)) }

    @Test("V-2: the strategy can be replaced")
    func strategy() {
        let always7 = JuminhyoCode.Strategy { _ in 7 }
        #expect(JuminhyoCode.isValid("12345678907", by: always7))
        #expect(!JuminhyoCode.isValid("12345678903", by: always7))
    }

    @Test(
        "V-3: municipalities",
        arguments: [
            "082015", "092011", "082210", "131016", "080004", "082201", "082163", "011002",
            "141003",
            "082023", "082031",
        ])
    func municipalities(text: String) throws {
        let code = try MunicipalityCode(String(text.prefix(5)))
        #expect(code.six == text)
        #expect(try MunicipalityCode(text) == code)
        #expect(code.prefecture == String(text.prefix(2)))
    }

    @Test("V-3: what is none", arguments: ["", "0820", "082016", "08201a", "0820150"])
    func notMunicipalities(text: String) {
        #expect(throws: InvalidIdentifier.self) { try MunicipalityCode(text) }
    }

    @Test("V-4: postal codes have seven digits")
    func postalCodes() {
        #expect(PostalCode.display("3108610") == "310-8610")
        for text in ["310-8610", "310861", "31086100", "３１０８６１０"] {
            #expect(PostalCode.display(text) == nil)
        }
    }

    @Test(
        "V-6: worked examples",
        arguments: [("000000012", "0000000124"), ("000012345", "0000123455")])
    func addresseeNumbers(serial: String, number: String) {
        #expect(AddresseeNumber.completed(serial: serial) == number)
        #expect(AddresseeNumber.isValid(number))
    }

    @Test(
        "V-6: what is none",
        arguments: ["", "4", "0000000125", "000000012a", String(repeating: "0", count: 21)])
    func notAddresseeNumbers(text: String) { #expect(!AddresseeNumber.isValid(text)) }

    @Test(
        "V-7: katakana becomes hiragana",
        arguments: [("ミト　タロウ", "みと　たろう"), ("ヴァンァヶー・ヽ", "ゔぁんぁゖー・ヽ"), ("みとA", "みとA")])
    func hiragana(katakana: String, hiragana: String) {
        #expect(Furigana.hiragana(fromKatakana: katakana) == hiragana)
    }

    @Test(
        "V-8: voicing marks and small kana go",
        arguments: [
            ("みと じろう", "みと しろう"), ("さっぽろ ぎんじ", "さつほろ きんし"),
            ("きょうづか しゅんぺい", "きようつか しゆんへい"), ("か\u{3099}は\u{309A}", "かは"),
            ("ゔゞゎぁゃゅょぱばぴびぷぶぺべぽぼ", "うゝわあやゆよははひひふふへへほほ"),
            (
                "がぎぐげござじずぜぞだぢづでどなにぬねのまみむめもらりるれろわをん",
                "かきくけこさしすせそたちつてとなにぬねのまみむめもらりるれろわをん"
            ),
            ("あいうえおかきくけこさしすせそたちつてとはひふへほやゆよ", "あいうえおかきくけこさしすせそたちつてとはひふへほやゆよ"),
        ])
    func unvoiced(text: String, expected: String) { #expect(Furigana.unvoiced(text) == expected) }

    @Test(
        "V-10: thirty days after the planned day, to its end",
        arguments: [
            ("2025-04-01", "2025-05-01", "2025-05-02"), ("2026-01-31", "2026-03-02", "2026-03-03"),
            ("2024-02-01", "2024-03-02", "2024-03-03"), ("2025-10-01", "2025-10-31", "2025-11-01"),
        ])
    func thirtyDays(planned: String, last: String, purge: String) throws {
        let rule = ThirtyDayRule(plannedDate: try CivilDate(iso: planned))
        #expect(rule.lastDay.iso == last)
        let instant = try Instant(rfc3339: "\(purge)T00:00:00+09:00")
        #expect(rule.purgeInstant == instant)
        #expect(rule.mustBePurged(at: instant))
        #expect(!rule.mustBePurged(at: instant - .nanoseconds(1)))
    }

    @Test(
        "V-5: a residence card's number is kept in capitals; anything else is none",
        arguments: [
            ("AB12345678CD", "AB12345678CD"), ("ab12345678cd", "AB12345678CD"),
            ("A12345678CD", nil), ("AB1234567８CD", nil), ("AB12345678C1", nil), ("", nil),
        ] as [(String, String?)])
    func residenceCards(text: String, kept: String?) {
        #expect(ResidenceCardNumber.normalised(text) == kept)
    }
}
