/// The keywords for objects (評価・オブジェクト).
extension Checker {
    mutating func objectHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ run: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        let rule = schema.objects[Int(node.objects)]
        let count = instance.tokens[position].count
        guard count >= rule.minMembers else { return fail(.minProperties, index, position) }
        guard count <= rule.maxMembers else { return fail(.maxProperties, index, position) }
        var found: UInt32 = 0
        var at = position + 1
        for child in 0..<Int(count) {
            let name = instance.tokens[at]
            let (bytes, offset, length) = instance.content(name)
            if rule.propertyNames >= 0,
                !holds(Int(rule.propertyNames), at: at, marks: -1, schema)
            {
                return false
            }
            var isEvaluated = false
            let entry = schema.find(name.hash, bytes, offset, length, in: rule.names)
            if entry >= 0 {
                let known = schema.names[entry]
                if known.isRequired { found += 1 }
                if known.node >= 0 {
                    isEvaluated = true
                    guard holds(Int(known.node), at: at + 1, marks: -1, schema) else {
                        return false
                    }
                }
            }
            for edgeIndex in rule.patterns.range {
                let edge = schema.patternEdges[edgeIndex]
                guard
                    schema.patterns.finds(
                        Int(edge.pattern), in: bytes, offset, length, scratch: &patterns)
                else { continue }
                isEvaluated = true
                guard holds(Int(edge.node), at: at + 1, marks: -1, schema) else { return false }
            }
            if !isEvaluated, rule.additional >= 0 {
                isEvaluated = true
                guard holds(Int(rule.additional), at: at + 1, marks: -1, schema) else {
                    return false
                }
            }
            if run >= 0, isEvaluated { marks[run + child] = true }
            at = Int(instance.tokens[at + 1].next)
        }
        if found < rule.requiredCount { return failMissing(rule, index, position, schema) }
        return rule.dependents.isEmpty
            || dependentsHold(rule, index, position, run, schema)
    }

    private mutating func failMissing(
        _ rule: ObjectRule, _ index: Int, _ position: Int, _ schema: CompiledSchema
    ) -> Bool {
        guard tentative == 0 else { return false }
        let missing = rule.names.entries.range.first {
            schema.names[$0].isRequired && !hasMember(position, $0, schema)
        }
        return fail(.required, index, position, missing: missing ?? -1)
    }

    private mutating func dependentsHold(
        _ rule: ObjectRule, _ index: Int, _ position: Int, _ run: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        for dependentIndex in rule.dependents.range {
            let dependent = schema.dependents[dependentIndex]
            guard hasMember(position, Int(dependent.trigger), schema) else { continue }
            for required in dependent.required.range
            where !hasMember(position, required, schema) {
                return fail(.dependentRequired, index, position, missing: required)
            }
            if dependent.node >= 0,
                !holds(Int(dependent.node), at: position, marks: run, schema)
            {
                return false
            }
        }
        return true
    }

    /// Whether an object has a member with the name of an entry.
    private func hasMember(_ object: Int, _ entry: Int, _ schema: CompiledSchema) -> Bool {
        let name = schema.names[entry]
        var at = object + 1
        for _ in 0..<Int(instance.tokens[object].count) {
            let token = instance.tokens[at]
            if token.hash == name.hash {
                let (bytes, offset, count) = instance.content(token)
                if count == Int(name.count),
                    bytes.equals(offset, count, schema.nameBytes.view, Int(name.offset))
                {
                    return true
                }
            }
            at = Int(instance.tokens[at + 1].next)
        }
        return false
    }
}
