/// The spelling of JSON Pointers (RFC 6901), and of member names in them (JSONポインタ).
enum JSONPointer {
    static func escaped(_ segment: String) -> String {
        var text = ""
        for scalar in segment.unicodeScalars {
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// Undoes `~1` and `~0`; nil if another `~` stands in it.
    static func unescaped(_ segment: some StringProtocol) -> String? {
        var text = ""
        var scalars = segment.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "~" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch scalars.next() {
            case "0": text += "~"
            case "1": text += "/"
            default: return nil
            }
        }
        return text
    }

    /// What stands for a member name that no schema knows: a sender may have put a person's number
    /// or name there, so only short ASCII identifiers with at most four digits are repeated.
    static func shownUnknownName(_ name: String) -> String {
        let bytes = name.utf8
        let digits = bytes.count { (0x30...0x39).contains($0) }
        let isIdentifier = bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x24, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        return isIdentifier && digits <= 4 && bytes.count <= 40 ? name : "?"
    }
}
