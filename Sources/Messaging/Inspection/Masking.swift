package import JSONSchema

/// How content is shown to people who may look at a message but not at its data (非表示処理; design §7).
///
/// Every field's schema says `x-privacy`: `show` as it is, `masked` as ＊＊＊, `never` as nothing but its
/// length; a field that says nothing is `never`. A 個人番号 is named as what it is when its check digit
/// fits. Object keys are the schema's own words and stay.
package enum Masking {
    static let masked = "＊＊＊"

    /// JSON text of `payload` fit to be shown; a payload that its schema refuses is not interpreted.
    ///
    /// - Parameter schema: compiled with the capture keyword `x-privacy` (``Catalogue``'s
    ///   `privacySchema`).
    package static func mask(payload: [UInt8], schema: CompiledSchema) -> String {
        var checker = Checker()
        guard checker.check(payload.span, against: schema).isValid else {
            return "［解釈できない内容 \(payload.count) bytes］"
        }
        var labels: [Int: Privacy] = [:]
        for capture in checker.captures {
            let label = Privacy(capture.value)
            let start = capture.range.lowerBound
            labels[start] = min(labels[start] ?? label, label)
        }
        var writer = MaskingWriter(payload: payload, labels: labels)
        writer.value(inherited: .never)
        return String(decoding: writer.out, as: UTF8.self)
    }

    /// What may be seen of a value, the most secret first.
    enum Privacy: Int, Comparable {
        case never, masked, show

        init(_ text: String) {
            self = text == "show" ? .show : text == "masked" ? .masked : .never
        }

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }
}

/// Writes a valid JSON text again, hiding what must be hidden.
private struct MaskingWriter {
    let payload: [UInt8]
    /// What applies to the value that starts at an offset.
    let labels: [Int: Masking.Privacy]
    var out: [UInt8] = []
    private var at = 0

    init(payload: [UInt8], labels: [Int: Masking.Privacy]) {
        self.payload = payload
        self.labels = labels
    }

    /// Depth is bounded by the checker that has accepted the text.
    mutating func value(inherited: Masking.Privacy) {
        skipSpace()
        let privacy = labels[at] ?? inherited
        switch payload[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): container(privacy)
        case UInt8(ascii: "\""): scalar(stringRange(), privacy)
        default:
            let start = at
            while at < payload.count, !Self.endsScalar(payload[at]) { at += 1 }
            scalar(start..<at, privacy)
        }
    }

    private mutating func container(_ privacy: Masking.Privacy) {
        let isObject = payload[at] == UInt8(ascii: "{")
        let close = UInt8(ascii: isObject ? "}" : "]")
        out.append(payload[at])
        at += 1
        skipSpace()
        while payload[at] != close {
            if isObject {
                out.append(contentsOf: payload[stringRange()])
                skipSpace()
                out.append(payload[at])
                at += 1
            }
            value(inherited: privacy)
            skipSpace()
            if payload[at] == UInt8(ascii: ",") {
                out.append(payload[at])
                at += 1
                skipSpace()
            }
        }
        out.append(close)
        at += 1
    }

    private mutating func scalar(_ range: Range<Int>, _ privacy: Masking.Privacy) {
        switch privacy {
        case .show: out.append(contentsOf: payload[range])
        case .masked: quoted(Masking.masked)
        case .never: quoted(hidden(range))
        }
    }

    private func hidden(_ range: Range<Int>) -> String {
        switch payload[range.lowerBound] {
        case UInt8(ascii: "\""):
            let text = JSONText.decoded(payload[range.dropFirst().dropLast()])
            return IndividualNumber.isValid(text)
                ? "［個人番号 12桁・検査用数字一致］" : "［非表示 \(text.count)文字］"
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return "［非表示］"
        default:
            return IndividualNumber.isValid(Array(payload[range]))
                ? "［個人番号 12桁・検査用数字一致］" : "［非表示 \(range.count)文字］"
        }
    }

    private mutating func quoted(_ text: String) {
        out.append(UInt8(ascii: "\""))
        out.append(contentsOf: text.utf8)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func stringRange() -> Range<Int> {
        let start = at
        at += 1
        while payload[at] != UInt8(ascii: "\"") {
            at += payload[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        at += 1
        return start..<at
    }

    private mutating func skipSpace() {
        while at < payload.count, [0x20, 0x09, 0x0A, 0x0D].contains(payload[at]) { at += 1 }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0A, 0x0D: true
        default: false
        }
    }
}
