import Messaging
import ParticipantStore

/// What the city has settled for its 中間サーバー (中間サーバーの運用方針): periods, media, and who may do what there.
///
/// Periods are settings of the process; media, approvers and officers are data of the schema directory.
package struct ServerPolicy: Sendable {
    /// How long a 処理通番 is kept without its 符号 coming; then A5 starts again. A week [INF].
    var processingNumberHours: Int64 = 168
    /// How long 情報提供等記録 are kept: seven years [MEM, 施行令29条].
    var provisionRecordDays = 2_557
    /// How long a 副本 is kept after its 消除 before it may be erased as 保管期限切れ: five years [INF].
    var replicaRetentionDays = 1_826
    /// After so long without a log-out nobody is logged in any more (R-065) [INF].
    var sessionHours: Int64 = 12
    /// Media in the 管理簿.
    var media: Set<String> = []
    /// Who may approve the use of a medium.
    var approvers: Set<String> = []
    /// Who may decide, flag, export and purge.
    var officers: Set<String> = []

    private struct File: Decodable {
        let media: Set<String>
        let approvers: Set<String>
        let officers: Set<String>
    }

    /// Names of the settings, each a whole number.
    package static let settingNames: Set<String> = [
        "processingNumberHours", "provisionRecordDays", "replicaRetentionDays", "sessionHours",
    ]

    /// Reads the settings of the process and `catalogue/intermediate-server.json`.
    package init(settings: [String: String], file: [UInt8]) throws {
        let data = try PayloadCoding.decode(File.self, from: file)
        media = data.media
        approvers = data.approvers
        officers = data.officers
        func number(_ name: String) throws -> Int? {
            guard let text = settings[name] else { return nil }
            guard let value = Int(text), (1...100_000).contains(value) else {
                throw StoreError("setting-invalid", "reading the setting \(name)")
            }
            return value
        }
        if let value = try number("processingNumberHours") { processingNumberHours = Int64(value) }
        if let value = try number("provisionRecordDays") { provisionRecordDays = value }
        if let value = try number("replicaRetentionDays") { replicaRetentionDays = value }
        if let value = try number("sessionHours") { sessionHours = Int64(value) }
    }
}
