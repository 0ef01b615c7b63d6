import ParticipantStore

/// The register's own settings (既存住基の業務設定), each with its default.
package struct RegisterSettings: Hashable, Sendable {
    /// Where the encrypted media of 電子申請 are read; nil: none can be read.
    package var mediaDirectory: String?
    /// The key of those media, 32 bytes.
    package var mediaKey: [UInt8]?
    /// 登録済み媒体: only these are read.
    package var registeredMedia: Set<String> = ["USB-01", "USB-02"]
    /// Days between two runs of C4; 0: an operator starts every run.
    package var reconcileDays = 30
    /// Residents of one C4 chunk, at most 100.
    package var reconcileChunk = 100
    /// Residents sent per tick when 庁内連携 asks for everybody.
    package var resyncPerTick = 200

    /// Years after which a 除票 leaves the main store (R-096, AMB-14).
    package var archiveAfterYears = 5
    /// Days a 届出 is kept after its end (R-101; one year by 令34条④); nil: for good.
    package var notificationDays: Int?
    /// Whether a birth tells the 戸籍の附票: it is no 住所異動 [INF].
    package var supplementOnBirth = false
    /// Days after which a peer's silence about a withdrawn certificate is put before a person.
    package var withdrawalDays = 3
    /// 所属長: who decides what a clerk may not.
    package var supervisors: Set<String> = ["kanri-03"]
    /// The city as a sender of letters (F3-10 to F3-32).
    package var office = CityOffice()

    var municipalityName: String { office.municipality }

    package static let names: Set<String> = [
        "archiveAfterYears", "notificationDays", "supplementOnBirth", "withdrawalDays",
        "supervisors", "municipalityName", "officeName", "officePostalCode", "officeAddress",
        "officePhone",
        "mediaDirectory", "mediaKeyFile", "registeredMedia", "reconcileDays", "reconcileChunk",
        "resyncPerTick",
    ]

    package init() {}

    /// Reads the texts of a configuration; `key` reads a key file. Throws `setting-invalid` with the name, never the value.
    package init(
        _ texts: [String: String], key: (String) throws -> [UInt8]
    ) throws {
        mediaDirectory = texts["mediaDirectory"]
        mediaKey = try texts["mediaKeyFile"].map(key)
        if let media = texts["registeredMedia"] {
            registeredMedia = Set(media.split(separator: ",").map(String.init))
        }
        archiveAfterYears =
            try Self.number("archiveAfterYears", 1...150, texts) ?? archiveAfterYears
        notificationDays = try Self.number("notificationDays", 1...36_500, texts)
        withdrawalDays = try Self.number("withdrawalDays", 1...30, texts) ?? withdrawalDays
        supplementOnBirth = texts["supplementOnBirth"] == "true"
        if let people = texts["supervisors"] {
            supervisors = Set(people.split(separator: ",").map(String.init))
        }
        office = CityOffice(texts)
        reconcileDays = try Self.number("reconcileDays", 0...366, texts) ?? reconcileDays
        reconcileChunk = try Self.number("reconcileChunk", 1...100, texts) ?? reconcileChunk
        resyncPerTick = try Self.number("resyncPerTick", 1...10_000, texts) ?? resyncPerTick
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ texts: [String: String]
    ) throws -> Int? {
        guard let text = texts[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw StoreError("setting-invalid", "reading the setting \(name)")
        }
        return number
    }
}
