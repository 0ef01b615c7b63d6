import ParticipantStore

/// The settings of the 市町村CS (市町村CSの業務設定), each with its default.
package struct CSSettings: Hashable, Sendable {
    /// What ends the life of 送付先情報 after its 通知 (R-092; 別添3 令和2年5月29日).
    package enum MailingPolicy: String, Hashable, Sendable {
        /// Deleted at the ack, as before 令和2年5月29日.
        case v1
        /// Deleted when the 一定期間 is over.
        case v2
        /// The day of the ack decides between the two.
        case byDate
    }

    package var mailingPolicy = MailingPolicy.byDate
    /// 一定期間 of R-092, in days; the seed names no value, the law's choice ends at one year (AMB-13).
    package var mailingRetentionDays = 30
    /// Days between two 整合性確認 (R-054: 1年に1回程度); 0: an operator starts every run.
    package var consistencyIntervalDays = 365
    /// Rows of one chunk of B6, at most 100.
    package var consistencyChunk = 50
    /// AMB-12: whether 住所 and 生年月日 suffice for a search without 氏名.
    package var allowAddressBirthSearch = false
    /// 本人確認情報管理責任者: who may permit a correction and approve a copy.
    package var managers: Set<String> = []
    /// 管理権限を与えられた者: who may copy.
    package var administrators: Set<String> = []
    /// 登録済み媒体: what may be copied to.
    package var registeredMedia: Set<String> = []

    /// Where the registered medium is mounted; nil: nothing can be copied.
    package var exportDirectory: String?
    /// The key of copies, 32 bytes (R-067: 暗号化).
    package var exportKey: [UInt8]?

    package static let names: Set<String> = [
        "mailingPolicy", "mailingRetentionDays", "consistencyIntervalDays", "consistencyChunk",
        "allowAddressBirthSearch", "managers", "administrators", "registeredMedia",
        "exportDirectory", "exportKeyFile",
    ]

    package init() {}

    /// What a lab's CS uses where its configuration says nothing: the lab's 管理責任者.
    package static var lab: CSSettings {
        var settings = CSSettings()
        settings.managers = ["kanri-03"]
        settings.administrators = ["kakunin-02"]
        settings.registeredMedia = ["CS-USB-01"]
        return settings
    }

    /// Reads the texts of a configuration over `defaults`; `key` reads a key file. Throws `setting-invalid` with the
    /// name, never the value.
    package init(
        _ texts: [String: String], defaults: CSSettings = CSSettings(),
        key: (String) throws -> [UInt8]
    ) throws {
        self = defaults
        exportDirectory = texts["exportDirectory"]
        exportKey = try texts["exportKeyFile"].map(key)
        if let text = texts["mailingPolicy"] {
            guard let policy = MailingPolicy(rawValue: text) else {
                throw Self.invalid("mailingPolicy")
            }
            mailingPolicy = policy
        }
        mailingRetentionDays =
            try Self.number("mailingRetentionDays", 1...364, texts) ?? mailingRetentionDays
        consistencyIntervalDays =
            try Self.number("consistencyIntervalDays", 0...3_660, texts) ?? consistencyIntervalDays
        consistencyChunk = try Self.number("consistencyChunk", 1...100, texts) ?? consistencyChunk
        if let text = texts["allowAddressBirthSearch"] {
            guard let flag = Bool(text) else { throw Self.invalid("allowAddressBirthSearch") }
            allowAddressBirthSearch = flag
        }
        managers = Self.list("managers", texts) ?? managers
        administrators = Self.list("administrators", texts) ?? administrators
        registeredMedia = Self.list("registeredMedia", texts) ?? registeredMedia
    }

    private static func list(_ name: String, _ texts: [String: String]) -> Set<String>? {
        texts[name].map { Set($0.split(separator: ",").map(String.init)) }
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ texts: [String: String]
    ) throws -> Int? {
        guard let text = texts[name] else { return nil }
        guard let number = Int(text), range.contains(number) else { throw invalid(name) }
        return number
    }

    private static func invalid(_ name: String) -> StoreError {
        StoreError("setting-invalid", "reading the setting \(name)")
    }
}
