package import Messaging

/// What only a lab's processes are given (模擬環境設定): its clock, a kill point, the bench's types.
///
/// A production configuration has no such section, and without it none of these powers exists.
package struct LabConfiguration: Codable, Hashable, Sendable {
    /// The file all processes of one lab share, see `LabClock`.
    package var clockFile: String
    /// See `KillPoint.arm`.
    package var killAt: String?
    /// Loads `bench.json`.
    package var bench: Bool

    package init(clockFile: String, killAt: String? = nil, bench: Bool = false) {
        self.clockFile = clockFile
        self.killAt = killAt
        self.bench = bench
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case clockFile, killAt, bench
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        clockFile = try container.text(.clockFile)
        killAt = try container.decodeIfPresent(String.self, forKey: .killAt)
        bench = try container.decodeIfPresent(Bool.self, forKey: .bench) ?? false
    }

    mutating func resolvePaths(beside file: String) {
        clockFile = ConfigurationFile.resolve(clockFile, beside: file)
    }
}

extension LabConfiguration? {
    /// The process's time: the lab's where there is one, else the system's. Arms the kill point too.
    package func start() throws -> any TimeSource {
        guard let lab = self else { return SystemClock() }
        if let point = lab.killAt { try KillPoint.arm(point) }
        return try LabClock(path: lab.clockFile, createIfMissing: true)
    }
}
