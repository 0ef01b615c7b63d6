internal import ArgumentParser
internal import Messaging
internal import Simulation

/// Which municipality, and about whom.
struct PeerSubject: ParsableArguments {
    @Argument(help: ArgumentHelp("市町村コード The municipality's five-digit code.", valueName: "code"))
    var municipality: String
    @Option(
        name: .long,
        help: ArgumentHelp("人物 Somebody of people.yaml; several for a household.", valueName: "key")
    )
    var person: [String]

    func validate() throws {
        guard !person.isEmpty else { throw ValidationError("--person P04") }
    }

    var one: [String: JSONValue] { ["person": .string(person[0])] }
    var all: [String: JSONValue] { ["people": .array(person.map(JSONValue.string))] }
}

/// Where somebody lives from now on, and since when.
struct PeerAddress: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("異動日 The date (default: today in the lab).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(name: .long, help: "住所 The address (default: newAddress of people.yaml).")
    var address: String?
    @Option(name: .customLong("postal-code"), help: "郵便番号 Its postal code.") var postalCode: String?

    var arguments: [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        arguments["date"] = date.map(JSONValue.string)
        arguments["address"] = address.map(JSONValue.string)
        arguments["postalCode"] = postalCode.map(JSONValue.string)
        return arguments
    }
}

struct SendCertificateCommand: ExampledCommand {
    static let examples = [
        "jukihub peer send-certificate 08221 --person P04 --planned-date 2025-10-01",
        "jukihub peer send-certificate 08221 --person P04 --person P05 --separately --only 0   # 世帯の一部だけ half a group",
        "jukihub peer send-certificate 08221 --person P04 --version 9 --expect-refused version-unknown",
    ]
    static let configuration = CommandConfiguration(
        commandName: "send-certificate",
        abstract: "転出証明書情報を送る Send a 転出証明書情報 (B3-①), thirty days right from the planned date.")

    @OptionGroup var subject: PeerSubject
    @Option(
        name: .customLong("planned-date"),
        help: ArgumentHelp("転出予定年月日 (default: today in the lab).", valueName: "yyyy-mm-dd"))
    var plannedDate: String?
    @Option(
        name: .customLong("expiry-date"),
        help: ArgumentHelp("有効期限 Another last day than the rule's.", valueName: "yyyy-mm-dd"))
    var expiryDate: String?
    @Option(name: .long, help: "転入地 The destination (default: the lab's city).") var destination:
        String?
    @Flag(name: .long, help: "1人1通 One message for each mover, one group.") var separately = false
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        var arguments = subject.all
        arguments["plannedDate"] = plannedDate.map(JSONValue.string)
        arguments["expiryDate"] = expiryDate.map(JSONValue.string)
        arguments["destination"] = destination.map(JSONValue.string)
        if separately { arguments["separately"] = true }
        try PeerAct(
            party: subject.municipality, verb: "sendCertificate", arguments: arguments,
            sending: sending, lab: lab, output: output
        ).run()
    }
}

struct WithdrawCertificateCommand: ExampledCommand {
    static let examples = ["jukihub peer withdraw-certificate 08221 --person P04"]
    static let configuration = CommandConfiguration(
        commandName: "withdraw-certificate",
        abstract: "転出証明書情報を取り下げる Take back a 転出証明書情報 it has sent.")

    @OptionGroup var subject: PeerSubject
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try PeerAct(
            party: subject.municipality, verb: "withdrawCertificate", arguments: subject.one,
            sending: sending, lab: lab, output: output
        ).run()
    }
}

struct RequestCertificateCommand: ExampledCommand {
    static let examples = [
        "jukihub peer request-certificate 08220 --person P05",
        "jukihub peer request-certificate 08220 --person P05 --set '/juminhyoCode=\"00000000000\"'",
    ]
    static let configuration = CommandConfiguration(
        commandName: "request-certificate",
        abstract: "転出証明書情報の送信を依頼する Ask for a 転出証明書情報 (C7): somebody has come and none has.")

    @OptionGroup var subject: PeerSubject
    @Option(name: .long, help: "理由 notReceived or purged.") var reason: String?
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        var arguments = subject.one
        arguments["reason"] = reason.map(JSONValue.string)
        try PeerAct(
            party: subject.municipality, verb: "requestCertificate", arguments: arguments,
            sending: sending, lab: lab, output: output
        ).run()
    }
}

struct MoveInNoticeCommand: ExampledCommand {
    static let examples = [
        "jukihub peer move-in-notice 08220 --person P05 --date 2025-10-28",
        "jukihub peer move-in-notice 13101 --person P05 --date 2025-10-29   # 予定と違う市から a third city",
    ]
    static let configuration = CommandConfiguration(
        commandName: "move-in-notice",
        abstract: "転入通知を送る Send a 転入通知 (C6); again with other items: a corrected one.")

    @OptionGroup var subject: PeerSubject
    @OptionGroup var address: PeerAddress
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try PeerAct(
            party: subject.municipality, verb: "moveInNotice",
            arguments: subject.all.merging(address.arguments, uniquingKeysWith: { $1 }),
            sending: sending, lab: lab, output: output
        ).run()
    }
}

struct SupplementCommand: ExampledCommand {
    static let examples = ["jukihub peer supplement 13101 --person P05 --date 2025-10-05"]
    static let configuration = CommandConfiguration(
        commandName: "supplement",
        abstract: "戸籍の附票情報を送る Send 戸籍の附票情報 (A4-③) about somebody with 本籍 in the lab's city.")

    @OptionGroup var subject: PeerSubject
    @OptionGroup var address: PeerAddress
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try PeerAct(
            party: subject.municipality, verb: "supplement",
            arguments: subject.one.merging(address.arguments, uniquingKeysWith: { $1 }),
            sending: sending, lab: lab, output: output
        ).run()
    }
}
