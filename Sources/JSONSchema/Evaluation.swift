/// One schema against one value of the tape (評価).
///
/// `marks` is the beginning of the run in which the children evaluated by this schema are noted,
/// -1 if nobody will ask. A schema that fails may leave marks and captures behind: whoever tried it
/// takes them back.
extension Checker {
    @inline(__always)
    mutating func fail(
        _ keyword: Keyword?, _ node: Int, _ token: Int, missing: Int = -1
    ) -> Bool {
        if tentative == 0 {
            violation = BrokenRule(keyword: keyword, node: node, token: token, missing: missing)
        }
        return false
    }

    mutating func holds(
        _ index: Int, at position: Int, marks: Int, _ schema: CompiledSchema
    ) -> Bool {
        let node = schema.nodes[index]
        let token = instance.tokens[position]
        if node.types & (1 << token.kind.rawValue) == 0, !isAllowedInteger(node, token) {
            return fail(.type, index, position)
        }
        guard node.hasRules else { return true }
        if node.refuses { return fail(node.keyword, index, position) }
        if node.values >= 0, !valuesHold(node, index, position, schema) { return false }
        switch token.kind {
        case .string:
            if node.strings >= 0, !stringHolds(node, index, position, schema) { return false }
        case .number:
            if !node.numbers.isEmpty, !numberHolds(node, index, position, schema) { return false }
        case .array, .object:
            return containerHolds(node, index, position, marks, schema)
        case .null, .boolean: break
        }
        if !node.inPlace.isEmpty, !inPlaceHolds(node, index, position, marks, schema) {
            return false
        }
        capture(node, position)
        return true
    }

    @inline(__always)
    private func isAllowedInteger(_ node: SchemaNode, _ token: Token) -> Bool {
        guard token.kind == .number, node.types & SchemaNode.integerType != 0 else { return false }
        return token.isPlain || instance.decimal(token).isInteger
    }

    @inline(__always)
    private mutating func capture(_ node: SchemaNode, _ position: Int) {
        for annotation in node.annotations.range {
            captured.append(
                CapturedPlace(
                    annotation: Int32(truncatingIfNeeded: annotation),
                    token: UInt32(truncatingIfNeeded: position)))
        }
    }

    /// Arrays and objects, with a run of marks of their own where something is unevaluated.
    private mutating func containerHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ marks: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        let token = instance.tokens[position]
        let isObject = token.kind == .object
        let rest = isObject ? node.unevaluatedProperties : node.unevaluatedItems
        let run = rest >= 0 ? openRun(token.count) : marks
        if isObject {
            if node.objects >= 0, !objectHolds(node, index, position, run, schema) { return false }
        } else {
            if node.arrays >= 0, !arrayHolds(node, index, position, run, schema) { return false }
        }
        if !node.inPlace.isEmpty, !inPlaceHolds(node, index, position, run, schema) {
            return false
        }
        if rest >= 0 {
            guard restHolds(Int(rest), position, run, schema) else { return false }
            if marks >= 0 { mark(token.count, marks) }
            closeRun(run)
        }
        capture(node, position)
        return true
    }

    /// Applies `unevaluatedProperties` or `unevaluatedItems` to every child without a mark.
    private mutating func restHolds(
        _ rest: Int, _ position: Int, _ run: Int, _ schema: CompiledSchema
    ) -> Bool {
        let token = instance.tokens[position]
        var at = position + 1
        for child in 0..<Int(token.count) {
            if token.kind == .object { at += 1 }
            if !marks[run + child], !holds(rest, at: at, marks: -1, schema) { return false }
            at = Int(instance.tokens[at].next)
        }
        return true
    }

    // Runs of marks form a stack: what a failed branch left open is closed with it.

    mutating func openRun(_ count: UInt32) -> Int {
        let run = marks.count
        marks.append(repeating: false, count: Int(count))
        return run
    }

    mutating func closeRun(_ run: Int) { marks.truncate(to: run) }

    mutating func mark(_ count: UInt32, _ run: Int) {
        for child in 0..<Int(count) { marks[run + child] = true }
    }
}
