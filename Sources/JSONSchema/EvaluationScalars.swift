/// The keywords for strings, numbers, and fixed values (評価・単純値).
extension Checker {
    mutating func stringHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ schema: CompiledSchema
    ) -> Bool {
        let rule = schema.strings[Int(node.strings)]
        let token = instance.tokens[position]
        guard token.count >= rule.minLength else { return fail(.minLength, index, position) }
        guard token.count <= rule.maxLength else { return fail(.maxLength, index, position) }
        guard rule.pattern >= 0 else { return true }
        let (bytes, offset, count) = instance.content(token)
        return schema.patterns.finds(
            Int(rule.pattern), in: bytes, offset, count, scratch: &patterns)
            || fail(.pattern, index, position)
    }

    mutating func numberHolds(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ schema: CompiledSchema
    ) -> Bool {
        let token = instance.tokens[position]
        let small = smallInteger(token)
        for ruleIndex in node.numbers.range {
            let rule = schema.numbers[ruleIndex]
            let holds: Bool
            if let small, rule.isSmall {
                holds = Self.holds(rule.keyword, small, rule.small)
            } else {
                holds = Self.holds(
                    rule.keyword, instance.decimal(token),
                    schema.constants.decimal(schema.constants.tokens[Int(rule.bound)]))
            }
            guard holds else { return fail(rule.keyword, index, position) }
        }
        return true
    }

    /// The value of a plain number of at most eighteen digits.
    private func smallInteger(_ token: Token) -> Int64? {
        guard token.isPlain, token.end - token.start <= 18 else { return nil }
        var at = Int(token.start)
        let isNegative = instance.text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var value: Int64 = 0
        while at < Int(token.end) {
            value = value &* 10 &+ Int64(instance.text[at] &- 0x30)
            at += 1
        }
        return isNegative ? -value : value
    }

    private static func holds(_ keyword: Keyword, _ value: Int64, _ bound: Int64) -> Bool {
        switch keyword {
        case .minimum: value >= bound
        case .exclusiveMinimum: value > bound
        case .maximum: value <= bound
        case .exclusiveMaximum: value < bound
        case .multipleOf: value % bound == 0
        default: preconditionFailure("\(keyword.rawValue) is no keyword for numbers")
        }
    }

    private static func holds(
        _ keyword: Keyword, _ value: DecimalLexeme, _ bound: DecimalLexeme
    ) -> Bool {
        switch keyword {
        case .minimum: value.compared(to: bound) >= 0
        case .exclusiveMinimum: value.compared(to: bound) > 0
        case .maximum: value.compared(to: bound) <= 0
        case .exclusiveMaximum: value.compared(to: bound) < 0
        case .multipleOf: value.isMultiple(of: bound)
        default: preconditionFailure("\(keyword.rawValue) is no keyword for numbers")
        }
    }

    mutating func valuesHold(
        _ node: SchemaNode, _ index: Int, _ position: Int, _ schema: CompiledSchema
    ) -> Bool {
        let rule = schema.values[Int(node.values)]
        if rule.const >= 0, !instance.equals(position, schema.constants, Int(rule.const)) {
            return fail(.const, index, position)
        }
        guard rule.hasEnum else { return true }
        let token = instance.tokens[position]
        if token.kind == .string {
            let (bytes, offset, count) = instance.content(token)
            let hash = KeyHash.of(bytes, offset, count)
            return schema.find(hash, bytes, offset, count, in: rule.strings) >= 0
                || fail(.enum, index, position)
        }
        for other in rule.others.range
        where instance.equals(position, schema.constants, Int(schema.lists[other])) {
            return true
        }
        return fail(.enum, index, position)
    }
}
