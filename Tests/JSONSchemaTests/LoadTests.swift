import JSONSchema
import Testing

@Suite("Schemas that do not load")
struct LoadTests {
    @Test(
        "A keyword that is not implemented refuses the schema, wherever it stands",
        arguments: [
            (##"{"$dynamicRef":"#a"}"##, "/$dynamicRef"),
            (#"{"$dynamicAnchor":"a"}"#, "/$dynamicAnchor"),
            (##"{"$recursiveRef":"#"}"##, "/$recursiveRef"),
            (#"{"definitions":{}}"#, "/definitions"),
            (#"{"dependencies":{}}"#, "/dependencies"),
            (#"{"additionalItems":true}"#, "/additionalItems"),
            (#"{"maxLenght":1}"#, "/maxLenght"), (#"{"X-item":1}"#, "/X-item"),
            (#"{"properties":{"a/b":{"id":"x"}}}"#, "/properties/a~1b/id"),
            (#"{"items":{"anyOf":[true,{"foo":1}]}}"#, "/items/anyOf/1/foo"),
            (#"{"$defs":{"unused":{"not":{"foo":1}}}}"#, "/$defs/unused/not/foo"),
            (#"{"contentSchema":{"foo":1}}"#, "/contentSchema/foo"),
            (
                #"{"if":true,"then":{"dependentSchemas":{"a":{"foo":1}}}}"#,
                "/then/dependentSchemas/a/foo"
            ),
        ])
    func unknown(schema: String, pointer: String) {
        let error = loadError(schema)
        #expect(error?.uri == "test")
        #expect(error?.pointer == pointer)
        #expect(error?.reason.contains("no keyword this checker implements") == true)
    }

    @Test("Keywords beginning with x- are allowed, and so are the capture keywords")
    func extensions() throws {
        _ = try compiled(#"{"x-item":"F2-13","x-any":{"foo":[1]}}"#)
        _ = try compiled(#"{"order":1}"#, captures: ["order"])
        #expect(loadError(#"{"order":1}"#) != nil)
    }

    @Test(
        "A keyword with a value of the wrong shape refuses the schema",
        arguments: [
            #"{"type":"strin"}"#, #"{"type":[]}"#, #"{"type":["null","null"]}"#, #"{"type":1}"#,
            #"{"enum":1}"#, #"{"multipleOf":0}"#, #"{"multipleOf":-1}"#, #"{"multipleOf":"1"}"#,
            #"{"maximum":"1"}"#, #"{"exclusiveMinimum":true}"#, #"{"maxLength":-1}"#,
            #"{"minLength":1.5}"#, #"{"maxItems":"1"}"#, #"{"pattern":1}"#,
            #"{"uniqueItems":1}"#, #"{"required":"a"}"#, #"{"required":["a","a"]}"#,
            #"{"required":[1]}"#, #"{"dependentRequired":["a"]}"#,
            #"{"dependentRequired":{"a":"b"}}"#, #"{"properties":[]}"#, #"{"properties":{"a":1}}"#,
            #"{"items":[true]}"#, #"{"prefixItems":[]}"#, #"{"prefixItems":{}}"#,
            #"{"allOf":[]}"#, #"{"anyOf":{}}"#, #"{"oneOf":[1]}"#, #"{"not":null}"#,
            #"{"$ref":1}"#, #"{"$anchor":"1a"}"#, #"{"$id":1}"#, ##"{"$id":"a#b"}"##,
            #"{"title":1}"#, #"{"deprecated":"yes"}"#, #"{"examples":{}}"#, #"{"format":1}"#,
            ##"{"$schema":"http://json-schema.org/draft-07/schema#"}"##,
            #"{"$vocabulary":{"https://example.org/mine":true}}"#,
            #"{"properties":{"a":{"$schema":"https://json-schema.org/draft/2020-12/schema"}}}"#,
            "[]", "1", "null", "", "{", #"{"type":"null","type":"null"}"#,
        ])
    func shape(schema: String) {
        #expect(loadError(schema) != nil)
    }

    @Test(
        "A schema that would apply itself to one value for ever does not compile",
        arguments: [
            ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##,
            ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
            ##"{"if":{"not":{"anyOf":[true,{"$ref":"#"}]}}}"##,
            ##"{"dependentSchemas":{"a":{"maximum":1,"$ref":"#"}}}"##,
            ##"{"properties":{"a":{"minimum":1,"oneOf":[{"$ref":"#/properties/a"}]}}}"##,
        ])
    func loops(schema: String) {
        #expect(loadError(schema) != nil)
    }

    @Test("Chains of schemas for one value have a limit")
    func chains() {
        func chain(_ length: Int) -> String {
            let links = (0..<length).map {
                ##""d\##($0)":{"minimum":0,"$ref":"#/$defs/d\##($0 + 1)"}"##
            }
            return
                ##"{"$ref":"#/$defs/d0","$defs":{\##(links.joined(separator: ",")),"d\##(length)":true}}"##
        }
        #expect(loadError(chain(40)) == nil)
        #expect(loadError(chain(200)) != nil)
    }

    @Test("References that leave the library, or lead to no schema, do not compile")
    func references() {
        for reference in [
            "https://example.org/other", "#/$defs/missing", "#missing", "other", "#/enum/0",
            "#/x-note/a", "#/$defs/~2", "#%zz", "https://json-schema.org/draft/2020-12/schema",
        ] {
            let error = loadError(
                #"{"$ref":"\#(reference)","enum":[{}],"x-note":{"a":{}},"$defs":{}}"#)
            #expect(error != nil, "\(reference)")
        }
        var library = SchemaLibrary()
        #expect(throws: SchemaLoadError.self) { try library.compile("nothing") }
        #expect(throws: SchemaLoadError.self) { try library.add(Array("1".utf8), uri: "a") }
        #expect(throws: SchemaLoadError.self) { try library.compile("a") }
        #expect(throws: Never.self) { try library.add(Array("true".utf8), uri: "a") }
        #expect(throws: SchemaLoadError.self) { try library.add(Array("true".utf8), uri: "a") }
    }
}
