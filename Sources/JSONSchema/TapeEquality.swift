/// JSON equality (値の同一性): numbers by value, strings by contents, objects whatever their order.
extension TapeView {
    @inline(__always)
    func haveSameContent(_ one: Token, _ other: Token) -> Bool {
        hasSameContent(one, self, other)
    }

    @inline(__always)
    func hasSameContent(_ token: Token, _ other: TapeView, _ otherToken: Token) -> Bool {
        let (bytes, offset, count) = content(token)
        let (otherBytes, otherOffset, otherCount) = other.content(otherToken)
        return count == otherCount && bytes.equals(offset, count, otherBytes, otherOffset)
    }

    /// Whether the value at `index` equals the one at `otherIndex` of another tape, or of this one.
    func equals(_ index: Int, _ other: TapeView, _ otherIndex: Int) -> Bool {
        let token = tokens[index]
        let otherToken = other.tokens[otherIndex]
        guard token.kind == otherToken.kind else { return false }
        switch token.kind {
        case .null: return true
        case .boolean: return token.count == otherToken.count
        case .number: return decimal(token).compared(to: other.decimal(otherToken)) == 0
        case .string: return hasSameContent(token, other, otherToken)
        case .array:
            guard token.count == otherToken.count else { return false }
            var (at, otherAt) = (index + 1, otherIndex + 1)
            for _ in 0..<Int(token.count) {
                guard equals(at, other, otherAt) else { return false }
                (at, otherAt) = (Int(tokens[at].next), Int(other.tokens[otherAt].next))
            }
            return true
        case .object:
            guard token.count == otherToken.count else { return false }
            return token.count <= 32
                ? hasSameMembers(index, other, otherIndex)
                : hasSameManyMembers(index, other, otherIndex)
        }
    }

    /// The same by way of a keyed table, so that no order and no choice of names makes it slow.
    private func hasSameManyMembers(_ index: Int, _ other: TapeView, _ otherIndex: Int) -> Bool {
        var theirs: [Int: [Int]] = [:]
        for member in other.members(of: otherIndex) {
            var hasher = Hasher()
            other.combineContent(other.tokens[member.name], into: &hasher)
            theirs[hasher.finalize(), default: []].append(member.name)
        }
        return members(of: index).allSatisfy { member in
            let name = tokens[member.name]
            var hasher = Hasher()
            combineContent(name, into: &hasher)
            return theirs[hasher.finalize(), default: []].contains { candidate in
                hasSameContent(name, other, other.tokens[candidate])
                    && equals(member.value, other, candidate + 1)
            }
        }
    }

    private func hasSameMembers(_ index: Int, _ other: TapeView, _ otherIndex: Int) -> Bool {
        var at = index + 1
        // Where the order is the same too, each search ends at its first step.
        var hint = otherIndex + 1
        for _ in 0..<Int(tokens[index].count) {
            guard let found = other.member(of: otherIndex, named: tokens[at], in: self, from: hint),
                equals(at + 1, other, found)
            else { return false }
            at = Int(tokens[at + 1].next)
            hint = Int(other.tokens[found].next)
        }
        return true
    }

    /// The value of the member named like `name` of another tape, searched from `hint` around.
    private func member(
        of object: Int, named name: Token, in names: TapeView, from hint: Int
    ) -> Int? {
        let end = Int(tokens[object].next)
        var at = hint < end ? hint : object + 1
        for _ in 0..<Int(tokens[object].count) {
            let candidate = tokens[at]
            if candidate.hash == name.hash, hasSameContent(candidate, names, name) {
                return at + 1
            }
            at = Int(tokens[at + 1].next)
            if at >= end { at = object + 1 }
        }
        return nil
    }

    func combineContent(_ token: Token, into hasher: inout Hasher) {
        let (bytes, offset, count) = content(token)
        unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes.slice(offset, count)))
    }

    /// Adds what equal values have in common.
    func combine(_ index: Int, into hasher: inout Hasher) {
        let token = tokens[index]
        hasher.combine(token.kind.rawValue)
        switch token.kind {
        case .null: break
        case .boolean: hasher.combine(token.count)
        case .number:
            let decimal = decimal(token)
            hasher.combine(decimal.isNegative && !decimal.isZero)
            hasher.combine(decimal.exponent)
            var digits = decimal.digits
            while let digit = digits.next() { hasher.combine(digit) }
        case .string: combineContent(token, into: &hasher)
        case .array:
            hasher.combine(token.count)
            var at = index + 1
            for _ in 0..<Int(token.count) {
                combine(at, into: &hasher)
                at = Int(tokens[at].next)
            }
        case .object:
            hasher.combine(token.count)
            var sum = 0
            var at = index + 1
            for _ in 0..<Int(token.count) {
                var member = Hasher()
                combineContent(tokens[at], into: &member)
                combine(at + 1, into: &member)
                sum &+= member.finalize()
                at = Int(tokens[at + 1].next)
            }
            hasher.combine(sum)
        }
    }
}
