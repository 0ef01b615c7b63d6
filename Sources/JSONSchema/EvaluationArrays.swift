/// The keywords for arrays (評価・配列).
extension Checker {
    mutating func arrayHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ run: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        let rule = schema.arrays[Int(node.arrays)]
        let count = instance.tokens[position].count
        guard count >= rule.minItems else { return fail(.minItems, index, position) }
        guard count <= rule.maxItems else { return fail(.maxItems, index, position) }
        var at = position + 1
        for child in 0..<Int(count) {
            let schemaOfChild =
                child < Int(rule.prefix.count)
                ? schema.lists[Int(rule.prefix.start) + child] : rule.items
            if schemaOfChild >= 0 {
                guard holds(Int(schemaOfChild), at: at, marks: -1, schema) else { return false }
                if run >= 0 { marks[run + child] = true }
            }
            at = Int(instance.tokens[at].next)
        }
        if rule.contains >= 0, !containsHolds(rule, index, position, run, schema) { return false }
        if rule.isUnique, count > 1, !areItemsUnique(position) {
            return fail(.uniqueItems, index, position)
        }
        return true
    }

    private mutating func containsHolds(
        _ rule: ArrayRule, _ index: Int, _ position: Int, _ run: Int,
        _ schema: CompiledSchema
    ) -> Bool {
        var held: UInt32 = 0
        var at = position + 1
        for child in 0..<Int(instance.tokens[position].count) {
            if tries(Int(rule.contains), at, marks: -1, schema) {
                held += 1
                if run >= 0 { marks[run + child] = true }
            }
            at = Int(instance.tokens[at].next)
        }
        if held < rule.minContains {
            return fail(rule.minContains == 1 ? .contains : .minContains, index, position)
        }
        return held <= rule.maxContains || fail(.maxContains, index, position)
    }

    /// Up to this many elements are compared pair by pair.
    private static var pairwiseLimit: Int { 16 }

    private mutating func areItemsUnique(_ position: Int) -> Bool {
        let count = Int(instance.tokens[position].count)
        items.truncate(to: 0)
        var at = position + 1
        for _ in 0..<count {
            items.append(UInt32(truncatingIfNeeded: at))
            at = Int(instance.tokens[at].next)
        }
        if count > Self.pairwiseLimit { return areManyItemsUnique() }
        for one in 1..<count {
            for other in 0..<one
            where instance.equals(Int(items[one]), instance, Int(items[other])) {
                return false
            }
        }
        return true
    }

    /// By hashes no sender can foresee; only equal hashes are compared.
    private mutating func areManyItemsUnique() -> Bool {
        var size = 64
        while size < items.count * 2 { size *= 2 }
        itemSlots.truncate(to: 0)
        itemSlots.append(repeating: HashedItem(hash: 0, token: -1), count: size)
        for index in 0..<items.count {
            var hasher = Hasher()
            instance.combine(Int(items[index]), into: &hasher)
            let hash = hasher.finalize()
            var slot = hash & (size - 1)
            while itemSlots[slot].token >= 0 {
                let other = itemSlots[slot]
                if other.hash == hash,
                    instance.equals(Int(items[index]), instance, other.token)
                {
                    return false
                }
                slot = (slot + 1) & (size - 1)
            }
            itemSlots[slot] = HashedItem(hash: hash, token: Int(items[index]))
        }
        return true
    }
}

/// An element in the table of `uniqueItems`; token -1 where the table is free.
struct HashedItem: BitwiseCopyable {
    var hash: Int
    var token: Int
}
