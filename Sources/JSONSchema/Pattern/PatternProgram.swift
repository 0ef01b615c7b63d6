/// A regular expression as a nondeterministic automaton (正規表現の命令列), unanchored as `pattern` is.
///
/// Code points are first sorted into the classes the expression can tell apart; the automaton reads
/// classes.
struct PatternProgram: Sendable {
    /// Instructions of one expression, repetitions written out.
    static let maxInstructions = 4_000
    static let maxClasses = 250

    struct Instruction: BitwiseCopyable, Hashable, Sendable {
        enum Operation: UInt8, BitwiseCopyable, Sendable {
            /// Reads one code point of the set `other`, goes on at `next`.
            case read
            /// Goes on at both `next` and `other`.
            case fork
            case start, end, match
        }

        var operation: Operation
        var next: Int32 = 0
        var other: Int32 = 0
    }

    private(set) var instructions: [Instruction] = []
    private(set) var first: Int32 = 0
    private(set) var classes: CodePointClasses

    /// Which classes each set contains, by set and class.
    private(set) var membership: [[Bool]] = []

    private var sets: [CodePointSet] = []
    private var setIndexes: [CodePointSet: Int32] = [:]

    init(_ text: String) throws(PatternError) {
        classes = CodePointClasses(sets: [])
        let syntax = try PatternParser.parse(text)
        let match = try emit(Instruction(operation: .match))
        let body = try compile(syntax, then: match)
        // Unanchored: before the body any number of code points may be skipped.
        let skip = try emit(Instruction(operation: .read, next: 0, other: set(.any)))
        first = try emit(Instruction(operation: .fork, next: body, other: skip))
        instructions[Int(skip)].next = first
        classes = CodePointClasses(sets: sets)
        guard classes.count <= Self.maxClasses else {
            throw PatternError(reason: "too many different sets of characters", offset: 0)
        }
        membership = sets.map { classes.membership(in: $0) }
    }

    private mutating func emit(_ instruction: Instruction) throws(PatternError) -> Int32 {
        guard instructions.count < Self.maxInstructions else {
            throw PatternError(
                reason: "it grows beyond \(Self.maxInstructions) instructions", offset: 0)
        }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    private mutating func set(_ set: CodePointSet) -> Int32 {
        if let known = setIndexes[set] { return known }
        sets.append(set)
        setIndexes[set] = Int32(sets.count - 1)
        return Int32(sets.count - 1)
    }

    /// Emits `syntax` in front of what stands at `next`; returns where it begins.
    private mutating func compile(
        _ syntax: PatternSyntax, then next: Int32
    ) throws(PatternError) -> Int32 {
        switch syntax {
        case .nothing: return next
        case .one(let characters):
            return try emit(
                Instruction(operation: .read, next: next, other: set(characters)))
        case .start: return try emit(Instruction(operation: .start, next: next))
        case .end: return try emit(Instruction(operation: .end, next: next))
        case .sequence(let items):
            var next = next
            for item in items.reversed() { next = try compile(item, then: next) }
            return next
        case .choice(let branches):
            var entry = try compile(branches[branches.count - 1], then: next)
            for branch in branches.dropLast().reversed() {
                let begin = try compile(branch, then: next)
                entry = try emit(Instruction(operation: .fork, next: begin, other: entry))
            }
            return entry
        case .repeated(let item, let from, let to):
            return try compileRepetition(item, from: from, to: to, then: next)
        }
    }

    private mutating func compileRepetition(
        _ item: PatternSyntax, from: Int, to: Int?, then next: Int32
    ) throws(PatternError) -> Int32 {
        var entry = next
        if let to {
            // Each optional repetition may be left out together with those behind it.
            for _ in from..<to {
                let begin = try compile(item, then: entry)
                entry = try emit(Instruction(operation: .fork, next: begin, other: next))
            }
        } else {
            let fork = try emit(Instruction(operation: .fork, next: 0, other: next))
            instructions[Int(fork)].next = try compile(item, then: fork)
            entry = fork
        }
        for _ in 0..<from {
            let begin = try compile(item, then: entry)
            // What reads nothing need not be written out a thousand times, nor nested so.
            guard begin != entry else { break }
            entry = begin
        }
        return entry
    }
}
