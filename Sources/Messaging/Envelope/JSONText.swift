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
