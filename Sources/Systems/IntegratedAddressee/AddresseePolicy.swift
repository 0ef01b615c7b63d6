import Messaging
import ParticipantStore

/// What the city has settled for 団体内統合宛名 (番号利用が認められた部署): who may see a 個人番号, and how often A5 is begun again.
package struct AddresseePolicy: Sendable {
    /// How often A5 is begun again from A5-① when its 処理通番 is never answered [INF].
    var linkCodeAttempts: Int64 = 5
    /// How long the log of 情報提供・情報照会 is kept: seven years [INF], as 情報提供等記録.
    var logDays = 2_557
    /// By participant; whoever is not named may not.
    private var numberUse: [String: Bool] = [:]

    private struct File: Decodable {
        struct Department: Decodable {
            let participant: String
            let numberUseAuthorized: Bool
        }
        let departments: [Department]
    }

    package static let settingNames: Set<String> = ["linkCodeAttempts", "logDays"]

    /// Reads the settings of the process and `catalogue/number-use-departments.json`.
    package init(settings: [String: String], file: [UInt8]) throws {
        for department in try PayloadCoding.decode(File.self, from: file).departments {
            numberUse[department.participant] = department.numberUseAuthorized
        }
        func number(_ name: String) throws -> Int? {
            guard let text = settings[name] else { return nil }
            guard let value = Int(text), (1...100_000).contains(value) else {
                throw StoreError("setting-invalid", "reading the setting \(name)")
            }
            return value
        }
        if let value = try number("linkCodeAttempts") { linkCodeAttempts = Int64(value) }
        if let value = try number("logDays") { logDays = value }
    }

    func maySeeIndividualNumbers(_ department: String) -> Bool { numberUse[department] ?? false }
}
