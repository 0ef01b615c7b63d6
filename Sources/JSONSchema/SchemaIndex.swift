/// Where every resource, anchor and base URI of the added documents is (様式索引).
struct SchemaIndex: Sendable {
    private struct Place: Hashable {
        let document: ObjectIdentifier
        let token: Int
    }

    private var resources: [String: SchemaCursor] = [:]
    private var anchors: [SchemaURI: SchemaCursor] = [:]
    /// The base URI in force at each schema; what is not here was never read as a schema.
    private var bases: [Place: String] = [:]

    mutating func add(_ document: SchemaDocument, captures: [String]) throws(SchemaLoadError) {
        let root = document.root
        guard let uri = SchemaURI(document.uri, against: ""), uri.fragment ?? "" == "" else {
            throw root.error("a document's URI has no fragment")
        }
        try register(root, as: uri.resource)
        try walk(root, base: uri.resource, captures: captures, isRoot: true)
    }

    /// The schema a resolved reference names; nil if the library has none.
    func find(_ reference: SchemaURI) -> SchemaCursor? {
        guard let resource = resources[reference.resource] else { return nil }
        guard let fragment = reference.fragment, !fragment.isEmpty else { return resource }
        if fragment.hasPrefix("/") { return resource.following(fragment) }
        return anchors[reference]
    }

    func base(of schema: SchemaCursor) -> String? {
        bases[Place(document: ObjectIdentifier(schema.document), token: schema.token)]
    }

    private mutating func register(
        _ schema: SchemaCursor, as uri: String
    ) throws(SchemaLoadError) {
        if let known = resources[uri],
            known.document !== schema.document || known.token != schema.token
        {
            throw schema.error("\(uri) is already in the library")
        }
        resources[uri] = schema
    }

    /// Checks a schema and those inside it, and notes their identities.
    private mutating func walk(
        _ schema: SchemaCursor, base: String, captures: [String], isRoot: Bool = false
    ) throws(SchemaLoadError) {
        var base = base
        switch schema.kind {
        case .boolean: break
        case .object:
            base = try identity(of: schema, base: base)
            for (name, value) in schema.members {
                guard let keyword = Keyword(rawValue: name) else {
                    guard name.hasPrefix("x-") || captures.contains(name) else {
                        throw value.error("\(name) is no keyword this checker implements")
                    }
                    continue
                }
                try KeywordShape.check(value, keyword)
                if keyword == .vocabulary || keyword == .schema, !isRoot, schema[.id] == nil {
                    throw value.error("\(name) stands at the root of a resource only")
                }
                for inner in value.schemas(of: keyword) {
                    try walk(inner, base: base, captures: captures)
                }
            }
        case .null, .number, .string, .array:
            throw schema.error("a schema is an object or a boolean")
        }
        bases[Place(document: ObjectIdentifier(schema.document), token: schema.token)] = base
    }

    private mutating func identity(
        of schema: SchemaCursor, base: String
    ) throws(SchemaLoadError) -> String {
        var base = base
        if let id = schema[.id] {
            try KeywordShape.check(id, .id)
            guard let uri = SchemaURI(id.string, against: base), uri.fragment ?? "" == "" else {
                throw id.error("$id has no fragment")
            }
            base = uri.resource
            try register(schema, as: base)
        }
        if let anchor = schema[.anchor] {
            try KeywordShape.check(anchor, .anchor)
            var uri = SchemaURI("#", against: base)
            uri?.fragment = anchor.string
            guard let uri, anchors[uri] == nil else {
                throw anchor.error("the anchor stands twice in its resource")
            }
            anchors[uri] = schema
        }
        return base
    }
}

extension SchemaCursor {
    /// The schemas directly inside a keyword's value.
    func schemas(of keyword: Keyword) -> [SchemaCursor] {
        switch keyword.shape {
        case .schema: [self]
        case .schemas: elements
        case .schemaMap: members.map(\.value)
        case .uri, .anchorName, .dialect, .vocabularies, .text, .truth, .anything, .typeNames,
            .distinctNames, .namesByName, .list, .count, .number, .positiveNumber, .pattern:
            []
        }
    }
}
