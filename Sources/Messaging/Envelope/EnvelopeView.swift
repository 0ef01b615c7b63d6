/// An envelope read in place, for the hub's hot path (電文ヘッダーの走査結果).
///
/// One scan checks the JSON, the closed set of attributes and the grammar of each value, and makes no
/// `String`: attributes are ranges in the scanned bytes. It accepts exactly what ``Envelope`` parses.
public struct EnvelopeView: Sendable {
    /// Longest envelope, in bytes.
    public static let byteLimit = 4096
    /// Most recipients of one message.
    public static let recipientLimit = 16

    /// Start and length of each attribute's value, 0 where it is absent.
    private var places = InlineArray<20, UInt32>(repeating: 0)
    /// The sender's number, from `id`.
    public private(set) var number = MessageNumber(incarnation: 0, sequence: 0)
    /// The moment in `time`.
    public private(set) var instant = Instant(nanosecondsSince1970: 0)
    /// The moment in `expirytime`.
    public private(set) var expiryInstant: Instant?
    /// How many recipients there are, at least one.
    public private(set) var recipientCount = 0

    private init() {}

    /// Where the value of `attribute` stands, without its quotes; nil if it is absent.
    public subscript(attribute: EnvelopeAttribute) -> Range<Int>? {
        let place = places[Int(attribute.rawValue)]
        guard place != 0 else { return nil }
        let start = Int(place >> 16)
        return start..<start + Int(place & 0xFFFF)
    }

    public var id: Range<Int> { required(.id) }
    public var source: Range<Int> { required(.source) }
    public var type: Range<Int> { required(.type) }
    public var time: Range<Int> { required(.time) }
    public var dataschema: Range<Int> { required(.dataschema) }
    public var recipient: Range<Int> { required(.recipient) }
    public var step: Range<Int>? { self[.step] }
    public var correlation: Range<Int> { required(.correlationid) }
    public var causation: Range<Int>? { self[.causationid] }
    public var operatorID: Range<Int>? { self[.operator] }
    public var terminal: Range<Int>? { self[.terminal] }
    public var businessTask: Range<Int>? { self[.businesstask] }
    public var legalBasis: Range<Int>? { self[.legalbasis] }
    public var organisation: Range<Int> { required(.organisation) }
    public var expiry: Range<Int>? { self[.expirytime] }
    public var traceparent: Range<Int>? { self[.traceparent] }
    public var authFactor: Range<Int>? { self[.authfactor] }
    public var convertedFrom: Range<Int>? { self[.convertedfrom] }
    public var refusalCode: Range<Int>? { self[.refusalcode] }

    /// Calls `body` with the place of each recipient in `bytes`, the bytes that were scanned.
    public func forEachRecipient(in bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = recipient.lowerBound
        for index in recipient where bytes[index] == UInt8(ascii: ",") {
            body(start..<index)
            start = index + 1
        }
        body(start..<recipient.upperBound)
    }

    private func required(_ attribute: EnvelopeAttribute) -> Range<Int> {
        guard let range = self[attribute] else {
            preconditionFailure("A scanned envelope has every required attribute.")
        }
        return range
    }
}

extension EnvelopeView {
    /// Scans a whole envelope.
    ///
    /// Escapes in names and values are refused (`envelope-malformed`): every valid value is plain.
    public static func scan(_ bytes: Span<UInt8>) throws(EnvelopeError) -> EnvelopeView {
        guard bytes.count <= byteLimit else { throw EnvelopeError(code: "envelope-too-large") }
        var view = EnvelopeView()
        var at = skipSpace(bytes, 0)
        at = try expect(UInt8(ascii: "{"), bytes, at)
        var next = 0
        at = skipSpace(bytes, at)
        if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
            throw EnvelopeError(code: "envelope-attribute-missing", attribute: "specversion")
        }
        while true {
            let name = try string(bytes, skipSpace(bytes, at))
            guard let attribute = find(bytes, name, from: &next) else {
                throw EnvelopeError(code: "envelope-attribute-unknown")
            }
            at = try expect(UInt8(ascii: ":"), bytes, skipSpace(bytes, name.upperBound + 1))
            at = skipSpace(bytes, at)
            guard at < bytes.count else { throw EnvelopeError(code: "envelope-malformed") }
            guard bytes[at] == UInt8(ascii: "\"") else {
                throw EnvelopeError(code: "envelope-attribute-invalid", attribute: attribute.name)
            }
            let value = try string(bytes, at)
            try view.set(attribute, value, bytes)
            at = skipSpace(bytes, value.upperBound + 1)
            guard at < bytes.count else { throw EnvelopeError(code: "envelope-malformed") }
            if bytes[at] == UInt8(ascii: "}") { break }
            at = try expect(UInt8(ascii: ","), bytes, at)
        }
        guard skipSpace(bytes, at + 1) == bytes.count else {
            throw EnvelopeError(code: "envelope-malformed")
        }
        try view.finish(bytes)
        return view
    }

    private mutating func set(
        _ attribute: EnvelopeAttribute, _ value: Range<Int>, _ bytes: Span<UInt8>
    ) throws(EnvelopeError) {
        guard places[Int(attribute.rawValue)] == 0 else {
            throw EnvelopeError(code: "envelope-attribute-duplicate", attribute: attribute.name)
        }
        guard check(attribute, value, bytes) else {
            let code =
                attribute == .specversion ? "envelope-specversion" : "envelope-attribute-invalid"
            throw EnvelopeError(code: code, attribute: attribute.name)
        }
        places[Int(attribute.rawValue)] = UInt32(value.lowerBound) << 16 | UInt32(value.count)
    }

    private mutating func check(
        _ attribute: EnvelopeAttribute, _ value: Range<Int>, _ bytes: Span<UInt8>
    ) -> Bool {
        switch attribute {
        case .specversion:
            return value.count == 3 && bytes[value.lowerBound] == UInt8(ascii: "1")
                && bytes[value.lowerBound + 1] == UInt8(ascii: ".")
                && bytes[value.lowerBound + 2] == UInt8(ascii: "0")
        case .id:
            guard let parts = MessageID.parse(bytes, value) else { return false }
            number = parts.number
            return true
        case .source: return Grammar.isParticipant(bytes, value)
        case .type: return Grammar.isTypeName(bytes, value)
        case .dataschema, .convertedfrom: return Grammar.topic(bytes, value) != nil
        case .recipient: return countRecipients(bytes, value)
        case .step: return Grammar.isStep(bytes, value)
        case .correlationid: return Grammar.isCorrelation(bytes, value)
        case .causationid: return MessageID.parse(bytes, value) != nil
        case .operator, .terminal: return Grammar.isAccount(bytes, value)
        case .businesstask, .legalbasis: return Grammar.isPhrase(bytes, value)
        case .organisation: return Grammar.isDigits(bytes, value, count: 6)
        case .traceparent: return Grammar.isTraceParent(bytes, value)
        case .authfactor: return Self.factor(bytes, value) != nil
        case .refusalcode: return Grammar.isCode(bytes, value)
        case .time:
            guard let parsed = Instant.parse(bytes, value) else { return false }
            instant = parsed
            return true
        case .expirytime:
            expiryInstant = Instant.parse(bytes, value)
            return expiryInstant != nil
        }
    }

    /// The factor that stands in `value`, nil for another word.
    public static func factor(_ bytes: Span<UInt8>, _ value: Range<Int>) -> AuthenticationFactor? {
        AuthenticationFactor.allCases.first { matches(Array($0.rawValue.utf8), bytes, value) }
    }

    /// Counts recipients; refuses too many, a malformed one, or the same one twice.
    private mutating func countRecipients(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var count = 0
        var start = value.lowerBound
        while true {
            var end = start
            while end < value.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            guard Grammar.isParticipant(bytes, start..<end), count < Self.recipientLimit else {
                return false
            }
            var earlier = value.lowerBound
            while earlier < start {
                var stop = earlier
                while bytes[stop] != UInt8(ascii: ",") { stop += 1 }
                if Self.equal(bytes, earlier..<stop, start..<end) { return false }
                earlier = stop + 1
            }
            count += 1
            if end == value.upperBound { break }
            start = end + 1
        }
        recipientCount = count
        return true
    }

    private func finish(_ bytes: Span<UInt8>) throws(EnvelopeError) {
        for attribute in EnvelopeAttribute.allCases
        where attribute.isRequired && places[Int(attribute.rawValue)] == 0 {
            throw EnvelopeError(code: "envelope-attribute-missing", attribute: attribute.name)
        }
        let sender = id.lowerBound..<id.lowerBound + min(source.count, id.count)
        guard Self.equal(bytes, sender, source), bytes[sender.upperBound] == UInt8(ascii: "~")
        else { throw EnvelopeError(code: "envelope-inconsistent", attribute: "id") }
        let schemaType =
            dataschema.lowerBound..<dataschema.lowerBound
            + min(type.count, dataschema.count - 1)
        guard Self.equal(bytes, schemaType, type),
            bytes[schemaType.upperBound] == UInt8(ascii: "/")
        else { throw EnvelopeError(code: "envelope-inconsistent", attribute: "dataschema") }
    }

    private static func equal(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool
    {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count
        where bytes[left.lowerBound + offset] != bytes[right.lowerBound + offset] {
            return false
        }
        return true
    }

    /// Finds the attribute of a name, beginning with the one that is usually next.
    private static func find(
        _ bytes: Span<UInt8>, _ name: Range<Int>, from next: inout Int
    ) -> EnvelopeAttribute? {
        let names = EnvelopeAttribute.nameBytes
        for step in 0..<names.count {
            let index = (next + step) % names.count
            if matches(names[index], bytes, name) {
                next = index + 1
                return EnvelopeAttribute(rawValue: UInt8(index))
            }
        }
        return nil
    }

    private static func matches(
        _ name: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> Bool {
        guard name.count == range.count else { return false }
        for offset in 0..<name.count where name[offset] != bytes[range.lowerBound + offset] {
            return false
        }
        return true
    }

    /// The inside of a JSON string that starts at `start`; refuses escapes and control characters.
    private static func string(
        _ bytes: Span<UInt8>, _ start: Int
    ) throws(EnvelopeError) -> Range<Int> {
        let first = try expect(UInt8(ascii: "\""), bytes, start)
        var at = first
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { return first..<at }
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else { break }
            at += 1
        }
        throw EnvelopeError(code: "envelope-malformed")
    }

    private static func expect(
        _ byte: UInt8, _ bytes: Span<UInt8>, _ at: Int
    ) throws(EnvelopeError) -> Int {
        guard at < bytes.count, bytes[at] == byte else {
            throw EnvelopeError(code: "envelope-malformed")
        }
        return at + 1
    }

    private static func skipSpace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var at = start
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return at
            }
        }
        return at
    }
}
