internal import FoundationEssentials

/// A JSON document as values (JSONの木), for looking into schemas when they are loaded.
enum JSONTree: Decodable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Nil if `text` is not JSON.
    static func parse(_ text: [UInt8]) -> JSONTree? {
        do {
            return try JSONDecoder().decode(JSONTree.self, from: Data(text))
        } catch {
            return nil
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    /// JSON text of the value, members in the order of their names.
    func encoded() -> [UInt8] {
        switch self {
        case .null: return Array("null".utf8)
        case .bool(let value): return Array((value ? "true" : "false").utf8)
        case .integer(let value): return Array(String(value).utf8)
        case .number(let value): return Array(String(value).utf8)
        case .string(let value): return Self.quoted(value)
        case .array(let values):
            return [UInt8(ascii: "[")]
                + Array(values.map { $0.encoded() }.joined(separator: [0x2C]))
                + [UInt8(ascii: "]")]
        case .object(let members):
            let parts = members.sorted { $0.key < $1.key }.map {
                Self.quoted($0.key) + [UInt8(ascii: ":")] + $0.value.encoded()
            }
            return [UInt8(ascii: "{")] + Array(parts.joined(separator: [0x2C]))
                + [UInt8(ascii: "}")]
        }
    }

    private static func quoted(_ text: String) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "\"")]
        JSONText.append(text, to: &out)
        out.append(UInt8(ascii: "\""))
        return out
    }
}
