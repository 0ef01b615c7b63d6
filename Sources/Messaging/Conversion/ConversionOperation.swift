/// One step of a conversion between neighbouring versions (版変換の操作); `Schemas/conversions`.
///
/// A path is a JSON pointer whose segment `*` means every element of an array.
enum ConversionOperation: Hashable, Sendable {
    /// A value from the envelope, where the older version never had one.
    enum Source: Hashable, Sendable {
        /// The message's id, as a reference.
        case id
        /// The day in Japan on which it was sent, and so many days later.
        case date(addingDays: Int)
    }

    /// Values that may be dropped without losing anything.
    enum Lossless: Hashable, Sendable {
        case anything
        case values([JSONTree])

        func covers(_ value: JSONTree) -> Bool {
            switch self {
            case .anything: true
            case .values(let values): value == .null || values.contains(value)
            }
        }
    }

    /// When a conversion is refused.
    enum Condition: Hashable, Sendable {
        /// A value that is not null stands there.
        case present
        case equals(JSONTree)
        /// It equals, unless the day at another place is before a date (施行日).
        case equalsFrom(JSONTree, dateAt: ConversionPath, from: String)
        case always
    }

    /// Adds a value where the member is absent.
    case add(ConversionPath, JSONTree)
    case addFromEnvelope(ConversionPath, Source)
    /// Takes a member away; a loss unless its value is one that says nothing.
    case drop(ConversionPath, Lossless)
    /// Puts the value into a new object under `member`, beside `others`; an absent one stays absent.
    case wrap(ConversionPath, member: String, others: [String: JSONTree])
    /// Takes `member` out of an object in its place; the object's other members are dropped.
    case unwrap(ConversionPath, member: String, lossless: [String: Lossless])
    case rename(ConversionPath, to: String)
    /// Replaces the values listed; `lossy` are those that cannot be told from another one afterwards.
    case map(ConversionPath, [JSONTree: JSONTree], lossy: Set<JSONTree>)
    case refuse(ConversionPath, Condition, byReceiver: Bool)
}

/// Where an operation applies (操作の場所).
struct ConversionPath: Hashable, Sendable {
    let segments: [String]

    /// Nil unless it is a JSON pointer of at least one segment.
    init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
        guard !segments.isEmpty, segments.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
}
