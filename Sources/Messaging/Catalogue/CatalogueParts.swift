internal import FoundationEssentials
internal import JSONSchema

/// The files of the catalogue, each valid by itself (連携定義の各部).
struct CatalogueParts {
    var zones: [Zone] = []
    var participants: [ParticipantFamily] = []
    var links: [Link] = []
    var forbidden: [Prohibition] = []
    var groups: [Step.Group] = []
    var steps: [Step] = []
    var identifiers: [IdentifierKind] = []
    var types: [MessageType] = []
    var legalBases: [LegalBasis] = []
    var retention: [RetentionClass] = []
    var causality: [Causality] = []
    var functions: [OperatorFunction] = []

    /// Where an entry of a joined list stands, for errors.
    private(set) var places: [String: [(file: String, pointer: String)]] = [:]

    static let schemaFile = "catalogue/catalogue.schema.json"
    /// The catalogue's name for a link that no hub carries.
    static let outside = "outside"

    init(files: [String: [UInt8]], options: CatalogueOptions) throws(CatalogueError) {
        let reader = try CatalogueReader(files: files)
        zones = try reader.read("zones", as: ZonesFile.self).zones
        forbidden = try reader.read("forbidden", as: ForbiddenFile.self).forbidden
        let stepsFile = try reader.read("steps", as: StepsFile.self)
        groups = stepsFile.groups
        steps = stepsFile.steps
        legalBases = try reader.read("legal-bases", as: BasesFile.self).bases
        retention = try reader.read("retention", as: RetentionFile.self).classes
        causality = try reader.read("causality", as: CausalityFile.self).causality
        functions = try reader.read("functions", as: FunctionsFile.self).functions
        let typesFile = try reader.read("types", as: TypesFile.self)
        identifiers = typesFile.identifiers
        add(
            Addition(
                participants: try reader.read("participants", as: ParticipantsFile.self)
                    .participants,
                types: typesFile.types, links: try reader.read("links", as: LinksFile.self).links),
            files: ("participants", "types", "links"))
        if options.lab {
            add(try reader.read("lab", as: Addition.self), files: ("lab", "lab", "lab"))
        }
        if options.bench {
            add(try reader.read("bench", as: Addition.self), files: ("bench", "bench", "bench"))
        }
    }

    /// The file and pointer of the entry at `index` of a joined list.
    func place(_ list: String, _ index: Int) -> (file: String, pointer: String) {
        places[list]?[index] ?? ("catalogue/\(list).json", "/\(list)/\(index)")
    }

    private mutating func add(
        _ addition: Addition, files: (participants: String, types: String, links: String)
    ) {
        func note(_ list: String, _ file: String, _ count: Int) {
            places[list, default: []] += (0..<count).map {
                ("catalogue/\(file).json", "/\(list)/\($0)")
            }
        }
        note("participants", files.participants, addition.participants.count)
        note("types", files.types, addition.types.count)
        note("links", files.links, addition.links.count)
        participants += addition.participants
        types += addition.types
        links += addition.links
    }
}

/// Reads one file of the catalogue: against its schema first, then into values.
private struct CatalogueReader {
    private let files: [String: [UInt8]]
    private let library: SchemaLibrary

    init(files: [String: [UInt8]]) throws(CatalogueError) {
        self.files = files
        let file = CatalogueParts.schemaFile
        guard let text = files[file] else {
            throw CatalogueError(file: file, pointer: "", reason: "the file is missing")
        }
        var library = SchemaLibrary(
            limits: CheckLimits(maxMembers: 100_000, maxBytes: 16 << 20))
        do throws(SchemaLoadError) {
            try library.add(text, uri: "urn:jukihub:catalogue")
        } catch {
            throw CatalogueError(file: file, pointer: error.pointer, reason: error.reason)
        }
        self.library = library
    }

    func read<Value: Decodable>(_ name: String, as: Value.Type) throws(CatalogueError) -> Value {
        let file = "catalogue/\(name).json"
        guard let text = files[file] else {
            throw CatalogueError(file: file, pointer: "", reason: "the file is missing")
        }
        try check(text, name: name, file: file)
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text))
        } catch let error as DecodingError {
            throw CatalogueError(
                file: file, pointer: Self.pointer(error), reason: Self.reason(error))
        } catch {
            throw CatalogueError(file: file, pointer: "", reason: "cannot be read")
        }
    }

    private func check(_ text: [UInt8], name: String, file: String) throws(CatalogueError) {
        let schema: CompiledSchema
        do throws(SchemaLoadError) {
            schema = try library.compile("urn:jukihub:catalogue#/$defs/\(name)")
        } catch {
            throw CatalogueError(
                file: CatalogueParts.schemaFile, pointer: error.pointer, reason: error.reason)
        }
        var checker = Checker()
        switch checker.check(text.span, against: schema) {
        case .valid: return
        case .invalid(let violation):
            let missing = violation.missingMember.map { ": \($0)" } ?? ""
            throw CatalogueError(
                file: file, pointer: violation.instancePointer,
                reason: "\(violation.keyword)\(missing)")
        case .malformed(let fault):
            throw CatalogueError(file: file, pointer: "", reason: fault.description)
        }
    }

    private static func pointer(_ error: DecodingError) -> String {
        let path: [any CodingKey] =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context),
                .dataCorrupted(let context), .keyNotFound(_, let context):
                context.codingPath
            @unknown default: []
            }
        return path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context), .keyNotFound(_, let context):
            context.debugDescription
        @unknown default: "cannot be read"
        }
    }
}

private struct ZonesFile: Decodable { let zones: [Zone] }
private struct ForbiddenFile: Decodable { let forbidden: [Prohibition] }
private struct StepsFile: Decodable {
    let groups: [Step.Group]
    let steps: [Step]
}
private struct BasesFile: Decodable { let bases: [LegalBasis] }
private struct RetentionFile: Decodable { let classes: [RetentionClass] }
private struct CausalityFile: Decodable { let causality: [Causality] }
private struct FunctionsFile: Decodable { let functions: [OperatorFunction] }
private struct TypesFile: Decodable {
    let identifiers: [IdentifierKind]
    let types: [MessageType]
}
private struct ParticipantsFile: Decodable { let participants: [ParticipantFamily] }
private struct LinksFile: Decodable { let links: [Link] }

/// A file that adds participants, types and links (`lab.json`, `bench.json`).
private struct Addition: Decodable {
    let participants: [ParticipantFamily]
    let types: [MessageType]
    let links: [Link]
}
