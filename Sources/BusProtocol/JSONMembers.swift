/// Where the members of a JSON object's top level stand (最上位項目の位置), without decoding their values.
///
/// Serves REQUEST and REPLY, whose inner JSON belongs to Operations and passes through untouched.
struct JSONMembers {
    private(set) var values: [(name: String, value: Range<Int>)] = []

    /// Nesting beyond this is refused.
    static let depthLimit = 64
    /// Members beyond this are refused.
    static let memberLimit = 16

    /// Throws `frame-malformed` unless `bytes` are one object; its values are only measured, their
    /// reader checks them.
    init(_ bytes: [UInt8]) throws(ProtocolFault) {
        var scan = Scan(bytes: bytes)
        scan.skipSpace()
        guard scan.take(0x7B) else { throw .malformed("a JSON record is an object") }
        scan.skipSpace()
        if !scan.take(0x7D) {
            repeat {
                scan.skipSpace()
                let nameStart = scan.offset
                guard scan.skipString(), values.count < Self.memberLimit else {
                    throw .malformed("a JSON record's member has no name or is one too many")
                }
                let name = String(decoding: bytes[nameStart + 1..<scan.offset - 1], as: UTF8.self)
                scan.skipSpace()
                guard scan.take(0x3A) else {
                    throw .malformed("a member's name is followed by a colon")
                }
                scan.skipSpace()
                let start = scan.offset
                guard scan.skipValue() else { throw .malformed("a member's value does not end") }
                guard !values.contains(where: { $0.name == name }) else {
                    throw .malformed("a member's name stands twice")
                }
                values.append((name, start..<scan.offset))
                scan.skipSpace()
            } while scan.take(0x2C)
            guard scan.take(0x7D) else { throw .malformed("a JSON record does not end") }
        }
        scan.skipSpace()
        guard scan.offset == bytes.count else { throw .malformed("bytes follow a JSON record") }
    }

    func range(_ name: String) -> Range<Int>? {
        values.first { $0.name == name }?.value
    }

    private struct Scan {
        let bytes: [UInt8]
        var offset = 0

        mutating func skipSpace() {
            while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) {
                offset += 1
            }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        mutating func skipString() -> Bool {
            guard take(0x22) else { return false }
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += byte == 0x5C ? 2 : 1
                if byte == 0x22 { return true }
            }
            offset = bytes.count
            return false
        }

        mutating func skipValue() -> Bool {
            var depth = 0
            let start = offset
            while offset < bytes.count {
                switch bytes[offset] {
                case 0x22:
                    guard skipString() else { return false }
                case 0x7B, 0x5B:
                    depth += 1
                    guard depth <= JSONMembers.depthLimit else { return false }
                    offset += 1
                case 0x7D, 0x5D:
                    guard depth > 0 else { return offset > start }
                    depth -= 1
                    offset += 1
                case 0x2C where depth == 0, 0x20 where depth == 0, 0x09 where depth == 0,
                    0x0A where depth == 0, 0x0D where depth == 0:
                    return offset > start
                default:
                    offset += 1
                }
            }
            return false
        }
    }
}
