/// Writing the inside of JSON strings (JSON文字列の書き出し).
enum JSONText {
    /// Appends `value`, escaping only what JSON demands.
    static func append(_ value: String, to out: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0..<0x20:
                out.append(contentsOf: "\\u00".utf8)
                out.append(contentsOf: Hexadecimal.text([byte]).utf8)
            default:
                out.append(byte)
            }
        }
    }
}

extension JSONText {
    /// The text between the quotes of a valid JSON string, its escapes undone.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var out = ""
        var rest = bytes
        func flushUnits() {
            out += String(decoding: units, as: UTF16.self)
            units = []
        }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                if !units.isEmpty { flushUnits() }
                plain.append(byte)
                continue
            }
            out += String(decoding: plain, as: UTF8.self)
            plain = []
            switch escape {
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
                rest = rest.dropFirst(4)
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "t"): units.append(9)
            default: units.append(UInt16(escape))
            }
        }
        flushUnits()
        return out + String(decoding: plain, as: UTF8.self)
    }
}
