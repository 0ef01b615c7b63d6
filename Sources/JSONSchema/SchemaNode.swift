/// One compiled schema (様式節点): trivial, so that reading it costs no reference count.
///
/// `none` (-1) in an index field means that the schema has no such rule.
struct SchemaNode: BitwiseCopyable, Sendable {
    static let none: Int32 = -1
    static let anyType: UInt8 = 0x7F
    static let integerType: UInt8 = 0x40

    /// A schema that is simply `false` refuses with the keyword it stands under.
    var refuses = false
    /// nil where a `false` schema stands at the root.
    var keyword: Keyword?
    /// Bits of `Token.Kind`, and `integerType`.
    var types = SchemaNode.anyType
    /// Whether anything beyond `types` is to be looked at.
    var hasRules = false
    /// Where `TapeView.pointer` finds it, for violations: an index of locations.
    var location: Int32 = 0
    var values = SchemaNode.none
    var strings = SchemaNode.none
    var numbers = Slice()
    var arrays = SchemaNode.none
    var objects = SchemaNode.none
    var inPlace = Slice()
    var unevaluatedItems = SchemaNode.none
    var unevaluatedProperties = SchemaNode.none
    var annotations = Slice()
}

/// A run of entries in another table.
struct Slice: BitwiseCopyable, Sendable {
    var start: Int32 = 0
    var count: Int32 = 0

    @inline(__always)
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    @inline(__always)
    var isEmpty: Bool { count == 0 }
}

/// `enum` and `const`: strings by hash, everything else by comparison.
struct ValueRule: BitwiseCopyable, Sendable {
    /// Tokens of the constants tape, by way of the list table; strings of `enum` are not in it.
    var others = Slice()
    var strings = NameTable()
    var hasEnum = false
    /// Token of the constants tape.
    var const = SchemaNode.none
}

struct StringRule: BitwiseCopyable, Sendable {
    /// Code points.
    var minLength: UInt32 = 0
    var maxLength = UInt32.max
    var pattern = SchemaNode.none
}

struct NumberRule: BitwiseCopyable, Sendable {
    var keyword: Keyword
    /// Token of the constants tape.
    var bound: Int32
    /// The bound itself if it is whole and short enough for comparing as Int64.
    var small: Int64
    var isSmall: Bool
}

struct ArrayRule: BitwiseCopyable, Sendable {
    var minItems: UInt32 = 0
    var maxItems = UInt32.max
    var isUnique = false
    var prefix = Slice()
    var items = SchemaNode.none
    var contains = SchemaNode.none
    var minContains: UInt32 = 1
    var maxContains = UInt32.max
}

struct ObjectRule: BitwiseCopyable, Sendable {
    var minMembers: UInt32 = 0
    var maxMembers = UInt32.max
    var names = NameTable()
    var requiredCount: UInt32 = 0
    /// Whether a member can match something beside its own `properties` entry.
    var hasPatterns = false
    var patterns = Slice()
    var additional = SchemaNode.none
    var propertyNames = SchemaNode.none
    var dependents = Slice()
}

/// A compiled hash table of names: open addressing in the slot table.
struct NameTable: BitwiseCopyable, Sendable {
    /// Entries of this table, in the order compiled.
    var entries = Slice()
    var firstSlot: Int32 = 0
    /// Slots minus one, a power of two minus one; -1 if there is no table.
    var mask: Int32 = -1
}

struct NameEntry: BitwiseCopyable, Sendable {
    var hash: UInt32
    /// Where the name stands in the table of name bytes.
    var offset: Int32
    var count: Int32
    /// The schema under `properties`.
    var node = SchemaNode.none
    var isRequired = false
}

struct PatternEdge: BitwiseCopyable, Sendable {
    var pattern: Int32
    var node: Int32
}

/// `dependentRequired` or `dependentSchemas` of one trigger name.
struct Dependent: BitwiseCopyable, Sendable {
    /// Name entries: the trigger, then those required.
    var trigger: Int32
    var required = Slice()
    var node = SchemaNode.none
}

/// A schema applied to the same value as the one it stands in.
struct InPlaceEdge: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// `$ref` and each schema of `allOf`
        case all
        case any, one, not
        case conditional
    }

    var kind: Kind
    /// The schema of `all`, `not` or `if`.
    var node = SchemaNode.none
    /// The schemas of `anyOf` or `oneOf`, in the list table.
    var branches = Slice()
    var then = SchemaNode.none
    var otherwise = SchemaNode.none
}
