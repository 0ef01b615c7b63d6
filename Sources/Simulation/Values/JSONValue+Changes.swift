extension JSONValue {
    /// Puts `value` where the RFC 6901 pointer leads, in a member that exists or not, an element, or after the last one (`-`).
    ///
    /// Returns false, and changes nothing, where no object or array stands on the way.
    package mutating func set(_ value: JSONValue, at pointer: String) -> Bool {
        change(Self.tokens(pointer)[...]) { place in place = value }
    }

    /// Takes away what stands at the pointer; false where nothing stands.
    package mutating func remove(at pointer: String) -> Bool {
        guard !pointer.isEmpty, value(at: pointer) != nil else { return false }
        return change(Self.tokens(pointer)[...]) { place in place = nil }
    }

    private static func tokens(_ pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private mutating func change(
        _ tokens: ArraySlice<String>, _ body: (inout JSONValue?) -> Void
    ) -> Bool {
        guard let token = tokens.first else {
            var place: JSONValue? = self
            body(&place)
            self = place ?? .null
            return true
        }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var members):
            if rest.isEmpty {
                body(&members[token])
            } else {
                guard var member = members[token], member.change(rest, body) else { return false }
                members[token] = member
            }
            self = .object(members)
        case .array(var elements):
            let index = token == "-" ? elements.count : Int(token) ?? -1
            guard (0...elements.count).contains(index) else { return false }
            if rest.isEmpty {
                var place: JSONValue? = index < elements.count ? elements[index] : nil
                body(&place)
                elements.replaceSubrange(
                    index..<min(index + 1, elements.count), with: place.map { [$0] } ?? [])
            } else {
                guard index < elements.count, elements[index].change(rest, body) else {
                    return false
                }
            }
            self = .array(elements)
        case .null, .bool, .integer, .string: return false
        }
        return true
    }
}
