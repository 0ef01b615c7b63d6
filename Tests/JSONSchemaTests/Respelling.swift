/// The same JSON value, written differently: spaced out, lower-case letters in strings escaped.
enum Respelling {
    static func of(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        var isInString = false
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            switch byte {
            case UInt8(ascii: "\""):
                output.append(byte)
                if isInString { output += Array(" \n".utf8) }
                isInString.toggle()
            case UInt8(ascii: "\\"):
                output.append(byte)
                guard let escaped = source.next() else { break }
                output.append(escaped)
                if escaped == UInt8(ascii: "u") {
                    for _ in 0..<4 { source.next().map { output.append($0) } }
                }
            case 0x61...0x7A where isInString:
                output += Array("\\u00\(String(byte, radix: 16, uppercase: true))".utf8)
            case _ where !isInString && ",:[]{}".utf8.contains(byte):
                output += Array("\t \(Character(Unicode.Scalar(byte)))\r\n".utf8)
            default:
                output.append(byte)
            }
        }
        return output
    }
}
