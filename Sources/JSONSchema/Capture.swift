/// One place in a valid payload for which a schema with a capture keyword held (注釈の捕捉).
package struct Capture: Hashable, Sendable {
    /// Index among the library's capture keywords.
    package let keyword: Int
    /// The annotation: the text of a string, otherwise its JSON as written.
    package let value: String
    /// The JSON value in the payload as written, quotes included.
    package let range: Range<Int>

    package init(keyword: Int, value: String, range: Range<Int>) {
        self.keyword = keyword
        self.value = value
        self.range = range
    }

    /// The JSON Pointer of the captured value, found by scanning the payload again.
    ///
    /// Member names that could be personal data are shown as `?`, as in `Violation`.
    /// - Parameter payload: the bytes the capture was made in.
    package func pointer(in payload: Span<UInt8>) -> String {
        payload.lend { text in
            var tape = Tape()
            let limits = CheckLimits(
                maxDepth: .max, maxMembers: .max, maxBytes: 1 << 30, maxNumberBytes: .max,
                maxExponent: .max)
            guard (try? tape.scan(text, limits: limits)) != nil else { return "" }
            let view = tape.view(of: text)
            let target = (0..<view.tokens.count).first { view.tokens[$0].rawRange == range }
            return target.map { token in
                view.pointer(to: token) { JSONPointer.shownUnknownName(view.string($0)) }
            } ?? ""
        }
    }
}
