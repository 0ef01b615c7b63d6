import JSONSchema
import Testing

@Suite("Captures and inspection")
struct CaptureTests {
    private static let captures = ["x-order-key", "x-technical-id"]

    private static func captured(_ schema: String, _ payload: String) throws -> [String] {
        let schema = try compiled(schema, captures: captures)
        var checker = Checker()
        let bytes = Array(payload.utf8)
        _ = checker.check(bytes.span, against: schema)
        return checker.captures.map { capture in
            let raw = String(decoding: bytes[capture.range], as: UTF8.self)
            return "\(capture.keyword) \(capture.value) \(capture.pointer(in: bytes.span)) \(raw)"
        }
    }

    @Test("A capture gives keyword, annotation, pointer and the value as written")
    func places() throws {
        let schema = ##"""
            {"x-order-key":"whole","properties":{"code":{"$ref":"#/$defs/code"},
            "list":{"items":{"$ref":"#/$defs/id"}},"id":{"$ref":"#/$defs/id","x-order-key":"both"}},
            "$defs":{"code":{"type":"string","x-order-key":"juminhyoCode"},
            "id":{"x-technical-id":true}}}
            """##
        let payload = #"{"list":["a",{}], "id":1, "code": "\u0031" }"#
        #expect(
            try Self.captured(schema, payload) == [
                "0 whole  \(payload)", #"1 true /list/0 "a""#, "1 true /list/1 {}",
                "1 true /id 1", "0 both /id 1", #"0 juminhyoCode /code "\u0031""#,
            ])
        #expect(try Self.captured(schema, #"{"code":1}"#).isEmpty)
        #expect(try Self.captured(schema, #"{"code":"#).isEmpty)
    }

    @Test("Only schemas that held for the value are captured")
    func branches() throws {
        let key = #"{"x-order-key":"k","type":"string"}"#
        for (schema, payload, expected) in [
            (#"{"anyOf":[\#(key),{"x-order-key":"n","type":"number"}]}"#, "1", ["0 n  1"]),
            (#"{"anyOf":[{"type":"number"},{"x-order-key":"n"}]}"#, "1", ["0 n  1"]),
            (#"{"oneOf":[\#(key),{"x-order-key":"n","type":"number"}]}"#, #""s""#, [#"0 k  "s""#]),
            (#"{"not":{"not":\#(key)}}"#, #""s""#, []),
            (#"{"if":\#(key),"then":true,"else":{"x-order-key":"e"}}"#, #""s""#, [#"0 k  "s""#]),
            (#"{"if":\#(key),"then":true,"else":{"x-order-key":"e"}}"#, "1", ["0 e  1"]),
            (#"{"contains":\#(key)}"#, #"[1,"s"]"#, [#"0 k /1 "s""#]),
            (
                #"{"anyOf":[{"properties":{"a":\#(key)},"required":["b"]},true]}"#,
                #"{"a":"s"}"#, []
            ),
            (#"{"allOf":[\#(key),\#(key)]}"#, #""s""#, [#"0 k  "s""#]),
            (#"{"then":\#(key)}"#, #""s""#, []),
            (#"{"dependentSchemas":{"a":{"x-order-key":"d"}}}"#, #"{"b":1}"#, []),
            (#"{"propertyNames":\#(key)}"#, #"{"b":1}"#, [#"0 k /b "b""#]),
        ] {
            #expect(try Self.captured(schema, payload) == expected, "\(schema)")
        }
    }

    private struct Listing: ValueInspector, ~Copyable {
        var seen: [String] = []
        mutating func string(_ decoded: Span<UInt8>, isKey: Bool, captured: UInt32) {
            let text = String(decoding: decoded.indices.map { decoded[$0] }, as: UTF8.self)
            seen.append("\(isKey ? "key" : "string") \(text) \(captured)")
        }
        mutating func number(_ lexeme: Span<UInt8>) {
            let text = String(decoding: lexeme.indices.map { lexeme[$0] }, as: UTF8.self)
            seen.append("number \(text)")
        }
    }

    @Test("The inspector sees every decoded string, key and number once, with what was captured")
    func inspection() throws {
        let schema = try compiled(
            """
            {"properties":{"id":{"x-technical-id":true},"k":{"x-order-key":"a","x-technical-id":true},
            "m":{"anyOf":[{"type":"number","x-technical-id":true},true]}}}
            """, captures: Self.captures)
        var checker = Checker()
        var listing = Listing()
        let payload = Array(
            #"{"\u0069d":"1\u0032","k":"あ","m":"x","n":[-1.50E1,"",{"":null}],"z":true}"#.utf8)
        #expect(checker.check(payload.span, against: schema, inspector: &listing) == .valid)
        #expect(
            listing.seen == [
                "key id 0", "string 12 2", "key k 0", "string あ 3", "key m 0", "string x 0",
                "key n 0", "number -1.50E1", "string  0", "key  0", "key z 0",
            ])
    }

    @Test("Nothing is shown of a payload that is refused")
    func refused() throws {
        let schema = try compiled(#"{"maxProperties":0}"#)
        var checker = Checker()
        for payload in [#"{"a":1}"#, #"{"a":1"#] {
            var listing = Listing()
            #expect(
                !checker.check(Array(payload.utf8).span, against: schema, inspector: &listing)
                    .isValid)
            #expect(listing.seen.isEmpty)
        }
    }

    @Test("A checker carries nothing over from one payload to the next")
    func reuse() throws {
        var used = Checker()
        for entry in try CorpusEntry.read("random-schemas.txt").prefix(200) {
            let schema = try compiled(entry.schema, captures: ["type", "const"])
            for (_, instance) in entry.cases {
                var fresh = Checker()
                let bytes = Array(instance.utf8)
                #expect(
                    used.check(bytes.span, against: schema)
                        == fresh.check(bytes.span, against: schema))
                #expect(used.captures == fresh.captures)
            }
        }
    }
}
