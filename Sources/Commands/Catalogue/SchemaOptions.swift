internal import ArgumentParser
internal import FoundationEssentials
internal import Messaging
internal import Platform

/// Where schemas and catalogue are read from.
struct SchemaOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "電文定義のディレクトリ Schemas (or JUKIHUB_SCHEMAS; else the lab's; else ./Schemas; else the installed).",
            valueName: "dir"))
    var schemas: String?

    @Flag(
        name: .customLong("with-lab"),
        help: "検証用も Also what only a lab loads (lab.json, bench.json).")
    var withLab = false

    /// The flag, the environment, the checkout one stands in, what is installed beside the executable.
    var path: String {
        if let schemas { return LabOptions.absolute(schemas) }
        let named = ProcessInfo.processInfo.environment[SchemaDirectory.environmentName] ?? ""
        if named.isEmpty, FileManager.default.fileExists(atPath: "Schemas/catalogue/steps.json") {
            return LabOptions.absolute("Schemas")
        }
        return SchemaDirectory.locate(nil)
    }

    func files() throws -> [String: [UInt8]] {
        do throws(FileFailure) { return try SchemaDirectory.read(path) } catch {
            throw CommandFailure(
                "schemas-unreadable", "電文定義を読めません (cannot read the schemas: \(error))",
                hint: "--schemas DIR または JUKIHUB_SCHEMAS")
        }
    }

    func catalogue() throws -> Catalogue { try Self.catalogue(files(), withLab: withLab) }

    static func catalogue(_ files: [String: [UInt8]], withLab: Bool) throws -> Catalogue {
        do throws(CatalogueError) {
            return try Catalogue(
                files: files, options: CatalogueOptions(lab: withLab, bench: withLab))
        } catch {
            throw CommandFailure(
                "catalogue-broken", "連携定義に誤り (\(error))",
                hint:
                    "\(error.file) の \(error.pointer.isEmpty ? "全体" : error.pointer) を直す (fix the file)",
                exit: .failure)
        }
    }
}
