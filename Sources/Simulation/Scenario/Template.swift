/// A text with `${…}` in it (差込み), filled when its step runs.
enum Template {
    /// What stands between `${` and `}`, in order.
    static func references(in text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "${") {
            let inside = rest[open.upperBound...]
            guard let close = inside.firstIndex(of: "}") else { break }
            found.append(String(inside[..<close]))
            rest = inside[inside.index(after: close)...]
        }
        return found
    }

    /// Fills a whole value; a text that is one reference becomes what it refers to, of whatever kind.
    static func fill(
        _ value: JSONValue, from scope: JSONValue, file: String
    ) throws(ScenarioFault) -> JSONValue {
        switch value {
        case .null, .bool, .integer: return value
        case .string(let text):
            let references = references(in: text)
            if references.count == 1, text == "${\(references[0])}" {
                return try look(up: references[0], in: scope, file: file)
            }
            return .string(try fill(text, from: scope, file: file))
        case .array(let elements):
            var filled: [JSONValue] = []
            for element in elements { filled.append(try fill(element, from: scope, file: file)) }
            return .array(filled)
        case .object(let members):
            var filled: [String: JSONValue] = [:]
            for (name, member) in members {
                filled[name] = try fill(member, from: scope, file: file)
            }
            return .object(filled)
        }
    }

    static func fill(
        _ text: String, from scope: JSONValue, file: String
    ) throws(ScenarioFault) -> String {
        var filled = text
        for reference in references(in: text) {
            let value = try look(up: reference, in: scope, file: file)
            guard let piece = value.string ?? value.integer.map(String.init) else {
                throw ScenarioFault(file: file, "\(reference) is not a text")
            }
            filled.replace("${\(reference)}", with: piece)
        }
        return filled
    }

    private static func look(
        up reference: String, in scope: JSONValue, file: String
    ) throws(ScenarioFault) -> JSONValue {
        var value = scope
        for name in reference.split(separator: ".") {
            guard let member = value[String(name)] else {
                throw ScenarioFault(file: file, "nothing is known yet as \(reference)")
            }
            value = member
        }
        return value
    }
}
