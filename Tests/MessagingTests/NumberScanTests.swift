import JSONSchema
import Messaging
import Testing

@Suite("R-020: no 個人番号 where none may be")
struct NumberScanTests {
    @Test(
        "R-020: A number is found however it is written",
        arguments: [
            "999999001049", "氏名999999001049様", "9999-9900-1049", "9999 9900 1049", "９９９９９９００１０４９",
            "9999　9900　1049", "9999ー9900ー1049", "99９９-99\u{00A0}00\u{200B}1049", "⑨⑨⑨⑨⑨⑨⓪⓪①⓪④⑨",
            "⁹⁹⁹⁹⁹⁹⁰⁰¹⁰⁴⁹", "₉₉₉₉₉₉₀₀₁₀₄₉", "𝟗𝟗𝟗𝟗𝟗𝟗𝟎𝟎𝟏𝟎𝟒𝟗", "9 9 9 9 9 9 0 0 1 0 4 9",
            "電話 0292329156、番号 999999001049", "999999\n001049", "❾❾❾❾❾❾⓿⓿❶⓿❹❾", "999999001049-1",
            "99999900⑩49",
        ])
    func found(text: String) {
        #expect(NumberScan.hits(in: text) == 1)
    }

    @Test(
        "R-020: What is not one passes",
        arguments: [
            "", "999999001048", "99999900104", "9999990010490", "029-232-9156", "99999900104a9",
            "88888001047", "999999001049".map { "\($0)円" }.joined(), "9999990.01049",
            "九九九九九九〇〇一〇四九",
            "99999900 10490",
        ])
    func passes(text: String) {
        #expect(NumberScan.hits(in: text) == 0)
    }

    @Test("R-020: The scan sees decoded strings, keys and numbers")
    func decoded() throws {
        #expect(try hits("{\"a\":\"\\u0039\\u0039999900\\u00310\\uff149\"}") == 1)
        #expect(try hits("{\"a\":\"99999900\\u002d1049\"}") == 1)
        #expect(try hits("{\"999999001049\":1}") == 1)
        #expect(try hits("{\"a\":[[999999001049]]}") == 1)
        #expect(try hits("{\"a\":9.99999001049e11}") == 1)
        #expect(try hits("{\"a\":999999001049.0}") >= 1)
        #expect(try hits("{\"a\":9999990010490e-1}") == 1)
        #expect(try hits("{\"a\":-999999001049}") == 1)
        #expect(try hits("{\"a\":99999900e4}") == 1)
        #expect(try hits("{\"a\":99999900000e1}") == 1)
        #expect(try hits("{\"a\":999999001048, \"b\": 1e12, \"c\": 0.5, \"d\": 0e12}") == 0)
    }

    @Test("Strings that the schema declares technical are not looked into, but keys are")
    func technical() throws {
        #expect(try hits("{\"id\":\"999999001049\"}") == 0)
        #expect(try hits("{\"id\":\"x\",\"a\":\"999999001049\"}") == 1)
        #expect(try hits("{\"id\":[\"999999001049\"]}") == 1)
    }

    private func hits(_ text: String) throws -> Int {
        let schema = """
            {"properties":{"id":{"x-technical-id":true}}}
            """
        var library = SchemaLibrary(captures: Catalogue.captures)
        try library.add(Array(schema.utf8), uri: "urn:test")
        let compiled = try library.compile("urn:test")
        var checker = Checker()
        var scan = NumberScan()
        let verdict = checker.check(Array(text.utf8).span, against: compiled, inspector: &scan)
        #expect(verdict.isValid)
        return scan.hits
    }
}
