import JSONSchema
import Testing

@Suite("References among documents")
struct ReferenceTests {
    @Test("Documents refer to one another by URI, by $id, by anchor and by pointer")
    func documents() throws {
        var library = SchemaLibrary()
        try library.add(
            Array(
                ##"""
                {"$id":"https://juki.example/common/person","$defs":{
                "name":{"$anchor":"name","type":"string","maxLength":3},
                "code":{"$id":"code","type":"string","minLength":2,"$defs":{"x":{"const":"x"}}}}}
                """##.utf8), uri: "person.json")
        try library.add(
            Array(
                ##"""
                {"$id":"https://juki.example/messages/a","properties":{
                "n":{"$ref":"../common/person#name"},"c":{"$ref":"/common/code"},
                "d":{"$ref":"../common/./person#/$defs/code"},"x":{"$ref":"../common/code#/$defs/x"},
                "self":{"$ref":"#"}},"additionalProperties":false}
                """##.utf8), uri: "a.json")
        for uri in ["a.json", "https://juki.example/messages/a"] {
            let schema = try library.compile(uri)
            #expect(verdict(#"{"n":"abc","c":"ab","d":"ab","x":"x","self":{}}"#, schema) == .valid)
            for (payload, pointer, place) in [
                (#"{"n":"abcd"}"#, "/n", "person.json#/$defs/name/maxLength"),
                (#"{"c":"a"}"#, "/c", "person.json#/$defs/code/minLength"),
                (#"{"d":"a"}"#, "/d", "person.json#/$defs/code/minLength"),
                (#"{"x":"a"}"#, "/x", "person.json#/$defs/code/$defs/x/const"),
                (#"{"self":{"self":{"n":1}}}"#, "/self/self/n", "person.json#/$defs/name/type"),
                (#"{"self":{"y":1}}"#, "/self/y", "/additionalProperties"),
            ] {
                guard case .invalid(let violation) = verdict(payload, schema) else {
                    Issue.record("\(payload) was not refused")
                    continue
                }
                #expect(violation.instancePointer == pointer)
                #expect(violation.schemaPointer == place)
            }
        }
        let part = try library.compile("person.json#/$defs/code/$defs/x")
        #expect(verdict(#""x""#, part) == .valid)
    }

    @Test(
        "References resolve as RFC 3986 says",
        arguments: [
            ("http://a/b/c/d;p?q", "g", "http://a/b/c/g"),
            ("http://a/b/c/d;p?q", "./g", "http://a/b/c/g"),
            ("http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"),
            ("http://a/b/c/d;p?q", "/g", "http://a/g"),
            ("http://a/b/c/d;p?q", "//g", "http://g"),
            ("http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"),
            ("http://a/b/c/d;p?q", "../g", "http://a/b/g"),
            ("http://a/b/c/d;p?q", "../../../g", "http://a/g"),
            ("http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"),
            ("urn:juki:a", "urn:juki:b", "urn:juki:b"), ("http://a", "b", "http://a/b"),
            ("messages/a", "b", "messages/b"), ("messages/a", "../b", "b"), ("a", "b", "b"),
        ])
    func resolution(base: String, reference: String, target: String) throws {
        var library = SchemaLibrary()
        try library.add(Array(#"{"const":"found"}"#.utf8), uri: target)
        try library.add(Array("{\"$ref\":\"\(reference)\"}".utf8), uri: base)
        let schema = try library.compile(base)
        #expect(verdict(#""found""#, schema) == .valid)
        #expect(!verdict(#""lost""#, schema).isValid)
    }

    @Test("Composed and decomposed kana are two names")
    func normalForms() throws {
        let schema = try compiled(
            "{\"properties\":{\"が\":{\"const\":1},\"か\u{3099}\":{\"const\":2}},"
                + "\"required\":[\"が\",\"か\u{3099}\"],\"enum\":[{\"が\":1,\"か\u{3099}\":2}]}")
        #expect(verdict("{\"が\":1,\"か\u{3099}\":2}", schema) == .valid)
        #expect(!verdict("{\"が\":2,\"か\u{3099}\":1}", schema).isValid)
    }
}
