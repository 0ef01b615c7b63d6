/// The rules of one schema, group by group (様式の翻訳・規則).
extension SchemaCompiler {
    mutating func fill(
        _ node: inout SchemaNode, from schema: SchemaCursor
    ) throws(SchemaLoadError) {
        node.types = types(schema[.type])
        try fillValues(&node, schema)
        try fillStrings(&node, schema)
        fillNumbers(&node, schema)
        try fillArrays(&node, schema)
        try fillObjects(&node, schema)
        try fillInPlace(&node, schema)
        try fillUnevaluated(&node, schema)
        fillAnnotations(&node, schema)
        node.hasRules =
            node.values >= 0 || node.strings >= 0 || !node.numbers.isEmpty || node.arrays >= 0
            || node.objects >= 0 || !node.inPlace.isEmpty || node.unevaluatedItems >= 0
            || node.unevaluatedProperties >= 0 || !node.annotations.isEmpty
    }

    private func types(_ value: SchemaCursor?) -> UInt8 {
        guard let value else { return SchemaNode.anyType }
        let names = value.kind == .array ? value.elements : [value]
        // The names stand in the order of `Token.Kind`, "integer" behind them.
        return names.reduce(0) { bits, name in
            bits | 1 << UInt8(KeywordShape.typeNames.firstIndex(of: name.string) ?? 0)
        }
    }

    private mutating func fillValues(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        var rule = ValueRule()
        if let list = schema[.enum] {
            rule.hasEnum = true
            var strings: [(name: String, node: Int32, isRequired: Bool)] = []
            var known: Set<[UInt8]> = []
            var others: [Int32] = []
            for value in list.elements {
                if value.kind == .string {
                    guard known.insert(Array(value.string.utf8)).inserted else { continue }
                    strings.append((value.string, SchemaNode.none, false))
                } else {
                    others.append(constant(value))
                }
            }
            rule.strings = table(strings)
            rule.others = self.list(others)
        }
        if let value = schema[.const] { rule.const = constant(value) }
        guard rule.hasEnum || rule.const >= 0 else { return }
        node.values = Int32(parts.values.count)
        parts.values.append(rule)
    }

    private func count(_ schema: SchemaCursor, _ keyword: Keyword) -> UInt32? {
        schema[keyword]?.countValue.map { UInt32($0) }
    }

    private mutating func fillStrings(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        var rule = StringRule()
        rule.minLength = count(schema, .minLength) ?? 0
        rule.maxLength = count(schema, .maxLength) ?? .max
        if let value = schema[.pattern] { rule.pattern = try pattern(value.string, at: value) }
        guard rule.minLength > 0 || rule.maxLength != .max || rule.pattern >= 0 else { return }
        node.strings = Int32(parts.strings.count)
        parts.strings.append(rule)
    }

    private mutating func fillNumbers(_ node: inout SchemaNode, _ schema: SchemaCursor) {
        let start = parts.numbers.count
        let keywords: [Keyword] = [
            .minimum, .exclusiveMinimum, .maximum, .exclusiveMaximum, .multipleOf,
        ]
        for keyword in keywords {
            guard let value = schema[keyword] else { continue }
            let small = Int64(String(decoding: value.raw, as: UTF8.self))
            parts.numbers.append(
                NumberRule(
                    keyword: keyword, bound: constant(value), small: small ?? 0,
                    isSmall: small != nil))
        }
        node.numbers = Slice(start: Int32(start), count: Int32(parts.numbers.count - start))
    }

    private mutating func fillArrays(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        var rule = ArrayRule()
        var isNeeded = false
        for keyword: Keyword in [
            .minItems, .maxItems, .uniqueItems, .prefixItems, .items, .contains,
        ] where schema[keyword] != nil {
            isNeeded = true
        }
        guard isNeeded || schema[.unevaluatedItems] != nil else { return }
        rule.minItems = count(schema, .minItems) ?? 0
        rule.maxItems = count(schema, .maxItems) ?? .max
        rule.isUnique = schema[.uniqueItems]?.isTrue ?? false
        rule.prefix = try nodes(schema[.prefixItems]?.elements ?? [], under: .prefixItems)
        if let items = schema[.items] { rule.items = try self.node(for: items, under: .items) }
        if let contains = schema[.contains] {
            rule.contains = try self.node(for: contains, under: .contains)
            rule.minContains = count(schema, .minContains) ?? 1
            rule.maxContains = count(schema, .maxContains) ?? .max
        }
        node.arrays = Int32(parts.arrays.count)
        parts.arrays.append(rule)
    }

    mutating func nodes(
        _ schemas: [SchemaCursor], under keyword: Keyword
    ) throws(SchemaLoadError) -> Slice {
        var nodes: [Int32] = []
        for schema in schemas { nodes.append(try node(for: schema, under: keyword)) }
        return list(nodes)
    }

    private mutating func fillObjects(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        let keywords: [Keyword] = [
            .minProperties, .maxProperties, .properties, .required, .patternProperties,
            .additionalProperties, .propertyNames, .dependentRequired, .dependentSchemas,
            .unevaluatedProperties,
        ]
        guard keywords.contains(where: { schema[$0] != nil }) else { return }
        var rule = ObjectRule()
        rule.minMembers = count(schema, .minProperties) ?? 0
        rule.maxMembers = count(schema, .maxProperties) ?? .max
        let required = (schema[.required]?.elements ?? []).map(\.string)
        var entries: [(name: String, node: Int32, isRequired: Bool)] = []
        let isRequired = Set(required.map { Array($0.utf8) })
        for (name, value) in schema[.properties]?.members ?? [] {
            let property = try self.node(for: value, under: .properties)
            entries.append((name, property, isRequired.contains(Array(name.utf8))))
        }
        let named = Set(entries.map { Array($0.name.utf8) })
        for name in required where !named.contains(Array(name.utf8)) {
            entries.append((name, SchemaNode.none, true))
        }
        rule.names = table(entries)
        rule.requiredCount = UInt32(required.count)
        var edges: [PatternEdge] = []
        for (text, value) in schema[.patternProperties]?.members ?? [] {
            edges.append(
                PatternEdge(
                    pattern: try pattern(text, at: value),
                    node: try self.node(for: value, under: .patternProperties)))
        }
        rule.hasPatterns = !edges.isEmpty
        rule.patterns = Slice(
            start: Int32(parts.patternEdges.count), count: Int32(edges.count))
        parts.patternEdges += edges
        if let value = schema[.additionalProperties] {
            rule.additional = try self.node(for: value, under: .additionalProperties)
        }
        if let value = schema[.propertyNames] {
            rule.propertyNames = try self.node(for: value, under: .propertyNames)
        }
        rule.dependents = try dependents(schema)
        node.objects = Int32(parts.objects.count)
        parts.objects.append(rule)
    }

    private mutating func dependents(
        _ schema: SchemaCursor
    ) throws(SchemaLoadError) -> Slice {
        var dependents: [Dependent] = []
        for (trigger, names) in schema[.dependentRequired]?.members ?? [] {
            var dependent = Dependent(trigger: name(trigger))
            dependent.required.start = Int32(parts.names.count)
            for required in names.elements { name(required.string) }
            dependent.required.count = Int32(names.count)
            dependents.append(dependent)
        }
        for (trigger, value) in schema[.dependentSchemas]?.members ?? [] {
            let node = try self.node(for: value, under: .dependentSchemas)
            dependents.append(Dependent(trigger: name(trigger), node: node))
        }
        let slice = Slice(start: Int32(parts.dependents.count), count: Int32(dependents.count))
        parts.dependents += dependents
        return slice
    }

    private mutating func fillInPlace(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        var edges: [InPlaceEdge] = []
        if let reference = schema[.ref] {
            let target = try target(of: reference, in: schema)
            edges.append(
                InPlaceEdge(kind: .all, node: try self.node(for: target, under: .ref)))
        }
        for value in schema[.allOf]?.elements ?? [] {
            edges.append(InPlaceEdge(kind: .all, node: try self.node(for: value, under: .allOf)))
        }
        if let value = schema[.anyOf] {
            let branches = try nodes(value.elements, under: .anyOf)
            edges.append(InPlaceEdge(kind: .any, branches: branches))
        }
        if let value = schema[.oneOf] {
            let branches = try nodes(value.elements, under: .oneOf)
            edges.append(InPlaceEdge(kind: .one, branches: branches))
        }
        if let value = schema[.not] {
            edges.append(InPlaceEdge(kind: .not, node: try self.node(for: value, under: .not)))
        }
        if let value = schema[.if] {
            var edge = InPlaceEdge(kind: .conditional)
            edge.node = try self.node(for: value, under: .if)
            if let then = schema[.then] { edge.then = try self.node(for: then, under: .then) }
            if let otherwise = schema[.else] {
                edge.otherwise = try self.node(for: otherwise, under: .else)
            }
            edges.append(edge)
        }
        node.inPlace = Slice(start: Int32(parts.edges.count), count: Int32(edges.count))
        parts.edges += edges
    }

    /// Where nothing else in place can have evaluated anything, `unevaluated…` is what
    /// `additionalProperties` and `items` are, and costs no marks.
    private mutating func fillUnevaluated(
        _ node: inout SchemaNode, _ schema: SchemaCursor
    ) throws(SchemaLoadError) {
        let hasDependents = schema[.dependentSchemas] != nil
        if let value = schema[.unevaluatedProperties] {
            let rest = try self.node(for: value, under: .unevaluatedProperties)
            let object = Int(node.objects)
            if node.inPlace.isEmpty, !hasDependents {
                if parts.objects[object].additional < 0 {
                    parts.objects[object].additional = rest
                }
            } else {
                node.unevaluatedProperties = rest
            }
        }
        if let value = schema[.unevaluatedItems] {
            let rest = try self.node(for: value, under: .unevaluatedItems)
            let array = Int(node.arrays)
            if node.inPlace.isEmpty, parts.arrays[array].contains < 0, !hasDependents {
                if parts.arrays[array].items < 0 { parts.arrays[array].items = rest }
            } else {
                node.unevaluatedItems = rest
            }
        }
    }

    private mutating func fillAnnotations(_ node: inout SchemaNode, _ schema: SchemaCursor) {
        let start = parts.annotations.count
        for (index, capture) in captures.enumerated() {
            guard let value = schema.member(capture) else { continue }
            let text =
                value.kind == .string ? value.string : String(decoding: value.raw, as: UTF8.self)
            parts.annotations.append(CompiledSchema.Annotation(keyword: index, value: text))
        }
        node.annotations = Slice(
            start: Int32(start), count: Int32(parts.annotations.count - start))
    }
}
