internal import ArgumentParser
internal import FoundationEssentials
internal import Messaging
internal import Platform
internal import ZeroMQ

/// 検査: whether a configuration, the schemas, the keys and the ports would do, before anything is started.
struct CheckCommand: ExampledCommand {
    static let examples = [
        "jukihub check                                            # 電文定義だけ schemas only",
        "jukihub check --config /etc/jukihub/hub-juki-net.json",
        "jukihub check --system /etc/jukihub/municipal-cs.json -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "検査 Configuration, schemas, key permissions, directories, ports.",
        discussion: "0 すべて可 all will do · 1 直すものあり something has to be mended · 64 使い方 usage.")

    @Option(name: .customLong("config"), help: "ハブの設定 Hub configurations.") var hubs: [String] = []
    @Option(name: .customLong("system"), help: "業務システムの設定 Configurations of the five systems.")
    var systems: [String] = []
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        var checklist = Checklist()
        var directories: Set<String> = []
        for path in hubs { directories.formUnion(Self.hub(path, &checklist)) }
        for path in systems { directories.formUnion(Self.system(path, &checklist)) }
        if hubs.isEmpty, systems.isEmpty { directories = [schemas.path] }
        for directory in directories.sorted() { Self.schemas(directory, &checklist) }
        let items = checklist.items
        try printer.answer(items, rows: items) {
            items.map { item in
                let mark =
                    item.holds
                    ? printer.style.dress("✓", .good) : printer.style.dress("✕", .bad)
                return "\(mark) \(item.subject)  \(item.text)"
            }
        }
        if items.contains(where: { !$0.holds }) { throw Finding(exit: .failure) }
        if let first = hubs.first { printer.next("jukihub hub --config \(first)") }
    }

    private static func schemas(_ path: String, _ list: inout Checklist) {
        list.check("電文定義 schemas \(path)") {
            let files = try SchemaDirectory.read(path)
            let catalogue = try Catalogue(
                files: files, options: CatalogueOptions(lab: true, bench: true))
            return
                "\(catalogue.topics.count) 種別・版, 手順 \(catalogue.steps.count), 経路 \(catalogue.links.count), "
                + "digest \(catalogue.digestHex.prefix(16))…"
        }
    }

    /// Checks a hub's file and returns the schema directories it names.
    private static func hub(_ path: String, _ list: inout Checklist) -> Set<String> {
        var loaded: HubConfiguration?
        list.check("設定 \(path)") {
            let configuration = try HubConfiguration.load(path)
            loaded = configuration
            return "区域 \(configuration.zone), 関係システム \(configuration.participants.count)"
                + (configuration.lab == nil ? "" : "  検証用 lab powers")
        }
        guard let hub = loaded else { return [] }
        list.check("ハブの鍵 \(hub.secretKeyFile)") {
            "公開鍵 \(try SecretFile.readCurveKey(hub.secretKeyFile).publicKey().text)"
        }
        for file in [hub.laneKeyFile, hub.signingKeyFile] {
            list.check("鍵 \(file)") {
                _ = try SecretFile.readSymmetricKey(file)
                return "0600, 32 bytes"
            }
        }
        if let file = hub.grantsFile {
            list.check("利用権限 \(file)") {
                let grants = try Grants.load(file)
                return "操作者 \(grants.operators.count), 端末 \(grants.terminals.count)"
            }
        }
        list.directory("送受信記録 journal", hub.stateDirectory)
        list.directory("内容の鍵 content keys", hub.contentKeysDirectory)
        list.port(hub.endpoint)
        if let tap = hub.tapEndpoint { list.port(tap) }
        return [hub.schemas]
    }

    private static func system(_ path: String, _ list: inout Checklist) -> Set<String> {
        var loaded: ProcessConfiguration?
        list.check("設定 \(path)") {
            let configuration = try ProcessConfiguration.load(path)
            loaded = configuration
            return "\(configuration.participant), 区域 "
                + configuration.zones.map(\.zone.rawValue).joined(separator: ", ")
        }
        guard let system = loaded else { return [] }
        for zone in system.zones {
            list.check("鍵 \(zone.secretKeyFile)") {
                "公開鍵 \(try SecretFile.readCurveKey(zone.secretKeyFile).publicKey().text)"
            }
        }
        list.check("鍵 \(system.storeKeyFile)") {
            _ = try SecretFile.readSymmetricKey(system.storeKeyFile)
            return "0600, 32 bytes"
        }
        list.directory("状態 state", system.stateDirectory)
        return [system.schemas]
    }
}
