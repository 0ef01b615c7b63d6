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
    package var reconcileDays = 7
    /// Residents of one C4 chunk, at most 100.
    package var reconcileChunk = 100
    /// Residents sent per tick when 庁内連携 asks for everybody.
    package var resyncPerTick = 200

    package static let names: Set<String> = [
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
