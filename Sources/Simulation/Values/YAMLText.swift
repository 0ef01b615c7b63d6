import Yams

/// Reads YAML as the JSON value it stands for (YAML文書).
///
/// Plain scalars are resolved by YAML 1.2's core rules and no further: `2025-10-06` and `082015` stay
/// text, so that neither a date nor a leading zero is lost on the way.
enum YAMLText {
    /// The longest file taken, in bytes.
    static let byteLimit = 1 << 20

    static func parse(_ text: String, file: String) throws(ScenarioFault) -> JSONValue {
        guard text.utf8.count <= byteLimit else {
            throw ScenarioFault(file: file, "a file of at most \(byteLimit) bytes was expected")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw fault(error, file: file)
        }
        guard let node else { throw ScenarioFault(file: file, "the file is empty") }
        return try value(of: node, file: file)
    }

    /// Place and kind of a syntax error. Yams' own description quotes the broken line, which may hold a number;
    /// only the texts that libyaml's scanner and parser compile in are repeated.
    private static func fault(_ error: any Error, file: String) -> ScenarioFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            ScenarioFault(file: file, mark: mark, "not YAML: \(problem)")
        case .composer(_, _, let mark, _):
            ScenarioFault(file: file, mark: mark, "not one YAML document without aliases")
        case .duplicatedKeysInMapping(_, let context):
            ScenarioFault(file: file, mark: context.mark, "a name stands twice")
        case .reader, .dataCouldNotBeDecoded:
            ScenarioFault(file: file, "not YAML: the text holds bytes or characters YAML forbids")
        case .no, .memory, .writer, .emitter, .representer, nil:
            ScenarioFault(file: file, "not YAML")
        }
    }

    private static func value(of node: Node, file: String) throws(ScenarioFault) -> JSONValue {
        switch node {
        case .scalar(let scalar): return self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, file: file)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, member) in mapping {
                guard let name = key.scalar?.string else {
                    throw ScenarioFault(file: file, line: key.mark?.line, "a name was expected")
                }
                guard members[name] == nil else {
                    throw ScenarioFault(file: file, line: key.mark?.line, "a name stands twice")
                }
                members[name] = try value(of: member, file: file)
            }
            return .object(members)
        case .alias:
            throw ScenarioFault(file: file, line: node.mark?.line, "aliases are not used here")
        }
    }

    private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
        guard case .plain = scalar.style else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case let text: return wholeNumber(text).map(JSONValue.integer) ?? .string(text)
        }
    }

    /// Without leading zeros, so that codes stay text.
    private static func wholeNumber(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
            first != UInt8(ascii: "0") || digits.utf8.count == 1
        else { return nil }
        return Int(text)
    }
}

extension ScenarioFault {
    fileprivate init(file: String, mark: Mark, _ text: String) {
        self.init(file: file, line: mark.line, column: mark.column, text)
    }
}
