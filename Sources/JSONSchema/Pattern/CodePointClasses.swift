/// The code points sorted into classes that the sets of an expression cannot tell apart (同値類).
struct CodePointClasses: Sendable {
    /// First code points of the runs, ascending, and the class of each run.
    let starts: [UInt32]
    let ids: [UInt8]
    let count: Int

    init(sets: [CodePointSet]) {
        var bounds: Set<UInt32> = [0]
        for range in sets.flatMap(\.ranges) {
            bounds.insert(range.lowerBound)
            if range.upperBound < CodePointSet.highest { bounds.insert(range.upperBound + 1) }
        }
        var known: [[Bool]: Int] = [:]
        var starts: [UInt32] = []
        var ids: [UInt8] = []
        for bound in bounds.sorted() {
            let signature = sets.map { $0.contains(bound) }
            let id = known[signature] ?? known.count
            known[signature] = id
            let byte = UInt8(min(id, 255))
            if ids.last == byte { continue }
            starts.append(bound)
            ids.append(byte)
        }
        self.starts = starts
        self.ids = ids
        count = known.count
    }

    func membership(in set: CodePointSet) -> [Bool] {
        var holds = Array(repeating: false, count: count)
        for (start, id) in zip(starts, ids) where set.contains(start) { holds[Int(id)] = true }
        return holds
    }

    func id(of codePoint: UInt32) -> UInt8 {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= codePoint { low = middle } else { high = middle }
        }
        return ids[low]
    }
}
