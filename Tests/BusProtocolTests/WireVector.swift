import BusProtocol
import Foundation

/// `Schemas/wire-vectors.json`: frames that another implementation packed (通信規約の試験値).
struct WireVectorFile: Decodable {
    let vectors: [WireVector]
    let refused: [RefusedVector]

    static func load() throws -> WireVectorFile {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Schemas/wire-vectors.json")
        return try JSONDecoder().decode(WireVectorFile.self, from: Data(contentsOf: file))
    }
}

struct RefusedVector: Decodable {
    let name: String
    let code: String
    let control: Hex
    let body: Hex
}

struct WireVector: Decodable {
    let name: String
    let verb: String
    let epoch: UInt32
    let sequence: UInt64
    let count: Int
    let control: Hex
    let body: Hex
    let records: [Record]

    /// One record's meaning; the verb says which members there are.
    struct Record: Decodable, Equatable {
        var json: JSONBox?
        var envelope: String?
        var payload: String?
        var position: UInt64?
        var attempt: UInt32?
        var floor: UInt64?
        var block: UInt64?
        var chainHead: String?
        var sequence: UInt64?
        var reason: Reason?
        var messages: UInt32?
        var bytes: UInt64?
        var from: UInt64?
        var to: UInt64?
        var deliverySequence: UInt64?
        var kind: UInt8?
        var delayMilliseconds: UInt32?
        var code: String?
    }

    struct Reason: Codable, Equatable {
        var code: String
        var text: String
        var pointer: String?
        var hint: String
    }
}

/// Bytes written as hexadecimal digits.
struct Hex: Decodable, Equatable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let text = Array(try decoder.singleValueContainer().decode(String.self).utf8)
        bytes = stride(from: 0, to: text.count, by: 2).map {
            UInt8(String(decoding: text[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }
}

/// Any JSON value, compared by meaning.
enum JSONBox: Codable, Equatable {
    case null
    case bool(Bool)
    case integer(UInt64)
    case text(String)
    case array([JSONBox])
    case object([String: JSONBox])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONBox].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONBox].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(WireJSON.encode(self)))
    }

    subscript(member: String) -> JSONBox? {
        guard case .object(let members) = self else { return nil }
        return members[member]
    }
}
