import FileAdapter
import Foundation
import JSONSchema
import Messaging
import Participant
import ParticipantStore
import Testing

/// A department's adapter on directories and a database of its own, without a bus.
@Suite("ファイル連携")
final class FileAdapterTests {
    private let directory: URL
    private let files: [String: [UInt8]]
    private let clock = SteppedClock()
    private var store: DurableStore

    init() throws {
        let city = try City()
        files = city.files
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("adapter-\(UInt64.random(in: 0 ... .max))")
        for name in ["csv", "requests"] {
            try FileManager.default.createDirectory(
                at: directory.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try clock.set("2025-10-06T09:00:00+09:00")
        store = try Self.open(directory, city.catalogue, files, clock)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private static func open(
        _ directory: URL, _ catalogue: Catalogue, _ files: [String: [UInt8]], _ clock: SteppedClock
    ) throws -> DurableStore {
        let department = try ParticipantID("businessSystem/2")
        let columns = try TransferColumn.read(
            profiles: #require(files["catalogue/transfer-profiles.json"]),
            records: #require(files["catalogue/records.json"]), for: department)
        return try DurableStore(
            path: directory.appendingPathComponent("store.sqlite").path, participant: department,
            organisation: OrganisationCode(City.code), zones: [ZoneID("number-use")],
            sealingKey: [UInt8](repeating: 9, count: 32),
            handler: FileAdapter.handler(
                dispatch: Dispatch(catalogue: catalogue, participant: department),
                columns: columns, csv: directory.appendingPathComponent("csv").path,
                requests: directory.appendingPathComponent("requests").path),
            clock: clock)
    }

    @discardableResult
    private func deliver(
        _ topic: String, _ fields: JSONFields, position: UInt64, attempt: Int = 1
    ) throws -> Settlement {
        let source = try ParticipantID("officeLinkage")
        let envelope = Envelope(
            id: MessageID(
                source: source, number: MessageNumber(incarnation: 5, sequence: position)),
            source: source, topic: try Topic(topic), time: clock.now(),
            recipients: [try ParticipantID("businessSystem/2")], step: try StepID("C5"),
            correlation: try CorrelationID("case-1"), causation: nil, operatorID: nil,
            terminal: nil, businessTask: nil, legalBasis: nil,
            organisation: try OrganisationCode(City.code), expiry: nil, traceparent: nil)
        let message = ReceivedMessage(
            zone: try ZoneID("number-use"), position: Position(position), attempt: attempt,
            envelope: envelope, payload: try PayloadCoding.encode(fields))
        return try #require(store.apply([message], now: clock.now()).first)
    }

    private func transfer(_ items: JSONFields = [:]) throws -> JSONFields {
        var fields = try Layouts.example("resident-info.transfer/v1", files)
        var given: JSONFields = [
            "householdHeadName": .text("辻\u{E0100}　\"太郎\", 他"), "nameKanji": .text("\u{E001}藤　花子"),
            "birthDate": .object(["kind": .text("unknown"), "text": .text("昭和年月日不詳")]),
            "removalCategory": .text("none"),
        ]
        given.merge(items) { $1 }
        fields["items"] = .object(given)
        return fields
    }

    private func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: directory.appendingPathComponent(folder).path
        ).sorted()
    }

    private func text(_ name: String) throws -> String {
        // Foundation's own reader would drop the byte order mark.
        String(
            decoding: try Data(contentsOf: directory.appendingPathComponent("csv/\(name)")),
            as: UTF8.self)
    }

    private func sent() throws -> [OutgoingRecord] {
        try store.outgoing(in: ZoneID("number-use"), after: 0, limit: 64, bytes: 1 << 20)
            .map { OutgoingRecord(topic: try Envelope(parsing: $0.envelope).topic.rawValue) }
    }

    private struct OutgoingRecord { let topic: String }

    @Test(
        "A transfer becomes one file with the profile's columns; 外字, selectors and 不詳 arrive as they were"
    )
    func file() throws {
        #expect(
            try deliver("resident-info.transfer/v1", transfer(), position: 41) == .accepted)
        #expect(try names("csv") == ["transfer-00000000000000000041.csv"])
        let text = try text("transfer-00000000000000000041.csv")
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.count == 3 && lines[2].isEmpty)
        #expect(text.unicodeScalars.first?.value == 0xFEFF)
        #expect(lines[0].hasSuffix(",世帯番号,世帯主漢字氏名,漢字氏名,生年月日,続柄コード,現住所,現住所方書,異動事由,異動日,除票区分"))
        #expect(lines[1].contains("\"辻\u{E0100}　\"\"太郎\"\", 他\",\u{E001}藤　花子,昭和年月日不詳"))
        #expect(try sent().map(\.topic) == ["resident-info.ack/v1"])
        let mode = try FileManager.default.attributesOfItem(
            atPath: directory.appendingPathComponent("csv/transfer-00000000000000000041.csv").path)
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test("Delivered again it is the same file, and in the order of the bus by name")
    func again() throws {
        try deliver("resident-info.transfer/v1", transfer(), position: 41)
        try deliver("resident-info.transfer/v1", transfer(), position: 41, attempt: 2)
        try deliver("resident-info.transfer/v1", transfer(), position: 7)
        #expect(
            try names("csv") == [
                "transfer-00000000000000000007.csv", "transfer-00000000000000000041.csv",
            ])
    }

    @Test(
        "While the folder cannot be written nothing is acknowledged, and the transfer comes later")
    func unwritable() throws {
        let folder = directory.appendingPathComponent("csv")
        try FileManager.default.removeItem(at: folder)
        guard
            case .retryLater(_, "department-directory-unwritable") = try deliver(
                "resident-info.transfer/v1", transfer(), position: 3)
        else {
            Issue.record("it was settled")
            return
        }
        #expect(try sent().isEmpty)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(try deliver("resident-info.transfer/v1", transfer(), position: 3) == .accepted)
    }

    @Test(
        "A request file asks for everybody once, also when its name was not changed before the process died"
    )
    func snapshot() throws {
        let request = directory.appendingPathComponent("requests/S1.request")
        try Data().write(to: request)
        try store.tick(now: clock.now())
        #expect(try sent().map(\.topic) == ["resident-info.snapshot.request/v1"])
        try store.tick(now: clock.now())
        #expect(try names("requests") == ["S1.sent"])
        try Data().write(to: request)
        try store.tick(now: clock.now())
        #expect(try sent().count == 1)
        try Data().write(to: directory.appendingPathComponent("requests/あ.request"))
        try store.tick(now: clock.now())
        #expect(try names("requests").contains("あ.refused"))
    }

    @Test("The end of a snapshot is a file with its counts")
    func completed() throws {
        let done = try Layouts.example("resident-info.snapshot.completed/v1", files)
        try deliver("resident-info.snapshot.completed/v1", done, position: 9)
        let text = try text("transfer-00000000000000000009.completed.csv")
        #expect(text.contains("S20251006-1,accepted,,2,0"))
    }

    @Test("A department without a profile has no adapter")
    func unknown() throws {
        #expect(throws: StoreError.self) {
            try TransferColumn.read(
                profiles: #require(self.files["catalogue/transfer-profiles.json"]),
                records: #require(self.files["catalogue/records.json"]),
                for: ParticipantID("businessSystem/99"))
        }
    }
}
