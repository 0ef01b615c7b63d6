import JSONSchema
import Testing

@Suite("Patterns")
struct PatternTests {
    private static func finds(_ pattern: String, _ text: String) throws -> Bool {
        verdict(JSONText.of(text), try compiled("{\"pattern\":\(JSONText.of(pattern))}")).isValid
    }

    @Test(
        "Classes and escapes mean what ECMA-262 says, on whole code points",
        arguments: [
            (#"^\d$"#, "7", "٧"), (#"^\D$"#, "あ", "7"), (#"^\w$"#, "_", "あ"),
            (#"^\W$"#, "あ", "z"), (#"^\s$"#, "\u{3000}", "あ"), (#"^\S$"#, "a", "\u{FEFF}"),
            (#"^.$"#, "𠮷", "\n"), (#"^.$"#, "か", "か\u{3099}"), (#"^.$"#, "a", "\u{2028}"),
            (#"^\u3042$"#, "あ", "い"), (#"^\ud842\udfb7$"#, "𠮷", "吉"),
            (#"^\u{20BB7}$"#, "𠮷", "吉"),
            (
                #"^\x41\t\n\r\f\v\0\cA$"#,
                "A\t\n\r\u{C}\u{B}\u{0}\u{1}", "A"
            ),
            (#"^[𠮷-𠮿]$"#, "𠮸", "吉"), (#"^[^a-z]$"#, "𠮷", "q"),
            (#"^[^]$"#, "\n", ""), (#"^[a\-z]$"#, "-", "b"), (#"^[a-]$"#, "-", "b"),
            (#"^[\dx-]$"#, "-", "y"), (#"^[\b]$"#, "\u{8}", "b"), (#"^[\^\]]+$"#, "]^", "a"),
            (#"^\p{Han}+$"#, "山田々〇", "やまだ"), (#"^\p{Script=Hiragana}+$"#, "やまだ", "ヤマダ"),
            (#"^\p{sc=Katakana}+$"#, "ヤマダｱ", "ー"),
            (#"^\p{L}+$"#, "aあ山ー", "1"), (#"^\p{Lu}$"#, "Ａ", "ａ"), (#"^\p{gc=Nd}$"#, "٧", "a"),
            (#"^\P{L}$"#, "1", "あ"), (#"^[\p{Hiragana}ー\u3000]+$"#, "やまだ　たろー", "ヤ"),
            (#"^[^\p{Han}]$"#, "a", "山"), (#"^\/\.\-\$$"#, "/.-$", "/x-$"),
        ])
    func classes(pattern: String, matching: String, other: String) throws {
        #expect(try Self.finds(pattern, matching))
        #expect(try !Self.finds(pattern, other))
    }

    @Test(
        "Anchors, groups, choices and repetitions",
        arguments: [
            ("b", ["abc", "b"], ["", "ac"]), ("", ["", "a"], []),
            ("^$", [""], ["a"]), ("$^", [""], ["a"]), ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
            ("^(?:ab|c)+$", ["abc", "c"], ["", "abca"]), ("^(?<年>a)$", ["a"], ["aa"]),
            ("^a{3}$", ["aaa"], ["aa", "aaaa"]), ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
            ("^a{1,2}$", ["a", "aa"], ["", "aaa"]), ("^a{0}$", [""], ["a"]),
            ("^(a?){3}$", ["", "aaa"], ["aaaa"]), ("^(a*)*$", ["", "aa"], ["b"]),
            ("^(a|b?)+c$", ["c", "abac"], ["a"]), ("^a+?b??$", ["a", "ab"], ["abb"]),
            ("(^a|^b)c", ["ac", "bc"], ["xac"]), ("a$b", [], ["ab", "a\nb"]),
            ("^()$", [""], ["x"]), ("^(|a)$", ["", "a"], ["b"]), ("^[0-9]{2}$", ["12"], ["12\n"]),
        ])
    func structure(pattern: String, matching: [String], others: [String]) throws {
        for text in matching { #expect(try Self.finds(pattern, text), "\(text)") }
        for text in others { #expect(try !Self.finds(pattern, text), "\(text)") }
    }

    @Test(
        "What is not linear, or not in the subset, does not load",
        arguments: [
            #"(a)\1"#, #"\k<a>"#, "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?i)a", #"\b"#, #"\B"#,
            "a**", "*", "+a", "?", "a{2", "a{,2}", "a{2,1}", "a{1001}", "{", "}", "]", "(", ")",
            "a|)", "[a", "[b-a]", #"[\d-x]"#, #"[\d-\w]"#, #"\"#, #"\a"#, #"\_"#, #"\u12"#,
            #"\ud800"#,
            #"\u{110000}"#, #"\u{}"#, #"\x1"#, #"\c1"#, #"\01"#, #"\p{Klingon}"#, #"\pL"#,
            #"\p{sc=Latin}"#, "^*", "$+", "(?<1", "(?", "(a{1000}){1000}",
            "((((a{9}){9}){9}){9}){9}",
        ])
    func refusals(pattern: String) {
        let error = loadError("{\"properties\":{\"p\":{\"pattern\":\(JSONText.of(pattern))}}}")
        #expect(error?.pointer == "/properties/p/pattern")
        #expect(error?.reason.hasPrefix("the pattern is refused") == true)
        let asName = loadError("{\"patternProperties\":{\(JSONText.of(pattern)):true}}")
        #expect(asName?.reason.hasPrefix("the pattern is refused") == true)
    }

    @Test("Nested repetitions of nothing load at once")
    func emptyRepetitions() throws {
        var pattern = ""
        for _ in 0..<50 { pattern = "(\(pattern)){1000}" }
        #expect(try Self.finds(pattern, "a"))
        #expect(loadError(#"{"pattern":"\#(String(repeating: "(", count: 2_000))"}"#) != nil)
    }

    @Test(
        "The time is linear in the string, whatever the pattern",
        arguments: [
            "^(a+)+$", "(a*)*b$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y",
            "^(([a-z])+.)+[A-Z]([a-z])+$",
            // Grows beyond a deterministic automaton: its threads are followed instead.
            "^(a|b)*a(a|b){14}c$",
        ])
    func linear(pattern: String) throws {
        let schema = try compiled("{\"pattern\":\"\(pattern)\"}")
        let long = "\"" + String(repeating: "a", count: 400_000) + "!\""
        let clock = ContinuousClock()
        let taken = clock.measure { #expect(!verdict(long, schema).isValid) }
        #expect(taken < .seconds(5))
    }

    @Test("A pattern too large for a deterministic automaton matches all the same")
    func threads() throws {
        let pattern = "^(あ|b)*あ(あ|b){12}$"
        #expect(try Self.finds(pattern, "bbあ" + String(repeating: "b", count: 12)))
        #expect(try !Self.finds(pattern, "bbb" + String(repeating: "b", count: 12)))
        #expect(try !Self.finds(pattern, ""))
        #expect(try Self.finds("a(a|b){12}$|^$", ""))
        #expect(
            try Self.finds("(a|b)*a(a|b){12}c", "zzb" + String(repeating: "a", count: 14) + "cz"))
    }
}

/// The JSON spelling of a string.
enum JSONText {
    static func of(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\" + String(scalar)
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
