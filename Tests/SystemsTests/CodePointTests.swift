import Messaging
import ParticipantStore
import Testing

/// What enters is what arrives, code point for code point (issue 3, Records): 外字, IVS, 旧氏, 通称, 不詳 dates, readings.
@Suite("文字と日付の同一性")
struct CodePointTests {
    /// A variation selector, a character outside the basic plane, 外字, and a mark that NFC would compose.
    private static let name = "渡邉\u{E0102}　\u{20BB7}\u{E000}子か\u{3099}"
    private static let address = "水戸市五軒町三丁目999番地の\u{FA11}\u{E0101}"
    private static let formerSurname = "髙\u{FA11}\u{E0100}"
    private static let unknown: JSONValue = .object([
        "kind": .text("unknown"), "text": .text("大正\u{E0100}年月日不詳"),
    ])

    private func importing(_ changes: JSONFields) throws -> City {
        let city = try City.before("2025-10-06T09:00:00+09:00")
        var request = try Layouts.example("population.import.request/v1", city.files)
        guard case .array(let residents)? = request["residents"],
            case .object(var resident)? = residents.first
        else {
            Issue.record("the layout's example has no resident")
            return city
        }
        resident.merge(changes) { $1 }
        request["residents"] = .array([.object(resident)])
        try city.send(
            City.Injection(
                topic: "population.import.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use", fields: request))
        return city
    }

    /// Every value under a name, anywhere in the messages that went to `recipient`.
    private func values(_ name: String, in city: City, to recipient: String) -> [JSONValue] {
        func collect(_ value: JSONValue) -> [JSONValue] {
            switch value {
            case .object(let members):
                return members.flatMap { ($0.key == name ? [$0.value] : []) + collect($0.value) }
            case .array(let values): return values.flatMap(collect)
            case .null, .flag, .integer, .text: return []
            }
        }
        return city.passed.filter { $0.recipient == recipient }
            .flatMap { collect(.object($0.fields)) }
    }

    private func scalars(_ value: JSONValue?) -> [UInt32]? {
        value?.text?.unicodeScalars.map(\.value)
    }

    @Test(
        "Names and addresses arrive at every system and outside party as they entered",
        arguments: [
            ("municipalCS", "nameKanji", name), ("municipalCS", "address", address),
            ("officeLinkage", "nameKanji", name), ("officeLinkage", "currentAddress", address),
            ("integratedAddressee", "nameKanji", name),
            ("intermediateServer", "nameKanji", name),
            ("taxSystem", "nameKanji", name), ("taxSystem", "currentAddress", address),
            ("certificateIssuance", "nameKanji", name),
            ("certificateIssuance", "currentAddress", address),
            ("municipalCS", "formerSurnameKanji", formerSurname),
            ("certificateIssuance", "formerSurnameKanji", formerSurname),
        ])
    func texts(recipient: String, field: String, text: String) throws {
        let city = try importing([
            "nameKanji": .text(Self.name), "currentAddress": .text(Self.address),
            "formerSurnameKanji": .text(Self.formerSurname), "formerSurnameKana": .text("タカサキ"),
        ])
        let found = values(field, in: city, to: recipient)
        #expect(!found.isEmpty)
        for value in found {
            #expect(scalars(value) == text.unicodeScalars.map(\.value), "\(recipient) \(field)")
        }
    }

    @Test("外字数 counts 外字 and selectors where the CS is told (F2-3, F2-12)")
    func gaiji() throws {
        let city = try importing([
            "nameKanji": .text(Self.name), "currentAddress": .text(Self.address),
        ])
        #expect(values("nameGaijiCount", in: city, to: "municipalCS") == [.integer(2)])
        #expect(values("addressGaijiCount", in: city, to: "municipalCS") == [.integer(1)])
    }

    @Test(
        "不詳 and dates no calendar has are transported, not repaired",
        arguments: [
            unknown,
            .object(["kind": .text("nonCalendar"), "text": .text("1981年2月29日")]),
        ])
    func dates(date: JSONValue) throws {
        let city = try importing(["birthDate": date])
        for recipient in [
            "officeLinkage", "integratedAddressee", "intermediateServer", "certificateIssuance",
            "taxSystem",
        ] {
            let found = values("birthDate", in: city, to: recipient)
            #expect(!found.isEmpty && found.allSatisfy { $0 == date }, "\(recipient)")
        }
        // 住基ネット's own form: unknown digits are zero.
        #expect(
            values("birthDate", in: city, to: "municipalCS").allSatisfy {
                $0.text?.count == 8 && $0.text?.hasSuffix("00") == true
            })
    }

    @Test("A reading arrives with its certification, whichever it is", arguments: [true, false])
    func readings(isCertified: Bool) throws {
        let city = try importing([
            "nameKana": .text("ワタナベ　ヴヰ"), "nameKanaCertified": .flag(isCertified),
        ])
        let katakana = JSONValue.object([
            "value": .text("ワタナベ　ヴヰ"), "certified": .flag(isCertified),
        ])
        for recipient in ["officeLinkage", "integratedAddressee", "certificateIssuance"] {
            let found = values("nameKana", in: city, to: recipient)
            #expect(!found.isEmpty && found.allSatisfy { $0 == katakana }, "\(recipient)")
        }
        let hiragana = values("nameFurigana", in: city, to: "municipalCS")
        #expect(
            hiragana == [
                .object(["value": .text("わたなべ　ゔゐ"), "certified": .flag(isCertified)])
            ])
    }
}
