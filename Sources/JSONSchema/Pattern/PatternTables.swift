/// All patterns of a compiled schema in flat tables (正規表現表), and how they read.
///
/// A pattern is a deterministic automaton where that stays small, otherwise its threads are
/// followed in parallel. Both take time linear in the string, and neither allocates.
struct PatternTables: ~Copyable, Sendable {
    struct Entry: BitwiseCopyable, Sendable {
        var isDeterministic: Bool
        var classCount: Int32
        /// 128 classes of the ASCII characters.
        var ascii: Int32
        /// Runs of code points.
        var runs: Slice
        // Deterministic
        var start: Int32 = 0
        var transitions: Int32 = 0
        var ends: Int32 = 0
        // By threads
        var first: Int32 = 0
        var instructions = Slice()
        var membership: Int32 = 0
    }

    struct Parts {
        fileprivate var entries: [Entry] = []
        fileprivate var ascii: [UInt8] = []
        fileprivate var runStarts: [UInt32] = []
        fileprivate var runClasses: [UInt8] = []
        fileprivate var transitions: [UInt16] = []
        fileprivate var ends: [Bool] = []
        fileprivate var instructions: [PatternProgram.Instruction] = []
        fileprivate var membership: [Bool] = []

        /// - Returns: the index of the pattern.
        mutating func add(_ program: PatternProgram) -> Int32 {
            let classes = program.classes
            var entry = Entry(
                isDeterministic: false, classCount: Int32(classes.count),
                ascii: Int32(ascii.count),
                runs: Slice(start: Int32(runStarts.count), count: Int32(classes.starts.count)))
            ascii += (0..<128).map { classes.id(of: $0) }
            runStarts += classes.starts
            runClasses += classes.ids
            if let automaton = PatternAutomaton(program) {
                entry.isDeterministic = true
                entry.start = Int32(automaton.start)
                entry.transitions = Int32(transitions.count)
                entry.ends = Int32(ends.count)
                transitions += automaton.transitions
                ends += automaton.matchesAtEnd
            } else {
                entry.first = program.first
                entry.instructions = Slice(
                    start: Int32(instructions.count), count: Int32(program.instructions.count))
                entry.membership = Int32(membership.count)
                instructions += program.instructions
                membership += program.membership.flatMap { $0 }
            }
            entries.append(entry)
            return Int32(entries.count - 1)
        }
    }

    private let entries: Table<Entry>
    private let ascii: Table<UInt8>
    private let runStarts: Table<UInt32>
    private let runClasses: Table<UInt8>
    private let transitions: Table<UInt16>
    private let ends: Table<Bool>
    private let instructions: Table<PatternProgram.Instruction>
    private let membership: Table<Bool>

    init(_ parts: Parts) {
        entries = Table(parts.entries)
        ascii = Table(parts.ascii)
        runStarts = Table(parts.runStarts)
        runClasses = Table(parts.runClasses)
        transitions = Table(parts.transitions)
        ends = Table(parts.ends)
        instructions = Table(parts.instructions)
        membership = Table(parts.membership)
    }

    /// Whether pattern `index` is found somewhere in `length` bytes of well-formed UTF-8.
    func finds(
        _ index: Int, in bytes: Bytes, _ offset: Int, _ length: Int,
        scratch: inout PatternScratch
    ) -> Bool {
        let entry = entries[index]
        guard entry.isDeterministic else {
            return finds(byThreadsOf: entry, in: bytes, offset, length, scratch: &scratch)
        }
        var state = Int(entry.start)
        var at = offset
        let end = offset + length
        while at < end {
            if state <= 1 { return state == 1 }
            let byte = bytes[at]
            let id: Int
            if byte < 0x80 {
                id = Int(ascii[Int(entry.ascii) + Int(byte)])
                at += 1
            } else {
                let (codePoint, size) = UTF8Sequence.decode(bytes, at)
                id = classID(codePoint, entry)
                at += size
            }
            state = Int(
                transitions[Int(entry.transitions) + state * Int(entry.classCount) + id])
        }
        return ends[Int(entry.ends) + state]
    }

    @inline(__always)
    private func classID(_ codePoint: UInt32, _ entry: Entry) -> Int {
        var low = Int(entry.runs.start)
        var high = low + Int(entry.runs.count)
        while high - low > 1 {
            let middle = (low + high) >> 1
            if runStarts[middle] <= codePoint { low = middle } else { high = middle }
        }
        return Int(runClasses[low])
    }
}

/// Lists of threads, reused from string to string (照合の作業領域).
struct PatternScratch: ~Copyable {
    fileprivate var threads = ScratchBuffer<Int32>(capacity: 64)
    fileprivate var following = ScratchBuffer<Int32>(capacity: 64)
    fileprivate var waiting = ScratchBuffer<Int32>(capacity: 64)
    /// The step in which an instruction was last reached.
    fileprivate var reached = ScratchBuffer<Int32>(capacity: 64)
    fileprivate var step: Int32 = 0

    init() {}
}

/// Following threads in parallel, for the automata that would grow too large.
extension PatternTables {
    private func finds(
        byThreadsOf entry: Entry, in bytes: Bytes, _ offset: Int, _ length: Int,
        scratch: inout PatternScratch
    ) -> Bool {
        scratch.reached.truncate(to: 0)
        scratch.reached.append(repeating: -1, count: Int(entry.instructions.count))
        scratch.step = 0
        scratch.following.truncate(to: 0)
        let end = offset + length
        var at = offset
        if reach(entry.first, entry, isStart: true, isEnd: at == end, &scratch) { return true }
        while at < end {
            let (codePoint, size) = UTF8Sequence.decode(bytes, at)
            let id = classID(codePoint, entry)
            at += size
            swap(&scratch.threads, &scratch.following)
            scratch.following.truncate(to: 0)
            scratch.step += 1
            for index in 0..<scratch.threads.count {
                let instruction = self.instruction(scratch.threads[index], entry)
                let set = Int(entry.membership) + Int(instruction.other) * Int(entry.classCount)
                guard membership[set + id] else { continue }
                if reach(instruction.next, entry, isStart: false, isEnd: at == end, &scratch) {
                    return true
                }
            }
        }
        return false
    }

    private func instruction(_ index: Int32, _ entry: Entry) -> PatternProgram.Instruction {
        instructions[Int(entry.instructions.start) + Int(index)]
    }

    /// Adds the reading threads that `first` leads to; true if one of them has matched.
    private func reach(
        _ first: Int32, _ entry: Entry, isStart: Bool, isEnd: Bool,
        _ scratch: inout PatternScratch
    ) -> Bool {
        scratch.waiting.truncate(to: 0)
        scratch.waiting.append(first)
        while scratch.waiting.count > 0 {
            let thread = scratch.waiting[scratch.waiting.count - 1]
            scratch.waiting.truncate(to: scratch.waiting.count - 1)
            guard scratch.reached[Int(thread)] != scratch.step else { continue }
            scratch.reached[Int(thread)] = scratch.step
            let instruction = instruction(thread, entry)
            switch instruction.operation {
            case .read: scratch.following.append(thread)
            case .fork:
                scratch.waiting.append(instruction.next)
                scratch.waiting.append(instruction.other)
            case .start: if isStart { scratch.waiting.append(instruction.next) }
            case .end: if isEnd { scratch.waiting.append(instruction.next) }
            case .match: return true
            }
        }
        return false
    }
}
