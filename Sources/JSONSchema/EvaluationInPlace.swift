/// Schemas applied to the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `if` (評価・同位適用).
extension Checker {
    mutating func inPlaceHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ marks: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        for edgeIndex in node.inPlace.range {
            let edge = schema.edges[edgeIndex]
            switch edge.kind {
            case .all:
                guard holds(Int(edge.node), at: position, marks: marks, schema) else {
                    return false
                }
            case .any:
                guard branches(edge, position, marks, atMost: .max, schema) > 0 else {
                    return fail(.anyOf, index, position)
                }
            case .one:
                guard branches(edge, position, marks, atMost: 2, schema) == 1 else {
                    return fail(.oneOf, index, position)
                }
            case .not:
                let kept = captured.count
                let isRefused = tries(Int(edge.node), position, marks: -1, schema)
                captured.truncate(to: kept)
                if isRefused { return fail(.not, index, position) }
            case .conditional:
                let chosen =
                    tries(Int(edge.node), position, marks: marks, schema)
                    ? edge.then : edge.otherwise
                if chosen >= 0, !holds(Int(chosen), at: position, marks: marks, schema) {
                    return false
                }
            }
        }
        return true
    }

    /// How many branches hold; all are asked, since each may evaluate and capture something.
    private mutating func branches(
        _ edge: InPlaceEdge, _ position: Int, _ marks: Int, atMost limit: Int,
        _ schema: CompiledSchema
    ) -> Int {
        let needsAll = marks >= 0 || !schema.annotations.isEmpty
        var held = 0
        for branch in edge.branches.range {
            if tries(Int(schema.lists[branch]), position, marks: marks, schema) { held += 1 }
            if held == limit || (held == 1 && limit == .max && !needsAll) { break }
        }
        return held
    }

    /// Whether a schema holds; if not, nothing of the attempt remains.
    mutating func tries(
        _ node: Int, _ position: Int, marks parent: Int, _ schema: CompiledSchema
    ) -> Bool {
        let keptCaptures = captured.count
        let keptMarks = marks.count
        let count = instance.tokens[position].count
        tentative += 1
        defer { tentative -= 1 }
        let run = parent >= 0 ? openRun(isContainer(position) ? count : 0) : -1
        guard holds(node, at: position, marks: run, schema) else {
            captured.truncate(to: keptCaptures)
            closeRun(keptMarks)
            return false
        }
        if parent >= 0, isContainer(position) {
            for child in 0..<Int(count) where marks[run + child] { marks[parent + child] = true }
        }
        closeRun(keptMarks)
        return true
    }

    @inline(__always)
    private func isContainer(_ position: Int) -> Bool {
        switch instance.tokens[position].kind {
        case .array, .object: true
        case .null, .boolean, .number, .string: false
        }
    }
}
