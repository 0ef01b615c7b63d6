import Foundation
import Testing

/// The three files of 別添2 as data and in the layouts, against the dictionary of the domain (`Fixtures/dictionary.json`).
@Suite("記録項目")
struct RecordItemTests {
    private struct Word: Decodable {
        let id: String
        let ja: String
        let en: String
        let type: String
    }

    private struct Records: Decodable {
        struct File: Decodable {
            struct Item: Decodable {
                let id: String
                let ja: String
                let name: String
                let type: String
            }

            let file: String
            let items: [Item]
        }

        let files: [File]
    }

    /// A property of a layout that bears a record item.
    private struct Bearer {
        let layout: String
        let name: String
        let item: String
        let title: String?
    }

    private let dictionary: [Word]
    private let bearers: [Bearer]

    init() throws {
        dictionary = try JSONDecoder().decode(
            [Word].self, from: Repository.fixture("dictionary.json"))
        var found: [Bearer] = []
        for (path, bytes) in try Repository.schemas() where path.hasPrefix("messages/") {
            let schema = try JSONSerialization.jsonObject(with: Data(bytes))
            let layout = path.dropFirst("messages/".count).dropLast(".schema.json".count)
            Self.collect(schema, name: "", layout: String(layout), into: &found)
        }
        bearers = found
    }

    private static func collect(
        _ node: Any, name: String, layout: String, into found: inout [Bearer]
    ) {
        if let object = node as? [String: Any] {
            if let item = object["x-item"] as? String {
                found.append(
                    Bearer(
                        layout: layout, name: name, item: item, title: object["title"] as? String))
            }
            for (key, value) in object where key != "examples" {
                if key == "properties", let properties = value as? [String: Any] {
                    for (property, schema) in properties {
                        collect(schema, name: property, layout: layout, into: &found)
                    }
                } else {
                    collect(value, name: name, layout: layout, into: &found)
                }
            }
        } else if let array = node as? [Any] {
            for value in array { collect(value, name: name, layout: layout, into: &found) }
        }
    }

    private func items(of layout: String) -> Set<String> {
        Set(bearers.filter { $0.layout == layout }.map(\.item))
    }

    private func all(_ file: String) -> Set<String> {
        Set(dictionary.map(\.id).filter { $0.hasPrefix("\(file)-") })
    }

    @Test("The record data hold 83, 40 and 67 items with the dictionary's names, letter by letter")
    func data() throws {
        let bytes = try #require(try Repository.schemas()["catalogue/records.json"])
        let records = try JSONDecoder().decode(Records.self, from: Data(bytes))
        #expect(records.files.map(\.file) == ["F1", "F2", "F3"])
        #expect(records.files.map(\.items.count) == [83, 40, 67])
        let rows = records.files.flatMap(\.items)
        #expect(rows.map(\.id) == dictionary.map(\.id))
        for (row, word) in zip(rows, dictionary) {
            #expect(Array(row.ja.unicodeScalars) == Array(word.ja.unicodeScalars), "\(row.id)")
            #expect(row.name == word.en && row.type == word.type, "\(row.id)")
        }
    }

    @Test(
        "Every field of a layout that is a record item bears the item's Japanese name, letter by letter"
    )
    func titles() {
        let names = Dictionary(uniqueKeysWithValues: dictionary.map { ($0.id, $0.ja) })
        #expect(bearers.count > 500)
        for bearer in bearers {
            let expected = names[bearer.item].map { Array($0.unicodeScalars) }
            #expect(
                bearer.title.map { Array($0.unicodeScalars) } == expected,
                "\(bearer.layout) \(bearer.name) \(bearer.item)")
        }
    }

    @Test("A whole 住民票 enters by its message: all 83 items")
    func register() {
        #expect(items(of: "population.import.request/v1").isSuperset(of: all("F1")))
    }

    @Test("本人確認情報 goes to the CS with F2-1 to F2-25 and 旧氏; the rest is the CS's own")
    func identity() {
        let sent = Set((Array(1...25) + Array(37...40)).map { "F2-\($0)" })
        #expect(items(of: "identity.update.request/v3").isSuperset(of: sent))
        let first = Set((1...25).map { "F2-\($0)" })
        #expect(items(of: "identity.update.request/v1").isSuperset(of: first))
        #expect(
            items(of: "identity.update.request/v1").isDisjoint(
                with: ["F2-37", "F2-38", "F2-39", "F2-40"]))
    }

    @Test(
        "提供する情報 are the eight items of II(2)5③, whatever the version",
        arguments: ["identity.update.notice/v1", "consistency.check.submit/v1"])
    func eight(layout: String) {
        let eight = Set([1, 2, 6, 7, 11, 13, 21, 22].map { "F2-\($0)" })
        #expect(items(of: layout) == eight)
    }

    @Test("送付先情報 has 61 items before 令和2年5月29日 and 67 since", arguments: ["extracted", "notify"])
    func mailing(hop: String) {
        let sixtyOne = Set((1...61).map { "F3-\($0)" })
        #expect(items(of: "mailing-address.\(hop)/v1") == sixtyOne)
        #expect(items(of: "mailing-address.\(hop)/v2") == all("F3"))
    }

    @Test(
        "Each item of the three files is carried by some message, but for the CS's own control items"
    )
    func carried() {
        let carried = Set(bearers.map(\.item))
        let missing = dictionary.map(\.id).filter { !carried.contains($0) }
        #expect(
            missing == [
                "F2-27", "F2-28", "F2-30", "F2-32", "F2-33", "F2-34", "F2-35", "F2-36",
            ])
    }
}
