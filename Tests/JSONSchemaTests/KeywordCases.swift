import Testing

/// One schema with payloads it allows and payloads it refuses.
struct KeywordCase: CustomTestStringConvertible, Sendable {
    let schema: String
    let valid: [String]
    let invalid: [String]

    init(_ schema: String, valid: [String], invalid: [String]) {
        self.schema = schema
        self.valid = valid
        self.invalid = invalid
    }

    var testDescription: String { schema }

    static let scalars = [
        KeywordCase("true", valid: ["null", "1", "{}", "[]"], invalid: []),
        KeywordCase("{}", valid: ["null", "1", "{}", "[]"], invalid: []),
        KeywordCase("false", valid: [], invalid: ["null", "1", "{}", "[]"]),
        KeywordCase(#"{"type":"null"}"#, valid: ["null"], invalid: ["0", "false", #""null""#]),
        KeywordCase(
            #"{"type":"boolean"}"#, valid: ["true", "false"], invalid: ["0", "1", "null"]),
        KeywordCase(
            #"{"type":"integer"}"#,
            valid: ["0", "-1", "1.0", "1e3", "1.5e1", "-0.0", "100e-2", "1e400"],
            invalid: ["0.5", "1e-1", "1.05e1", #""1""#, "null", "true"]),
        KeywordCase(#"{"type":"number"}"#, valid: ["0", "1.5", "1E-3"], invalid: [#""1""#, "[]"]),
        KeywordCase(#"{"type":"string"}"#, valid: [#""""#, #""あ""#], invalid: ["1", "null"]),
        KeywordCase(#"{"type":"array"}"#, valid: ["[]", "[1]"], invalid: ["{}", "null"]),
        KeywordCase(#"{"type":"object"}"#, valid: ["{}"], invalid: ["[]", "null"]),
        KeywordCase(
            #"{"type":["string","null"]}"#, valid: [#""a""#, "null"], invalid: ["1", "{}"]),
        KeywordCase(
            #"{"enum":["a",1,null,[1,2],{"x":1,"y":2.0},false,"\u3042"]}"#,
            valid: [
                #""a""#, #""\u0061""#, "1", "1.0", "10e-1", "null", "[1,2.0]",
                #"{"y":2,"x":1}"#, "false", #""あ""#,
            ],
            invalid: [
                #""b""#, "2", "0", "true", "[2,1]", #"{"x":1}"#, #"{"x":1,"y":2,"z":3}"#, "[1]",
            ]),
        KeywordCase(#"{"enum":[]}"#, valid: [], invalid: ["null", "0"]),
        KeywordCase(#"{"enum":[0]}"#, valid: ["0", "-0", "0e5"], invalid: ["false", "null"]),
        KeywordCase(#"{"const":false}"#, valid: ["false"], invalid: ["0", "null", "true"]),
        KeywordCase(#"{"const":1}"#, valid: ["1", "1.0", "1e0"], invalid: ["true", "2"]),
        KeywordCase(
            #"{"const":"が"}"#, valid: [#""が""#, #""\u304C""#], invalid: [#""\u304B\u3099""#]),
        KeywordCase(
            #"{"const":{"a":[{"b":null}],"c":"d"}}"#,
            valid: [#"{"c":"d","a":[{"b":null}]}"#],
            invalid: [#"{"c":"d","a":[{"b":0}]}"#, #"{"c":"d"}"#]),
        KeywordCase(
            #"{"minLength":2,"maxLength":3}"#,
            valid: [#""ab""#, #""あいう""#, #""𠮷𠮷""#, #""\uD842\uDFB7\u3042""#, "1"],
            invalid: [#""a""#, #""𠮷""#, #""\uD842\uDFB7""#, #""abcd""#, #""か\u3099か\u3099""#]),
        KeywordCase(
            #"{"minLength":2.0,"maxLength":3e0}"#, valid: [#""ab""#], invalid: [#""a""#]),
        KeywordCase(
            #"{"pattern":"^[0-9]{11}$"}"#,
            valid: [#""12345678901""#, "1", "null"],
            invalid: [#""1234567890""#, #""123456789012""#, #""12345678901\n""#, #""１２３４５６７８９０１""#]),
        KeywordCase(
            #"{"pattern":"b"}"#, valid: [#""abc""#, #""\u0062""#], invalid: [#""ac""#, #""""#]),
        KeywordCase(
            #"{"format":"date","contentEncoding":"base64","contentMediaType":"a/b"}"#,
            valid: [#""no date""#, "1"], invalid: []),
        KeywordCase(
            """
            {"title":"t","description":"d","$comment":"c","default":1,"examples":[2],
            "deprecated":true,"readOnly":true,"writeOnly":false,"contentSchema":{"type":"null"}}
            """, valid: ["1", #""a""#, "{}"], invalid: []),
    ]

    static let arrays = [
        KeywordCase(
            #"{"minItems":1,"maxItems":2}"#,
            valid: ["[1]", "[1,2]", "{}", #""""#], invalid: ["[]", "[1,2,3]"]),
        KeywordCase(
            #"{"uniqueItems":true}"#,
            valid: [
                "[]", "[1]", "[1,2]", "[1,true]", "[0,false,null]", #"["1",1]"#, "[[1],[2]]",
                #"[{"a":1},{"a":2}]"#, #"["か","\u304B\u3099"]"#,
            ],
            invalid: [
                "[1,1]", "[1,1.0]", "[10,1e1]", "[0,-0]", #"["a","\u0061"]"#, "[[1],[1.0]]",
                #"[{"a":1,"b":2},{"b":2,"a":1}]"#, "[null,1,null]",
            ]),
        KeywordCase(#"{"uniqueItems":false}"#, valid: ["[1,1]"], invalid: []),
        KeywordCase(
            #"{"items":{"type":"integer"}}"#,
            valid: ["[]", "[1,2]", "1"], invalid: [#"["a"]"#, #"[1,"a"]"#]),
        KeywordCase(
            #"{"prefixItems":[{"type":"integer"},{"type":"string"}]}"#,
            valid: ["[]", "[1]", #"[1,"a",null]"#], invalid: [#"["a"]"#, "[1,1]"]),
        KeywordCase(
            #"{"prefixItems":[true],"items":false}"#, valid: ["[]", "[1]"], invalid: ["[1,2]"]),
        KeywordCase(
            #"{"contains":{"const":1}}"#, valid: ["[1]", "[2,1.0]"], invalid: ["[]", "[2]"]),
        KeywordCase(
            #"{"contains":{"const":1},"minContains":2,"maxContains":3}"#,
            valid: ["[1,1]", "[1,2,1,1]"], invalid: ["[1]", "[1,1,1,1]", "[]"]),
        KeywordCase(
            #"{"contains":{"const":1},"minContains":0}"#, valid: ["[]", "[2]"], invalid: []),
        KeywordCase(#"{"minContains":5,"maxContains":0}"#, valid: ["[]", "[2]"], invalid: []),
        KeywordCase(
            #"{"prefixItems":[true],"unevaluatedItems":false}"#,
            valid: ["[1]"], invalid: ["[1,2]"]),
        KeywordCase(
            #"{"contains":{"type":"string"},"unevaluatedItems":{"type":"null"}}"#,
            valid: [#"["a",null]"#], invalid: [#"["a",1]"#]),
        KeywordCase(
            """
            {"anyOf":[{"prefixItems":[true,{"const":2}]},{"prefixItems":[true,true,{"const":3}]}],
            "unevaluatedItems":false}
            """, valid: ["[1,2]", "[1,9,3]", "[1,2,3]"], invalid: ["[1,2,4]", "[1,2,3,4]"]),
    ]

    static let objects = [
        KeywordCase(
            #"{"minProperties":1,"maxProperties":2}"#,
            valid: [#"{"a":1}"#, #"{"a":1,"b":2}"#, "[]"],
            invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]),
        KeywordCase(
            #"{"required":["a","名"]}"#,
            valid: [#"{"a":1,"名":2}"#, #"{"\u0061":1,"\u540d":2}"#, "1"],
            invalid: ["{}", #"{"a":1}"#, #"{"名":1}"#]),
        KeywordCase(
            #"{"dependentRequired":{"a":["b","c"],"d":[]}}"#,
            valid: ["{}", #"{"a":1,"b":1,"c":1}"#, #"{"d":1}"#, #"{"b":1}"#],
            invalid: [#"{"a":1}"#, #"{"a":1,"b":1}"#]),
        KeywordCase(
            #"{"properties":{"a":{"type":"integer"},"b":false}}"#,
            valid: ["{}", #"{"a":1}"#, #"{"c":null}"#], invalid: [#"{"a":"x"}"#, #"{"b":1}"#]),
        KeywordCase(
            #"{"patternProperties":{"^n":{"type":"integer"},"x$":{"minimum":5}}}"#,
            valid: [#"{"n":1}"#, #"{"nx":5}"#, #"{"a":"b"}"#],
            invalid: [#"{"n":"a"}"#, #"{"nx":1}"#, #"{"\u006E":"a"}"#]),
        KeywordCase(
            #"{"properties":{"a":true},"patternProperties":{"^b":true},"additionalProperties":false}"#,
            valid: [#"{"a":1,"b":1,"bc":1}"#], invalid: [#"{"c":1}"#, #"{"a":1,"cb":1}"#]),
        KeywordCase(
            #"{"additionalProperties":{"type":"null"}}"#,
            valid: [#"{"a":null}"#], invalid: [#"{"a":1}"#]),
        KeywordCase(
            #"{"propertyNames":{"maxLength":2,"pattern":"^[a-z]+$"}}"#,
            valid: [#"{"ab":1}"#, "{}"], invalid: [#"{"abc":1}"#, #"{"A":1}"#, #"{"":1}"#]),
        KeywordCase(#"{"propertyNames":false}"#, valid: ["{}"], invalid: [#"{"a":1}"#]),
        KeywordCase(
            #"{"dependentSchemas":{"a":{"required":["b"]},"c":false}}"#,
            valid: ["{}", #"{"a":1,"b":1}"#, #"{"b":1}"#], invalid: [#"{"a":1}"#, #"{"c":1}"#]),
        KeywordCase(
            #"{"properties":{"a":true},"unevaluatedProperties":false}"#,
            valid: [#"{"a":1}"#, "{}"], invalid: [#"{"a":1,"b":1}"#]),
        KeywordCase(
            """
            {"allOf":[{"properties":{"a":true}},{"$ref":"#/$defs/b"}],
            "$defs":{"b":{"properties":{"b":true}}},
            "if":{"properties":{"c":{"const":1}},"required":["c"]},"then":{"properties":{"d":true}},
            "unevaluatedProperties":false}
            """,
            valid: [#"{"a":1,"b":2}"#, #"{"a":1,"c":1,"d":2}"#],
            invalid: [#"{"e":1}"#, #"{"c":2}"#, #"{"d":1}"#, #"{"c":2,"d":1}"#]),
        KeywordCase(
            """
            {"anyOf":[{"properties":{"a":{"const":1}}},{"properties":{"b":true}}],
            "unevaluatedProperties":{"type":"null"}}
            """, valid: [#"{"a":1,"b":2,"c":null}"#], invalid: [#"{"a":2,"b":1}"#, #"{"c":1}"#]),
        KeywordCase(
            """
            {"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false}
            """, valid: ["{}"], invalid: [#"{"a":1}"#]),
        KeywordCase(
            """
            {"properties":{"a":true},"allOf":[{"unevaluatedProperties":false}]}
            """, valid: ["{}"], invalid: [#"{"a":1}"#]),
        KeywordCase(
            """
            {"dependentSchemas":{"a":{"properties":{"b":true}}},"properties":{"a":true},
            "unevaluatedProperties":false}
            """, valid: [#"{"a":1,"b":1}"#], invalid: [#"{"b":1}"#]),
    ]

    static let inPlace = [
        KeywordCase(
            #"{"allOf":[{"minimum":2},{"maximum":4}]}"#, valid: ["3"], invalid: ["1", "5"]),
        KeywordCase(
            #"{"anyOf":[{"type":"string"},{"minimum":4}]}"#,
            valid: [#""a""#, "5"], invalid: ["1"]),
        KeywordCase(
            #"{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}"#,
            valid: ["2", "3"], invalid: ["6", "5"]),
        KeywordCase(#"{"not":{"type":"string"}}"#, valid: ["1"], invalid: [#""a""#]),
        KeywordCase(
            #"{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":2}}"#,
            valid: ["20", "4", #""a""#], invalid: ["15", "3"]),
        KeywordCase(#"{"then":false,"else":false}"#, valid: ["1"], invalid: []),
        KeywordCase(#"{"if":true,"else":false}"#, valid: ["1"], invalid: []),
        KeywordCase(
            ##"{"$ref":"#/$defs/a","maximum":5,"$defs":{"a":{"minimum":3}}}"##,
            valid: ["4"], invalid: ["2", "6"]),
        KeywordCase(
            """
            {"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},
            "required":["v"]}
            """,
            valid: [#"{"v":1,"next":{"v":2,"next":{"v":3}}}"#],
            invalid: [#"{"v":1,"next":{"v":2,"next":{}}}"#]),
    ]
}
