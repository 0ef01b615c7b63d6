package import Messaging
import ParticipantStore

/// One column of a department's file (列): an item of its profile, by the item's Japanese name.
package struct TransferColumn: Hashable, Sendable {
    /// The item's field name.
    let item: String
    /// 項目名 of 別添2.
    let title: String

    private struct Profiles: Decodable {
        struct Profile: Decodable {
            let recipient: ParticipantID
            let items: [String]
        }

        let profiles: [Profile]
    }

    private struct Records: Decodable {
        struct File: Decodable {
            struct Item: Decodable {
                let name: String
                let ja: String
            }

            let file: String
            let items: [Item]
        }

        let files: [File]
    }

    /// The items of a recipient's profiles in their order; throws `recipient-unknown` where it has none.
    package static func read(
        profiles: [UInt8], records: [UInt8], for recipient: ParticipantID
    ) throws -> [TransferColumn] {
        let own = try PayloadCoding.decode(Profiles.self, from: profiles).profiles
            .filter { $0.recipient == recipient }
        guard !own.isEmpty else {
            throw StoreError("recipient-unknown", "looking for the profile of \(recipient)")
        }
        var titles = ["moveDate": "異動日"]
        for file in try PayloadCoding.decode(Records.self, from: records).files
        where file.file == "F1" {
            for item in file.items { titles[item.name] = item.ja }
        }
        var seen: Set<String> = []
        return own.flatMap(\.items).filter { seen.insert($0).inserted }
            .map { TransferColumn(item: $0, title: titles[$0] ?? $0) }
    }
}

/// How transfers look as CSV (CSV様式; RFC 4180, UTF-8 with a byte order mark, CRLF): what enters is what arrives.
struct TransferTable: Sendable {
    let columns: [TransferColumn]

    /// The columns before the items.
    private static let fixed = [
        ("transferNumber", "移転先No"), ("profile", "移転項目表"), ("addresseeNumber", "宛名番号"),
        ("recordVersion", "履歴番号"), ("change", "異動の区分"), ("effectiveDate", "異動年月日"),
        ("snapshotId", "全件提供番号"),
    ]

    /// The heading and one row.
    func text(of transfer: JSONFields) -> String {
        let items: JSONFields
        if case .object(let given)? = transfer["items"] { items = given } else { items = [:] }
        let heading = Self.fixed.map(\.1) + columns.map(\.title)
        let row =
            Self.fixed.map { Self.plain(transfer[$0.0]) }
            + columns.map { Self.plain(items[$0.item]) }
        return "\u{FEFF}" + [heading, row].map(Self.line).joined()
    }

    private static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
            return cell
        }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    /// A date, a reading or a plain value; 不詳 as its words, an uncertified reading marked as such (V-7).
    private static func plain(_ value: JSONValue?) -> String {
        switch value {
        case .text(let text)?: return text
        case .integer(let number)?: return String(number)
        case .flag(let flag)?: return flag ? "1" : "0"
        case .object(let fields)?:
            if let date = fields["date"]?.text { return date }
            if let words = fields["text"]?.text { return words }
            if let reading = fields["value"]?.text {
                return fields["certified"] == .flag(true) ? reading : "\(reading)(未公証)"
            }
            return fields["kind"]?.text ?? ""
        case .array?, .null?, nil: return ""
        }
    }
}
