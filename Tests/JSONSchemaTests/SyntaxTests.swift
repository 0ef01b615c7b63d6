import JSONSchema
import Testing

@Suite("What is no JSON text")
struct SyntaxTests {
    @Test(
        "Malformed texts are refused with a code and a place",
        arguments: [
            ("", "truncated", 0), (" \n", "truncated", 2), ("{", "truncated", 1),
            ("[1,", "truncated", 3), (#""abc"#, "truncated", 4), (#"{"a""#, "truncated", 4),
            ("tru", "truncated", 3), ("-", "truncated", 1), ("1e", "truncated", 2),
            (#""\u12"#, "truncated", 5), (#""\"#, "truncated", 2),
            ("trux", "syntax", 3), ("nul ", "syntax", 3), ("[1 2]", "syntax", 3),
            ("[1,]", "syntax", 3), ("{,}", "syntax", 1), (#"{"a":1,}"#, "syntax", 7),
            (#"{"a" 1}"#, "syntax", 5), ("{1:2}", "syntax", 1), ("[1}", "syntax", 2),
            (#"{"a":1]"#, "syntax", 6), ("'a'", "syntax", 0), ("+1", "syntax", 0),
            (".5", "syntax", 0), ("NaN", "syntax", 0), ("// x\n1", "syntax", 0),
            ("]", "syntax", 0), ("\u{FEFF}1", "syntax", 0), ("\u{A0}1", "syntax", 0),
            ("1 2", "trailing-content", 2), ("{}x", "trailing-content", 2),
            ("null,", "trailing-content", 4), ("1\u{0}", "trailing-content", 1),
            ("01", "number", 1), ("-01", "number", 2), ("1.x", "number", 2),
            ("1ex", "number", 2), ("-a", "number", 1), ("00", "number", 1),
            (#""\x""#, "escape", 1), (#""\u12G4""#, "escape", 5), (#""\U0041""#, "escape", 1),
            (#""\ud800""#, "lone-surrogate", 1), (#""\udc00""#, "lone-surrogate", 1),
            (#""\ud800\u0041""#, "lone-surrogate", 1), (#""a\ud800x""#, "lone-surrogate", 2),
            (#""\ud800\ud800""#, "lone-surrogate", 1),
            ("\"a\nb\"", "control-character", 2), ("\"\u{1F}\"", "control-character", 1),
            ("\"\\n\u{0}\"", "control-character", 3),
            (#"{"a":1,"a":2}"#, "duplicate-key", 7), (#"{"a":1,"\u0061":2}"#, "duplicate-key", 7),
            (#"[{"":1,"b":{},"":2}]"#, "duplicate-key", 14),
        ])
    func malformed(text: String, code: String, offset: Int) throws {
        let fault = try fault(text.utf8)
        #expect(fault?.code.rawValue == code)
        #expect(fault?.offset == offset)
    }

    @Test(
        "Every value may stand at the top, with white space around it",
        arguments: [
            "null", "true", "false", "0", "-0.5E+10", #""""#, #""\"\\\/\b\f\n\r\t\u0000""#,
            #""\ud842\udfb7""#, "[]", "{}", " [ 1 , { \"a\" : [ ] } ] ", "\"\u{7F}\u{10FFFF}\"",
        ])
    func wellFormed(text: String) throws {
        #expect(try fault(" \t\r\n\(text)\n ".utf8) == nil)
    }

    @Test(
        "Strings are strict UTF-8",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE3, 0x81],
            [0xE3, 0x41, 0x82], [0xE3, 0x81, 0x41], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFF],
            [0xF0, 0x9F, 0x98, 0x41],
        ] as [[UInt8]])
    func utf8(bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        let ascii = Array("abcdefghij".utf8)
        let escape = Array("\\n".utf8)
        for (before, after) in [([], []), (ascii, ascii), (escape, []), ([], escape + ascii)] {
            let text = [quote] + before + bytes + after + [quote]
            #expect(try fault(text)?.code == .utf8)
            #expect(try fault(text)?.offset == 1 + before.count)
        }
        #expect(try fault([quote] + bytes)?.code != nil)
    }

    @Test("Every code point survives, written plainly or escaped")
    func everyCodePoint() throws {
        let schema = try compiled(#"{"minLength":1,"maxLength":1,"pattern":"^[\\s\\S]$"}"#)
        var checker = Checker()
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 7) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let escaped = String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
            let isPlain = value >= 0x20 && scalar != "\"" && scalar != "\\"
            for text in [escaped] + (isPlain ? [String(scalar)] : []) {
                let verdict = checker.check(Array("\"\(text)\"".utf8).span, against: schema)
                #expect(verdict == .valid, "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test("Nesting, members and size end at their limits")
    func limits() throws {
        let limits = CheckLimits(maxDepth: 3, maxMembers: 4, maxBytes: 40)
        #expect(try fault("[[[1]]]".utf8, limits: limits) == nil)
        #expect(
            try fault("[[{\"a\":[]}]]".utf8, limits: limits)
                == SyntaxFault(code: .depth, offset: 7))
        #expect(try fault("[1,2,3,4]".utf8, limits: limits) == nil)
        #expect(
            try fault("[1,2,3,4,5]".utf8, limits: limits)
                == SyntaxFault(code: .members, offset: 8))
        #expect(
            try fault(#"{"a":1,"b":1,"c":1,"d":1,"e":1}"#.utf8, limits: limits)?.code == .members)
        let full = "\"" + String(repeating: "a", count: 38) + "\""
        #expect(try fault(full.utf8, limits: limits) == nil)
        #expect(
            try fault((full + " ").utf8, limits: limits) == SyntaxFault(code: .size, offset: 40))
        #expect(try fault(Array(repeating: UInt8(ascii: "["), count: 1 << 20))?.code == .depth)
    }

    @Test("A duplicate among many members is found, and quickly")
    func manyMembers() throws {
        let members = (0..<10_000).map { "\"k\($0)\":0" }
        #expect(try fault("{\(members.joined(separator: ","))}".utf8) == nil)
        let repeated = members.dropLast() + ["\"k5000\":1"]
        #expect(try fault("{\(repeated.joined(separator: ","))}".utf8)?.code == .duplicateKey)
    }
}
