import Foundation
import JSONSchema
import Testing

/// The code lists of 4.3 as data, and the layouts that use them.
@Suite("コード一覧")
struct CodeListTests {
    private struct Lists: Decodable {
        struct List: Decodable {
            struct Value: Decodable {
                let code: String
                let ja: String
            }

            let id: String
            let definition: [String]
            let values: [Value]
        }

        let lists: [List]
    }

    private let schemas: [String: [UInt8]]
    private let lists: [Lists.List]

    init() throws {
        schemas = try Repository.schemas()
        let bytes = try #require(schemas["catalogue/code-lists.json"])
        lists = try JSONDecoder().decode(Lists.self, from: Data(bytes)).lists
    }

    /// The enum of a `$defs` entry or of `<type>/<property>`, in each layout that has one.
    private func enums(of definition: String) throws -> [(layout: String, codes: [String])] {
        let parts = definition.split(separator: "/").map(String.init)
        var found: [(String, [String])] = []
        for (path, bytes) in schemas where path.hasPrefix("messages/") {
            let schema = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            let section = parts.count == 1 ? "$defs" : "properties"
            guard parts.count == 1 || path.hasPrefix("messages/\(parts[0])/"),
                let entries = schema?[section] as? [String: Any],
                let entry = entries[parts.last ?? ""] as? [String: Any],
                let codes = entry["enum"] as? [String]
            else { continue }
            found.append((path, codes))
        }
        return found
    }

    @Test("Every layout's enum is exactly its code list")
    func enums() throws {
        for list in lists {
            let codes = list.values.map(\.code)
            #expect(Set(codes).count == codes.count && list.values.allSatisfy { !$0.ja.isEmpty })
            var used: Set<String> = []
            for definition in list.definition {
                let bearers = try enums(of: definition)
                #expect(!bearers.isEmpty, "\(list.id) \(definition)")
                for bearer in bearers {
                    // CL-7 is the one list whose values belong to different versions.
                    if list.definition.count == 1 {
                        #expect(bearer.codes == codes, "\(list.id) \(bearer.layout)")
                    }
                    #expect(Set(bearer.codes).isSubset(of: codes), "\(list.id) \(bearer.layout)")
                    used.formUnion(bearer.codes)
                }
            }
            #expect(used == Set(codes), "\(list.id)")
        }
    }

    @Test(
        "CL-3: 続柄 are the standard's words, chained with の four deep at most",
        arguments: [
            ("世帯主", true), ("妻", true), ("夫(未届)", true), ("子", true), ("子の子", true),
            ("子の子の子の子", true), ("子(子の妻)", true), ("妻の父", true), ("縁故者", true), ("同居人", true),
            ("孫", false), ("祖父", false), ("子の子の子の子の子", false), ("の子", false), ("世帯主の子", false),
            ("", false),
        ])
    func relationships(text: String, isValid: Bool) throws {
        let bytes = try #require(schemas["messages/resident.sync/v2.schema.json"])
        let layout = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let definitions = try #require(layout?["$defs"] as? [String: Any])
        let part = try JSONSerialization.data(
            withJSONObject: try #require(definitions["relationship"]))
        var library = SchemaLibrary()
        try library.add(Array(part), uri: "urn:test:relationship")
        let schema = try library.compile("urn:test:relationship")
        var checker = Checker()
        let value = Array("\"\(text)\"".utf8)
        #expect(checker.check(value.span, against: schema).isValid == isValid)
    }
}
