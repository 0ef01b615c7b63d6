internal import JSONSchema

/// Reads `Schemas/conversions/<type>/<a>-<b>.json` (版変換の定義), each checked against the room's own schema.
struct ConversionReader {
    static let schemaFile = "conversions/conversion.schema.json"
    private static let uri = "urn:jukihub:conversion"

    private let files: [String: [UInt8]]
    private let schema: CompiledSchema?

    init(files: [String: [UInt8]]) throws(CatalogueError) {
        self.files = files
        guard let text = files[Self.schemaFile] else {
            schema = nil
            return
        }
        var library = SchemaLibrary()
        do throws(SchemaLoadError) {
            try library.add(text, uri: Self.uri)
            schema = try library.compile(Self.uri)
        } catch {
            throw CatalogueError(
                file: Self.schemaFile, pointer: error.pointer, reason: error.reason)
        }
    }

    static func file(of type: MessageTypeName, _ from: Int, _ to: Int) -> String {
        "conversions/\(type)/\(from)-\(to).json"
    }

    /// The conversion between two neighbours, or nil where there is none.
    func read(_ type: MessageTypeName, from: Int, to: Int) throws(CatalogueError) -> Conversion? {
        let file = Self.file(of: type, from, to)
        guard let text = files[file] else { return nil }
        guard let schema else {
            throw CatalogueError(
                file: Self.schemaFile, pointer: "", reason: "the file is missing")
        }
        var checker = Checker()
        switch checker.check(text.span, against: schema) {
        case .valid: break
        case .invalid(let violation):
            throw CatalogueError(
                file: file, pointer: violation.instancePointer, reason: violation.description)
        case .malformed(let fault):
            throw CatalogueError(file: file, pointer: "", reason: fault.description)
        }
        guard let root = JSONTree.parse(text)?.members,
            case .array(let entries)? = root["operations"]
        else { throw CatalogueError(file: file, pointer: "", reason: "is not JSON") }
        guard root["type"] == .string(type.rawValue), root["from"] == .number(String(from)),
            root["to"] == .number(String(to))
        else {
            throw CatalogueError(
                file: file, pointer: "", reason: "type, from and to are those of the file's name")
        }
        var operations: [ConversionOperation] = []
        for (index, entry) in entries.enumerated() {
            guard let operation = ConversionOperation(entry.members ?? [:]) else {
                throw CatalogueError(
                    file: file, pointer: "/operations/\(index)", reason: "no such operation")
            }
            operations.append(operation)
        }
        return Conversion(type: type, from: from, to: to, operations: operations)
    }
}

extension ConversionOperation {
    /// Of an entry that fits `conversion.schema.json`; nil where it does not.
    fileprivate init?(_ entry: [String: JSONTree]) {
        guard let path = (entry["path"]?.text).flatMap({ ConversionPath($0) }) else { return nil }
        switch entry["op"]?.text {
        case "add":
            if let value = entry["value"] {
                self = .add(path, value)
            } else if entry["envelope"] == .string("id") {
                self = .addFromEnvelope(path, .id)
            } else if entry["envelope"] == .string("date") {
                self = .addFromEnvelope(path, .date(addingDays: entry["addDays"]?.integer ?? 0))
            } else {
                return nil
            }
        case "drop": self = .drop(path, Lossless(entry["lossless"]))
        case "wrap":
            guard let member = entry["member"]?.text else { return nil }
            self = .wrap(path, member: member, others: entry["with"]?.members ?? [:])
        case "unwrap":
            guard let member = entry["member"]?.text else { return nil }
            self = .unwrap(
                path, member: member,
                lossless: (entry["lossless"]?.members ?? [:]).mapValues { Lossless($0) })
        case "rename":
            guard let name = entry["to"]?.text else { return nil }
            self = .rename(path, to: name)
        case "map":
            var values: [JSONTree: JSONTree] = [:]
            var lossy: Set<JSONTree> = []
            guard case .array(let pairs)? = entry["values"] else { return nil }
            for case .object(let pair) in pairs {
                guard let from = pair["from"], let to = pair["to"] else { return nil }
                values[from] = to
                if pair["lossy"] == .bool(true) { lossy.insert(from) }
            }
            self = .map(path, values, lossy: lossy)
        case "refuse":
            guard let condition = Condition(entry) else { return nil }
            self = .refuse(path, condition, byReceiver: entry["by"] == .string("receiver"))
        default: return nil
        }
    }
}

extension ConversionOperation.Lossless {
    /// `"anything"`, a list of values, or nothing but null.
    fileprivate init(_ value: JSONTree?) {
        switch value {
        case .string("anything"): self = .anything
        case .array(let values): self = .values(values)
        default: self = .values([])
        }
    }
}

extension ConversionOperation.Condition {
    fileprivate init?(_ entry: [String: JSONTree]) {
        switch entry["when"]?.text {
        case "present": self = .present
        case "always": self = .always
        case "equals":
            guard let value = entry["value"] else { return nil }
            guard let from = entry["from"]?.text else {
                self = .equals(value)
                return
            }
            guard let path = (entry["dateAt"]?.text).flatMap({ ConversionPath($0) }) else {
                return nil
            }
            self = .equalsFrom(value, dateAt: path, from: from)
        default: return nil
        }
    }
}

extension JSONTree {
    fileprivate var integer: Int? {
        guard case .number(let lexeme) = self else { return nil }
        return Int(lexeme)
    }
}
