import FoundationEssentials
import GRDB
import ParticipantStore

/// One 住民票 with its 83 items (住民票の記載), current, historical or provisional.
struct ResidentRecord: Hashable, Sendable {
    private var values: [F1Item: JSONValue] = [:]
    /// Whether the 振り仮名 is 公証済み (V-7); a value that is not is never printed.
    var furiganaCertified = false

    init() {}

    /// A null item is an absent one.
    subscript(item: F1Item) -> JSONValue? {
        get { values[item] }
        set { values[item] = newValue == .null ? nil : newValue }
    }

    func text(_ item: F1Item) -> String? { values[item]?.text }
    func date(_ item: F1Item) -> FuzzyDate? { FuzzyDate(values[item]) }

    /// The named items under their own names; absent ones are left out, or null where the layout wants them.
    func fields(_ items: [F1Item], nullable: Set<F1Item> = []) -> JSONFields {
        var fields: JSONFields = [:]
        for item in items {
            fields[item.rawValue] = values[item] ?? (nullable.contains(item) ? .null : nil)
        }
        return fields
    }

    /// 氏名の振り仮名 with its certification, as messages of the second generation carry it.
    var furigana: JSONValue {
        .object(["value": values[.nameKana] ?? .null, "certified": .flag(furiganaCertified)])
    }
}

extension ResidentRecord {
    /// From a row that has the item columns.
    init(row: Row) throws {
        for item in F1Item.allCases {
            guard let stored: String = row[item.rawValue] else { continue }
            values[item] =
                item.isStructured
                ? try JSONDecoder().decode(JSONValue.self, from: Data(stored.utf8)) : .text(stored)
        }
        furiganaCertified = row["furiganaCertified"]
    }

    /// The item columns in order, then the certification.
    func arguments() throws -> [(any DatabaseValueConvertible)?] {
        try F1Item.allCases.map { item in
            guard let value = values[item] else { return nil }
            if let text = value.text { return text }
            return String(decoding: try PayloadCoding.encode(value), as: UTF8.self)
        } + [furiganaCertified]
    }

    static let columns = F1Item.columns + ["furiganaCertified"]
}
