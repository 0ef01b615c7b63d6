/// The deterministic automaton of a regular expression (決定性オートマトン), if it is small enough.
///
/// State 0 never matches any more, state 1 has matched already; both end the reading.
struct PatternAutomaton {
    static let maxStates = 1_000
    static let maxTransitions = 1 << 16

    let start: UInt16
    /// By state and class.
    private(set) var transitions: [UInt16]
    /// Whether the expression matches if the string ends in a state.
    private(set) var matchesAtEnd: [Bool]

    private struct State: Hashable {
        var threads: [Int32]
        /// Whether nothing has been read yet, so that `^` holds behind a `$`.
        var isStart: Bool
    }

    /// nil if the automaton would grow beyond the limits.
    init?(_ program: PatternProgram) {
        let classes = program.classes.count
        var known: [State: Int] = [:]
        var states: [State] = []
        var rows: [[Int]] = []
        var ends: [Bool] = []
        func number(_ threads: [Int32], isStart: Bool) -> Int {
            let closure = program.closure(of: threads, atStart: isStart, atEnd: false)
            if closure.matches { return 1 }
            if closure.threads.isEmpty { return 0 }
            let state = State(threads: closure.threads, isStart: isStart)
            if let id = known[state] { return id }
            states.append(state)
            known[state] = states.count + 1
            return states.count + 1
        }
        let first = number([program.first], isStart: true)
        var done = 0
        while done < states.count {
            guard states.count <= Self.maxStates, states.count * classes <= Self.maxTransitions
            else { return nil }
            let state = states[done]
            ends.append(
                program.closure(of: state.threads, atStart: state.isStart, atEnd: true).matches)
            rows.append(
                (0..<classes).map { id in
                    let next = state.threads.compactMap { program.step($0, reading: id) }
                    return number(next, isStart: false)
                })
            done += 1
        }
        let alive = Self.alive(rows, ends)
        func living(_ id: Int) -> UInt16 { id >= 2 && !alive[id - 2] ? 0 : UInt16(id) }
        start = living(first)
        transitions = Array(repeating: 0, count: classes) + Array(repeating: 1, count: classes)
        transitions += rows.flatMap { $0.map(living) }
        matchesAtEnd = [false, true] + ends
    }

    /// States from which a match can still be reached.
    private static func alive(_ rows: [[Int]], _ ends: [Bool]) -> [Bool] {
        var alive = ends
        var changed = true
        while changed {
            changed = false
            for state in rows.indices.reversed() where !alive[state] {
                if rows[state].contains(where: { $0 == 1 || ($0 >= 2 && alive[$0 - 2]) }) {
                    alive[state] = true
                    changed = true
                }
            }
        }
        return alive
    }
}

extension PatternProgram {
    /// Where a thread stands after reading a class; nil if it does not read that.
    func step(_ thread: Int32, reading id: Int) -> Int32? {
        let instruction = instructions[Int(thread)]
        guard instruction.operation == .read, membership[Int(instruction.other)][id] else {
            return nil
        }
        return instruction.next
    }

    /// The threads that stand at `read` or `$` after everything that reads nothing, sorted.
    func closure(
        of threads: [Int32], atStart: Bool, atEnd: Bool
    ) -> (threads: [Int32], matches: Bool) {
        var seen = Set<Int32>()
        var kept: [Int32] = []
        var matches = false
        var waiting = threads
        while let thread = waiting.popLast() {
            guard seen.insert(thread).inserted else { continue }
            let instruction = instructions[Int(thread)]
            switch instruction.operation {
            case .read: kept.append(thread)
            case .fork: waiting += [instruction.next, instruction.other]
            case .start: if atStart { waiting.append(instruction.next) }
            case .end:
                if atEnd { waiting.append(instruction.next) } else { kept.append(thread) }
            case .match: matches = true
            }
        }
        return (kept.sorted(), matches)
    }
}
