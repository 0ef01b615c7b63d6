/// Turns the schemas reachable from one into tables (様式の翻訳).
///
/// Recursion is by index: a schema's node exists before its contents are compiled. A schema that
/// would apply itself to the same value again, without end, is refused.
struct SchemaCompiler {
    let index: SchemaIndex
    let captures: [String]
    let main: SchemaDocument
    var parts = CompiledSchema.Parts()
    /// Tokens of the constants' tape used up, its outer array included.
    var constantTokens = 1
    private var known: [Place: Int32] = [:]
    private var aliases: Set<Place> = []
    private var patternIndexes: [[UInt8]: Int32] = [:]

    private struct Place: Hashable {
        let document: ObjectIdentifier
        let token: Int
    }

    init(index: SchemaIndex, captures: [String], main: SchemaDocument) {
        self.index = index
        self.captures = captures
        self.main = main
    }

    func finish(root: Int32, limits: CheckLimits) throws(SchemaLoadError) -> CompiledSchema {
        try InPlaceLoops.refuse(in: parts, uri: main.uri)
        var finished = parts
        finished.root = root
        do throws(SyntaxFault) {
            return try CompiledSchema(finished, limits: limits)
        } catch {
            throw SchemaLoadError(
                uri: main.uri, pointer: "", reason: "too many constants: \(error)")
        }
    }

    /// The node of a schema, compiled when first asked for.
    /// - Parameter keyword: the keyword the schema stands under; nil for a root.
    mutating func node(
        for schema: SchemaCursor, under keyword: Keyword?
    ) throws(SchemaLoadError) -> Int32 {
        let place = Place(document: ObjectIdentifier(schema.document), token: schema.token)
        if let node = known[place] { return node }
        if schema.kind == .object {
            guard index.base(of: schema) != nil else {
                throw schema.error("a reference leads here, but no schema stands here")
            }
            if let target = try soleReference(of: schema) {
                guard aliases.insert(place).inserted else {
                    throw schema.error("the reference leads back to itself")
                }
                let node = try node(for: target, under: .ref)
                known[place] = node
                return node
            }
        }
        let node = Int32(parts.nodes.count)
        known[place] = node
        parts.nodes.append(SchemaNode())
        var compiled = SchemaNode()
        compiled.location = location(of: schema)
        switch schema.kind {
        case .boolean:
            compiled.refuses = !schema.isTrue
            compiled.keyword = keyword
            compiled.hasRules = compiled.refuses
        case .object: try fill(&compiled, from: schema)
        case .null, .number, .string, .array:
            throw schema.error("a schema is an object or a boolean")
        }
        parts.nodes[Int(node)] = compiled
        return node
    }

    /// The target of a schema that says nothing but `$ref`: it needs no node of its own.
    private func soleReference(
        of schema: SchemaCursor
    ) throws(SchemaLoadError) -> SchemaCursor? {
        var reference: SchemaCursor?
        for (name, value) in schema.members {
            switch Keyword(rawValue: name) {
            case .ref: reference = value
            case .schema, .vocabulary, .id, .anchor, .defs, .comment, .title, .description,
                .default, .examples, .deprecated, .readOnly, .writeOnly, .format,
                .contentEncoding, .contentMediaType, .contentSchema:
                if captures.contains(name) { return nil }
            case nil: if captures.contains(name) { return nil }
            default: return nil
            }
        }
        guard let reference else { return nil }
        return try target(of: reference, in: schema)
    }

    func target(
        of reference: SchemaCursor, in schema: SchemaCursor
    ) throws(SchemaLoadError) -> SchemaCursor {
        guard let base = index.base(of: schema),
            let uri = SchemaURI(reference.string, against: base)
        else { throw reference.error("the reference is no URI reference") }
        guard let target = index.find(uri) else {
            throw reference.error("the reference leads nowhere in the library")
        }
        return target
    }

    private mutating func location(of schema: SchemaCursor) -> Int32 {
        let isMain = schema.document === main
        let pointer = schema.pointer
        parts.locations.append(isMain ? pointer : "\(schema.document.uri)#\(pointer)")
        return Int32(parts.locations.count - 1)
    }

    mutating func list(_ entries: [Int32]) -> Slice {
        let slice = Slice(start: Int32(parts.lists.count), count: Int32(entries.count))
        parts.lists += entries
        return slice
    }

    /// Copies a value to the constants; returns the token it will have there.
    mutating func constant(_ value: SchemaCursor) -> Int32 {
        if constantTokens > 1 { parts.constants.append(UInt8(ascii: ",")) }
        parts.constants += value.raw
        let token = constantTokens
        constantTokens += value.document.read { Int($0.tokens[value.token].next) - value.token }
        return Int32(token)
    }

    mutating func pattern(_ text: String, at value: SchemaCursor) throws(SchemaLoadError) -> Int32 {
        let key = Array(text.utf8)
        if let known = patternIndexes[key] { return known }
        do throws(PatternError) {
            let index = parts.patterns.add(try PatternProgram(text))
            patternIndexes[key] = index
            return index
        } catch {
            throw value.error("the pattern is refused: \(error.reason)")
        }
    }

    /// Compiles a table of distinct names.
    mutating func table(_ entries: [(name: String, node: Int32, isRequired: Bool)]) -> NameTable {
        guard !entries.isEmpty else { return NameTable() }
        let first = parts.names.count
        for entry in entries { name(entry.name, node: entry.node, isRequired: entry.isRequired) }
        var size = 4
        while size < entries.count * 2 { size *= 2 }
        var slots = Array(repeating: SchemaNode.none, count: size)
        for index in first..<parts.names.count {
            var slot = Int(parts.names[index].hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
        let table = NameTable(
            entries: Slice(start: Int32(first), count: Int32(entries.count)),
            firstSlot: Int32(parts.slots.count), mask: Int32(size - 1))
        parts.slots += slots
        return table
    }

    @discardableResult
    mutating func name(
        _ text: String, node: Int32 = SchemaNode.none, isRequired: Bool = false
    ) -> Int32 {
        let bytes = Array(text.utf8)
        let hash = bytes.lend { KeyHash.of($0, 0, bytes.count) }
        parts.names.append(
            NameEntry(
                hash: hash, offset: Int32(parts.nameBytes.count), count: Int32(bytes.count),
                node: node, isRequired: isRequired))
        parts.nameBytes += bytes
        return Int32(parts.names.count - 1)
    }
}
