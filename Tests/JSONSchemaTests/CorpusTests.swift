import Foundation
import JSONSchema
import Testing

/// A schema of a corpus file with instances and the verdicts others gave on them.
struct CorpusEntry {
    let schema: String
    var cases: [(isValid: Bool, instance: String)] = []

    static func read(_ name: String) throws -> [CorpusEntry] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Corpus/\(name)")
        var entries: [CorpusEntry] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let body = String(line.dropFirst(2))
            switch line.first {
            case "S": entries.append(CorpusEntry(schema: body))
            case "+": entries[entries.count - 1].cases.append((true, body))
            case "-": entries[entries.count - 1].cases.append((false, body))
            default: continue
            }
        }
        return entries
    }
}

@Suite("Verdicts of other implementations")
struct CorpusTests {
    @Test(
        "The checker agrees with every case of the corpus",
        arguments: [
            ("official-suite.txt", 1_200), ("random-schemas.txt", 6_000),
            ("random-patterns.txt", 3_000),
        ])
    func agreement(file: String, atLeast: Int) throws {
        var checker = Checker()
        var total = 0
        for entry in try CorpusEntry.read(file) {
            let schema = try compiled(entry.schema)
            for (isValid, instance) in entry.cases {
                let verdict = checker.check(Array(instance.utf8).span, against: schema)
                #expect(verdict.isValid == isValid, "\(entry.schema) \(instance) \(verdict)")
                total += 1
            }
        }
        #expect(total >= atLeast)
    }

    @Test("White space and escapes change no verdict")
    func spelling() throws {
        var checker = Checker()
        for entry in try CorpusEntry.read("random-schemas.txt").prefix(400) {
            let schema = try compiled(entry.schema)
            for (isValid, instance) in entry.cases {
                let respelled = Respelling.of(instance)
                let verdict = checker.check(respelled.span, against: schema)
                #expect(verdict.isValid == isValid, "\(entry.schema) \(instance) \(verdict)")
            }
        }
    }
}
