import JSONSchema
import Testing

@Suite("Arbitrary bytes")
struct SyntaxFuzzTests {
    private static let seeds = [
        #"{"juminhyoCode":"12345678901","name":"山田　太郎","list":[1,2.5e-3,null,true]}"#,
        #"[{"a":{"b":["\u3042\ud842\udfb7","\\n\/"]}},-0.0,"",{},[[]],false]"#,
        #"{"a":1,"b":{"a":2,"c":[1,1]},"d":"\"\t"}"#,
    ]

    @Test("Mutated texts are accepted exactly when a plain reading of RFC 8259 accepts them")
    func mutations() throws {
        let schema = try compiled("true")
        var checker = Checker()
        var random = SplitMix(state: 1)
        var malformed = 0
        for round in 0..<60_000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0..<(1 + random.below(3)) { Self.mutate(&bytes, &random) }
            let verdict = checker.check(bytes.span, against: schema)
            let accepts = ReferenceReader.accepts(bytes)
            #expect(verdict.isValid == accepts, "\(bytes)")
            if !accepts { malformed += 1 }
        }
        #expect(malformed > 10_000 && malformed < 59_000)
    }

    @Test("Short texts of every grammar byte are judged like the reference")
    func shortTexts() throws {
        let schema = try compiled("true")
        var checker = Checker()
        let alphabet = Array("{}[]\",:\\u0e-.1 tn".utf8) + [0xE3, 0x81]
        var random = SplitMix(state: 2)
        for _ in 0..<100_000 {
            let bytes = (0..<random.below(9)).map { _ in alphabet[random.below(alphabet.count)] }
            let verdict = checker.check(bytes.span, against: schema)
            #expect(verdict.isValid == ReferenceReader.accepts(bytes), "\(bytes)")
        }
    }

    @Test("No bytes crash a check, whatever the schema")
    func noCrash() throws {
        var random = SplitMix(state: 3)
        var checker = Checker()
        for entry in try CorpusEntry.read("random-schemas.txt").prefix(300) {
            let schema = try compiled(entry.schema, captures: ["type", "x-a"])
            for _ in 0..<60 {
                var bytes = Array(entry.cases[random.below(entry.cases.count)].instance.utf8)
                for _ in 0..<random.below(4) { Self.mutate(&bytes, &random) }
                var inspector = LengthInspector()
                let verdict = checker.check(bytes.span, against: schema, inspector: &inspector)
                if case .malformed(let fault) = verdict {
                    #expect((0...bytes.count).contains(fault.offset))
                    #expect(checker.captures.isEmpty)
                }
            }
        }
    }

    @Test("No bytes crash a load")
    func noCrashAtLoad() throws {
        var random = SplitMix(state: 4)
        var loaded = 0
        for entry in try CorpusEntry.read("official-suite.txt") {
            for _ in 0..<40 {
                var bytes = Array(entry.schema.utf8)
                for _ in 0..<(1 + random.below(2)) { Self.mutate(&bytes, &random) }
                var library = SchemaLibrary()
                do throws(SchemaLoadError) {
                    try library.add(bytes, uri: "test")
                    _ = try library.compile("test")
                    loaded += 1
                } catch {
                    #expect(!error.reason.isEmpty)
                }
            }
        }
        #expect(loaded > 0)
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        guard !bytes.isEmpty else { return bytes.append(UInt8(random.below(256))) }
        let at = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes[at] = UInt8(random.below(256))
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(UInt8(random.below(256)), at: at)
        case 3: bytes.swapAt(at, random.below(bytes.count))
        case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 12)], at: at)
        default: bytes.insert(Array("\",:{}[] 0e\\".utf8)[random.below(11)], at: at)
        }
    }
}

/// Reads everything it is shown, so that a wrong range would stop the test.
struct LengthInspector: ValueInspector {
    var total = 0
    mutating func string(_ decoded: Span<UInt8>, isKey: Bool, captured: UInt32) {
        for index in decoded.indices { total &+= Int(decoded[index]) }
    }
    mutating func number(_ lexeme: Span<UInt8>) {
        for index in lexeme.indices { total &+= Int(lexeme[index]) }
    }
}

/// A reproducible source of random numbers.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
