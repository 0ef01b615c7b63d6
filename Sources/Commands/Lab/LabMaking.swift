internal import ArgumentParser
internal import FoundationEssentials
internal import Platform
internal import Simulation

/// What a new lab is made of, as options.
struct LabMaking: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "架空の人物 The synthetic people (default: Tests/Scenarios/people.yaml).", valueName: "file")
    )
    var people: String?

    @OptionGroup var schemas: SchemaOptions

    /// Settings for a lab in `directory`; throws where the schemas or the people are not to be had.
    func settings(_ directory: String, beside scenario: String? = nil) throws -> LabSettings {
        let schemaPath = schemas.path
        guard FileManager.default.fileExists(atPath: schemaPath + "/catalogue/steps.json") else {
            throw CommandFailure(
                "schemas-missing", "電文定義がありません (no catalogue in \(schemaPath))",
                hint: "--schemas DIR または JUKIHUB_SCHEMAS; 通常は checkout の Schemas")
        }
        return LabSettings(
            directory: directory, schemas: schemaPath,
            people: try peopleFile(beside: scenario, schemas: schemaPath),
            executables: Self.executables)
    }

    func peopleFile(beside scenario: String?, schemas: String) throws -> String {
        if let people {
            let path = LabOptions.absolute(people)
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                !isDirectory, FileManager.default.isReadableFile(atPath: path)
            else {
                throw CommandFailure(
                    "people-missing", "架空の人物のファイルを読めません (cannot read \(path))",
                    hint: "--people Tests/Scenarios/people.yaml")
            }
            return path
        }
        let candidates =
            (scenario.map { [Self.directory(of: $0) + "/people.yaml"] } ?? []) + [
                LabOptions.absolute("Tests/Scenarios/people.yaml"),
                Self.directory(of: schemas) + "/Tests/Scenarios/people.yaml",
                Self.executables + "/../share/jukihub/scenarios/people.yaml",
            ]
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) })
        else {
            throw CommandFailure(
                "people-missing", "架空の人物のファイルがありません (no people.yaml)",
                hint: "--people Tests/Scenarios/people.yaml")
        }
        return found
    }

    /// The directory of this executable, where the five systems lie too.
    static var executables: String {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return directory(of: path)
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The directory of a new lab: made, private, and short enough for its control socket.
    static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "directory-not-created", "状態ディレクトリを作れません (cannot create \(path))",
                hint: "--lab DIR で書ける場所を指定 (name a writable place)")
        }
    }
}
