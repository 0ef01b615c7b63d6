import Messaging

/// One invented person of the test data (架空の人物, catalogue 4.8).
package struct Person: Hashable, Sendable {
    /// `P04`.
    package let key: String
    /// What the file says, by camelCase name, with what is derived from it (`birthDate8`, `nameFurigana` …).
    package let items: JSONValue

    package var juminhyoCode: String { text("juminhyoCode") }
    package var individualNumber: String { text("individualNumber") }
    package var nameKanji: String { text("nameKanji") }
    package var nameFurigana: String { text("nameFurigana") }
    package var birthDate8: String { text("birthDate8") }
    package var sex: String { text("sexCode") }
    package var municipality: String { text("municipality") }
    package var address: String { text("address") }
    package var cardManagementNumber: String? { items["cardManagementNumber"]?.string }

    private func text(_ name: String) -> String { items[name]?.string ?? "" }
}

/// The invented people a lab works with (架空の人々); no other person appears in a scenario.
package struct People: Hashable, Sendable {
    package let byKey: [String: Person]

    /// The items every person has; the rest is optional.
    private static let required = [
        "nameKanji", "nameKana", "sexCode", "birthDate", "juminhyoCode", "individualNumber",
        "municipality", "address",
    ]

    /// Reads the YAML text of a people file, which must call itself synthetic.
    package init(yaml text: String, file: String) throws(ScenarioFault) {
        let document = try YAMLText.parse(text, file: file)
        guard document["synthetic"]?.bool == true else {
            throw ScenarioFault(file: file, pointer: "/synthetic", "only invented people are read")
        }
        guard let entries = document["people"]?.object else {
            throw ScenarioFault(file: file, pointer: "/people", "people were expected")
        }
        var people: [String: Person] = [:]
        for (key, entry) in entries {
            people[key] = try Self.person(key, entry, file: file)
        }
        byKey = people
    }

    package func person(juminhyoCode: String) -> Person? {
        byKey.values.first { $0.juminhyoCode == juminhyoCode }
    }

    package func person(individualNumber: String) -> Person? {
        byKey.values.first { $0.individualNumber == individualNumber }
    }

    /// 個人番号 of everybody, for searches that must find none.
    package var individualNumbers: [String] { byKey.values.map(\.individualNumber).sorted() }

    private static func person(
        _ key: String, _ entry: JSONValue, file: String
    ) throws(ScenarioFault) -> Person {
        guard var items = entry.object else {
            throw ScenarioFault(file: file, pointer: "/people/\(key)", "items were expected")
        }
        for name in required where items[name]?.string == nil {
            throw ScenarioFault(file: file, pointer: "/people/\(key)/\(name)", "text was expected")
        }
        let date: CivilDate
        do throws(InvalidIdentifier) {
            date = try CivilDate(iso: items["birthDate"]?.string ?? "")
        } catch {
            throw ScenarioFault(
                file: file, pointer: "/people/\(key)/birthDate", error.description)
        }
        items["birthDate8"] = .string(date.date8)
        items["nameFurigana"] = .string(Self.hiragana(items["nameKana"]?.string ?? ""))
        return Person(key: key, items: .object(items))
    }

    /// V-7: katakana to hiragana, everything else as it is.
    private static func hiragana(_ kana: String) -> String {
        var text = ""
        for scalar in kana.unicodeScalars {
            guard (0x30A1...0x30F6).contains(scalar.value),
                let hira = Unicode.Scalar(scalar.value - 0x60)
            else {
                text.unicodeScalars.append(scalar)
                continue
            }
            text.unicodeScalars.append(hira)
        }
        return text
    }
}
