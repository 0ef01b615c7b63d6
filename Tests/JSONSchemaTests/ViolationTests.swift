import JSONSchema
import Testing

@Suite("What a violation says")
struct ViolationTests {
    @Test(
        "It names keyword, place in the payload and place in the schema",
        arguments: [
            (#"{"type":"object"}"#, "1", "type", "", "/type"),
            (
                #"{"properties":{"a/b":{"items":{"maxLength":1}}}}"#, #"{"a/b":["x","yy"]}"#,
                "maxLength", "/a~1b/1", "/properties/a~1b/items/maxLength"
            ),
            (
                #"{"additionalProperties":false}"#, #"{"extra":1}"#, "additionalProperties",
                "/extra", "/additionalProperties"
            ),
            (
                #"{"unevaluatedProperties":false,"allOf":[true]}"#, #"{"extra":1}"#,
                "unevaluatedProperties", "/extra", "/unevaluatedProperties"
            ),
            (#"{"properties":{"a":false}}"#, #"{"a":1}"#, "properties", "/a", "/properties/a"),
            ("false", "1", "false", "", ""),
            (#"{"prefixItems":[true],"items":false}"#, "[1,2]", "items", "/1", "/items"),
            (
                #"{"propertyNames":{"maxLength":1}}"#, #"{"ab":1}"#, "maxLength", "/ab",
                "/propertyNames/maxLength"
            ),
            (#"{"anyOf":[{"type":"null"},{"minimum":3}]}"#, "2", "anyOf", "", "/anyOf"),
            (#"{"oneOf":[true,true]}"#, "2", "oneOf", "", "/oneOf"),
            (#"{"not":true}"#, "2", "not", "", "/not"),
            (#"{"if":true,"then":{"const":1}}"#, "2", "const", "", "/then/const"),
            (#"{"contains":{"const":1}}"#, "[2]", "contains", "", "/contains"),
            (
                #"{"contains":{"const":1},"minContains":2}"#, "[1]", "minContains", "",
                "/minContains"
            ),
            (
                #"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, "dependentRequired", "",
                "/dependentRequired"
            ),
            (
                #"{"items":{"uniqueItems":true}}"#, "[[1],[2,2]]", "uniqueItems", "/1",
                "/items/uniqueItems"
            ),
            (
                ##"{"items":{"$ref":"#/$defs/e"},"$defs":{"e":{"enum":[1]}}}"##, "[1,2]", "enum",
                "/1", "/$defs/e/enum"
            ),
        ])
    func places(
        schema: String, payload: String, keyword: String, instance: String, place: String
    ) throws {
        guard case .invalid(let violation) = verdict(payload, try compiled(schema)) else {
            Issue.record("\(payload) was not refused")
            return
        }
        #expect(violation.keyword == keyword)
        #expect(violation.instancePointer == instance)
        #expect(violation.schemaPointer == place)
    }

    @Test("No value of the payload stands in a violation or a fault")
    func secrecy() throws {
        let secrets = ["123456789018", "山田太郎", "SECRET"]
        let schemas = [
            #"{"type":"null"}"#, #"{"const":1}"#, #"{"enum":[]}"#, #"{"maxLength":1}"#,
            #"{"pattern":"^$"}"#, #"{"minLength":99}"#, #"{"additionalProperties":false}"#,
            #"{"items":false}"#, #"{"propertyNames":false}"#, #"{"maximum":1,"type":"number"}"#,
            #"{"anyOf":[false,{"not":true}]}"#, #"{"additionalProperties":{"type":"null"}}"#,
            #"{"patternProperties":{".":{"items":{"maxLength":1}}}}"#,
        ]
        for text in schemas {
            let schema = try compiled(text)
            for secret in secrets {
                for payload in [
                    "\"\(secret)\"", "[\"\(secret)\"]", "{\"a\":\"\(secret)\"}",
                    "{\"番\(secret)\":\"\(secret)\"}", "{\"\(secret.prefix(1))\":[\"\(secret)\"]}",
                    "{\"123456789018\":[\"\(secret)\"]}", "{\"\(secret)", "{\"a\":1\(secret)",
                    "{\"\(secret)\":1,\"\(secret)\":2}",
                ] {
                    let verdict = verdict(payload, schema)
                    let said = "\(verdict)"
                    #expect(!said.contains(secret), "\(said)")
                    #expect(!said.contains("12345"), "\(said)")
                }
            }
        }
    }

    @Test("A name no schema knows is shown only if it can be no personal data")
    func unknownNames() throws {
        let schema = try compiled(
            #"{"properties":{"氏名":{"type":"null"}},"additionalProperties":{"type":"null"}}"#)
        for (name, shown) in [
            ("氏名", "氏名"), ("middleName", "middleName"), ("line-2.a_b", "line-2.a_b"),
            ("山田太郎", "?"), ("12345", "?"), ("1a2b3c4d5", "?"), ("a b", "?"), ("1234", "1234"),
            (String(repeating: "a", count: 41), "?"),
        ] {
            guard case .invalid(let violation) = verdict("{\"\(name)\":1}", schema) else {
                Issue.record("\(name) was not refused")
                continue
            }
            #expect(violation.instancePointer == "/\(shown)")
        }
    }
}
