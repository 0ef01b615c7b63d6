import JSONSchema
import Testing

@Suite("Every keyword")
struct KeywordTests {
    @Test(
        "A keyword allows and refuses what the specification says",
        arguments: KeywordCase.scalars + KeywordCase.arrays + KeywordCase.objects
            + KeywordCase.inPlace)
    func keyword(entry: KeywordCase) throws {
        let schema = try compiled(entry.schema)
        for payload in entry.valid {
            let verdict = verdict(payload, schema)
            #expect(verdict == .valid, "\(payload)")
        }
        for payload in entry.invalid {
            guard case .invalid = verdict(payload, schema) else {
                Issue.record("\(payload) was not refused")
                continue
            }
        }
    }

    @Test("Many elements are compared without comparing every pair")
    func manyItems() throws {
        let schema = try compiled(#"{"uniqueItems":true}"#)
        let items = (0..<9_000).map { #"{"a":[\#($0),"x"]}"# }
        #expect(verdict("[\(items.joined(separator: ","))]", schema) == .valid)
        let repeated = items + [#"{"a":[4.5e3,"\u0078"]}"#]
        #expect(!verdict("[\(repeated.joined(separator: ","))]", schema).isValid)
    }

    @Test("Large objects are equal whatever the order of their members")
    func largeObjects() throws {
        let members = (0..<2_000).map { #""k\#($0)":\#($0)"# }
        let schema = try compiled("{\"const\":{\(members.joined(separator: ","))}}")
        #expect(verdict("{\(members.reversed().joined(separator: ","))}", schema) == .valid)
        let changed = ["\"k0\":1"] + members.dropFirst()
        #expect(!verdict("{\(changed.joined(separator: ","))}", schema).isValid)
    }

    @Test("A hundred required members are all looked for")
    func manyRequired() throws {
        let names = (0..<100).map { "m\($0)" }
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        let schema = try compiled("{\"required\":[\(list)]}")
        func payload(_ names: [String]) -> String {
            "{" + names.map { "\"\($0)\":null" }.joined(separator: ",") + "}"
        }
        #expect(verdict(payload(names), schema) == .valid)
        for missing in names {
            guard
                case .invalid(let violation) = verdict(
                    payload(names.filter { $0 != missing }), schema)
            else {
                Issue.record("\(missing) was not missed")
                continue
            }
            #expect(violation.keyword == "required")
            #expect(violation.missingMember == missing)
        }
    }
}
