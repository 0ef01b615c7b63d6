import FoundationEssentials

/// JSON of the session's few control records (制御電文のJSON); never on the path of a message.
///
/// Keys are written in alphabetical order without insignificant spaces, so that equal values are
/// equal bytes.
package enum WireJSON {
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            preconditionFailure("a control record holds texts and integers only")
        }
    }

    /// Reads `bytes`; throws `frame-malformed` where they are too long or not such a value. Unknown
    /// members are ignored.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], limit: Int
    ) throws(ProtocolFault) -> Value {
        guard bytes.count <= limit else {
            throw .malformed("a JSON record of this verb has at most \(limit) bytes")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .malformed("a JSON record does not hold the members its verb needs")
        }
    }
}
