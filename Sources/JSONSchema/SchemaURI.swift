/// References among schemas (様式の参照): RFC 3986 resolution, no network behind it.
struct SchemaURI: Hashable, Sendable {
    /// Everything in front of `#`.
    var resource: String
    /// What stands behind `#`, percent-decoded; nil if there is no `#`.
    var fragment: String?

    /// Resolves a reference against the absolute or relative base it stands in.
    /// - Returns: nil if a percent escape is broken.
    init?(_ reference: String, against base: String) {
        var target = Substring(reference)
        if let hash = target.firstIndex(of: "#") {
            guard let decoded = Self.percentDecoded(target[target.index(after: hash)...]) else {
                return nil
            }
            fragment = decoded
            target = target[..<hash]
        }
        resource = target.isEmpty ? base : Self.resolved(Parts(target), Parts(Substring(base)))
    }

    private struct Parts {
        var scheme: Substring?
        var authority: Substring?
        var path: Substring
        var query: Substring?

        init(_ text: Substring) {
            var rest = text
            if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")),
                Self.isScheme(rest[..<colon])
            {
                scheme = rest[..<colon]
                rest = rest[rest.index(after: colon)...]
            }
            if let mark = rest.firstIndex(of: "?") {
                query = rest[rest.index(after: mark)...]
                rest = rest[..<mark]
            }
            if rest.hasPrefix("//") {
                let afterSlashes = rest.dropFirst(2)
                let end = afterSlashes.firstIndex(of: "/") ?? afterSlashes.endIndex
                authority = afterSlashes[..<end]
                rest = afterSlashes[end...]
            }
            path = rest
        }

        private static func isScheme(_ text: Substring) -> Bool {
            text.utf8.first?.isASCIILetter == true
                && text.utf8.allSatisfy {
                    $0.isASCIILetter || $0.isASCIIDigit || "+-.".utf8.contains($0)
                }
        }
    }

    /// RFC 3986, 5.2.2.
    private static func resolved(_ reference: Parts, _ base: Parts) -> String {
        var target = reference
        if reference.scheme == nil {
            target.scheme = base.scheme
            if reference.authority == nil {
                target.authority = base.authority
                if reference.path.isEmpty {
                    target.path = base.path
                    target.query = reference.query ?? base.query
                } else if !reference.path.hasPrefix("/") {
                    target.path = Substring(merged(reference.path, base))
                }
            }
        }
        var text = ""
        if let scheme = target.scheme { text += scheme + ":" }
        if let authority = target.authority { text += "//" + authority }
        text += withoutDotSegments(target.path)
        if let query = target.query { text += "?" + query }
        return text
    }

    private static func merged(_ path: Substring, _ base: Parts) -> String {
        if base.authority != nil, base.path.isEmpty { return "/" + path }
        guard let slash = base.path.lastIndex(of: "/") else { return String(path) }
        return String(base.path[...slash]) + path
    }

    private static func withoutDotSegments(_ path: Substring) -> String {
        guard path.contains(".") else { return String(path) }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > (path.hasPrefix("/") ? 1 : 0) { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return kept.joined(separator: "/")
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = source.next(), let low = source.next(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
