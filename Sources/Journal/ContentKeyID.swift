package import Messaging

/// The name of one content key (内容鍵の名): retention class and the day after which it is destroyed.
package struct ContentKeyID: Hashable, Sendable, CustomStringConvertible {
    /// `<retention class>-<YYYYMMDD>`; also the key's file name.
    package let rawValue: String

    package init(retentionClass: String, expiryDay: CivilDate) {
        rawValue = "\(retentionClass)-\(expiryDay.date8)"
    }

    /// Takes what a row or a file name says; nil unless it ends in a date and is a plain file name.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count > 9, bytes.count <= 96, bytes[bytes.count - 9] == UInt8(ascii: "-") else {
            return nil
        }
        let isPlain = bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard isPlain, (try? CivilDate(date8: String(text.suffix(8)))) != nil else { return nil }
        rawValue = text
    }

    package var description: String { rawValue }
}
