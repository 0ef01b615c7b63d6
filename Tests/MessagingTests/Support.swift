import Foundation
import Messaging

/// The repository's own schemas and the fixtures of this room.
enum Repository {
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// Every file below `Schemas/catalogue`, `Schemas/conversions` and `Schemas/messages`, by path below `Schemas`.
    static func schemas() throws -> [String: [UInt8]] {
        let base = root + "/Schemas"
        var files: [String: [UInt8]] = [:]
        for folder in ["catalogue", "conversions", "messages"] {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(base)/\(folder)")
            for path in paths where path.hasSuffix(".json") {
                let name = "\(folder)/\(path)"
                files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: "\(base)/\(name)")))
            }
        }
        return files
    }

    static func fixture(_ name: String) throws -> Data {
        try Data(
            contentsOf: URL(fileURLWithPath: "\(root)/Tests/MessagingTests/Fixtures/\(name)"))
    }
}

/// SplitMix64: the same bytes in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Envelope {
    /// A plausible envelope, every optional attribute present or not as the dice say.
    static func random(using dice: inout Dice) throws -> Envelope {
        let sources = ["municipalCS", "peerMunicipalCS/08221", "operator/sato", "residentRegister"]
        let topics = ["identity.update.notice/v3", "bench.message/v1", "link-code.issued/v999"]
        func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &dice) ? value : nil }
        let source = try ParticipantID(sources.randomElement(using: &dice) ?? "hub")
        let number = MessageNumber(
            incarnation: dice.next(), sequence: UInt64.random(in: 1...UInt64.max, using: &dice))
        let id = MessageID(source: source, number: number)
        let recipients = try sources.filter { _ in Bool.random(using: &dice) }.map {
            try ParticipantID($0)
        }
        return Envelope(
            id: id, source: source,
            topic: try Topic(topics.randomElement(using: &dice) ?? ""),
            time: Instant(nanosecondsSince1970: Int64(bitPattern: dice.next())),
            recipients: recipients.isEmpty ? [try ParticipantID("hub")] : recipients,
            step: maybe(try StepID("B3-05")), correlation: try CorrelationID(id.rawValue),
            causation: maybe(id), operatorID: maybe(try OperatorID("sato.k")),
            terminal: maybe(try TerminalID("T-0012")), businessTask: maybe("転入処理"),
            legalBasis: maybe("juki-law-30-6"), organisation: try OrganisationCode("082015"),
            expiry: maybe(Instant(nanosecondsSince1970: Int64(bitPattern: dice.next()))),
            traceparent: maybe("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            refusalCode: maybe("same-operator"))
    }
}
