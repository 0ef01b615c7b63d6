/// A schema ready for checking (様式): immutable tables, shared by all threads.
package final class CompiledSchema: @unchecked Sendable {
    // Sendable: nothing is written after `init`; the tables are freed with the object.

    /// What the compiler gathers; becomes tables when it has finished.
    struct Parts {
        var root: Int32 = 0
        var nodes: [SchemaNode] = []
        var values: [ValueRule] = []
        var strings: [StringRule] = []
        var numbers: [NumberRule] = []
        var arrays: [ArrayRule] = []
        var objects: [ObjectRule] = []
        var edges: [InPlaceEdge] = []
        var dependents: [Dependent] = []
        var patternEdges: [PatternEdge] = []
        var names: [NameEntry] = []
        var slots: [Int32] = []
        var nameBytes: [UInt8] = []
        /// Nodes or constants, for the rules that hold several.
        var lists: [Int32] = []
        var patterns = PatternTables.Parts()
        /// A JSON array of everything under `enum`, `const` and the numeric keywords.
        var constants: [UInt8] = Array("[".utf8)
        var locations: [String] = []
        var annotations: [Annotation] = []
    }

    /// A capture keyword's value in one schema.
    struct Annotation: Hashable, Sendable {
        /// Index among the library's capture keywords.
        let keyword: Int
        /// The text of a string, otherwise the JSON as written.
        let value: String
    }

    let root: Int
    let limits: CheckLimits
    let nodes: Table<SchemaNode>
    let values: Table<ValueRule>
    let strings: Table<StringRule>
    let numbers: Table<NumberRule>
    let arrays: Table<ArrayRule>
    let objects: Table<ObjectRule>
    let edges: Table<InPlaceEdge>
    let dependents: Table<Dependent>
    let patternEdges: Table<PatternEdge>
    let names: Table<NameEntry>
    let slots: Table<Int32>
    let nameBytes: Table<UInt8>
    let lists: Table<Int32>
    let patterns: PatternTables
    let locations: [String]
    let annotations: [Annotation]

    private let constantText: Table<UInt8>
    private let constantTokens: Table<Token>
    private let constantDecoded: Table<UInt8>
    private let constantEscapes: Table<EscapedContent>
    let constants: TapeView

    init(_ parts: Parts, limits: CheckLimits) throws(SyntaxFault) {
        root = Int(parts.root)
        self.limits = limits
        nodes = Table(parts.nodes)
        values = Table(parts.values)
        strings = Table(parts.strings)
        numbers = Table(parts.numbers)
        arrays = Table(parts.arrays)
        objects = Table(parts.objects)
        edges = Table(parts.edges)
        dependents = Table(parts.dependents)
        patternEdges = Table(parts.patternEdges)
        names = Table(parts.names)
        slots = Table(parts.slots)
        nameBytes = Table(parts.nameBytes)
        lists = Table(parts.lists)
        patterns = PatternTables(parts.patterns)
        locations = parts.locations
        annotations = parts.annotations

        constantText = Table(parts.constants + Array("]".utf8))
        var tape = Tape()
        try tape.scan(constantText.view, limits: .schemaText)
        constantTokens = Table(tape.tokens.elements)
        constantDecoded = Table(tape.decoded.elements)
        constantEscapes = Table(tape.escapes.elements)
        constants = TapeView(
            text: constantText.view, decoded: constantDecoded.view,
            tokens: constantTokens.view, escapes: constantEscapes.view)
    }

    /// The entry of a name, or -1.
    @inline(__always)
    func find(
        _ hash: UInt32, _ bytes: Bytes, _ offset: Int, _ count: Int, in table: NameTable
    ) -> Int {
        guard table.mask >= 0 else { return -1 }
        var slot = Int(hash) & Int(table.mask)
        while true {
            let entry = Int(slots[Int(table.firstSlot) + slot])
            if entry < 0 { return -1 }
            let name = names[entry]
            if name.hash == hash, Int(name.count) == count,
                bytes.equals(offset, count, nameBytes.view, Int(name.offset))
            {
                return entry
            }
            slot = (slot + 1) & Int(table.mask)
        }
    }

    func name(_ entry: Int) -> String {
        nameBytes.view.text(Int(names[entry].offset), Int(names[entry].count))
    }

    /// Whether some schema of this document set names a member so.
    func knowsName(_ hash: UInt32, _ bytes: Bytes, _ offset: Int, _ count: Int) -> Bool {
        (0..<names.count).contains { index in
            let name = names[index]
            return name.hash == hash && Int(name.count) == count
                && bytes.equals(offset, count, nameBytes.view, Int(name.offset))
        }
    }
}
