/// What `swift test` said (試験の記録), as far as rules are concerned: names of tests that passed, by the rule ids they begin
/// with.
struct TestLog {
    /// Rule → names of tests that passed and never failed.
    private(set) var tests: [String: Set<String>] = [:]
    private var failed: Set<String> = []

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) { read(line) }
        for name in failed {
            for rule in Self.rules(of: name) { tests[rule]?.remove(name) }
        }
    }

    /// A suite counts like a test: `✔ Test "R-021, R-022: …" with 3 test cases passed after 0.1 seconds.`
    private mutating func read(_ line: Substring) {
        guard
            let start = (line.firstRange(of: "Test \"") ?? line.firstRange(of: "Suite \""))?
                .upperBound,
            let end = line[start...].lastIndex(of: "\"")
        else { return }
        let name = String(line[start..<end])
        let rest = line[end...]
        if rest.contains(" passed after ") {
            for rule in Self.rules(of: name) { tests[rule, default: []].insert(name) }
        } else if rest.contains(" failed after ") || rest.contains(" recorded an issue") {
            failed.insert(name)
        }
    }

    /// The ids a name begins with: `R-040, R-041: …`.
    static func rules(of name: String) -> [String] {
        guard let colon = name.firstIndex(of: ":") else { return [] }
        let ids = name[..<colon].split(separator: ",").map { id in
            String(id.drop { $0 == " " })
        }
        return ids.allSatisfy(isRule) ? ids : []
    }

    private static func isRule(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(2)
        return text.hasPrefix("R-") && digits.count == 3
            && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
