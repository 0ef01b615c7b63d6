import FoundationEssentials

/// A JSON value that is handed on as it is (項目値): a record item whose form the schema has already checked.
public enum JSONValue: Hashable, Sendable, Codable {
    case null
    case flag(Bool)
    case integer(Int64)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads any JSON but fractions, which no record item has.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }

    public var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    public subscript(member: String) -> JSONValue? {
        if case .object(let members) = self { members[member] } else { nil }
    }
}

/// The items of a record or message by name (項目の集まり).
public typealias JSONFields = [String: JSONValue]

/// The one way payloads are read and written (電文本文の変換).
public enum PayloadCoding {
    /// Throws `payload-unreadable`: the hub checks the schema, so this means that the two sides disagree about it.
    public static func decode<P: Decodable>(_ type: P.Type, from payload: [UInt8]) throws -> P {
        do {
            return try JSONDecoder().decode(type, from: Data(payload))
        } catch {
            throw Refuse("payload-unreadable")
        }
    }

    /// Members in the order of their names, so that equal values give equal bytes.
    public static func encode(_ payload: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(payload))
    }
}
