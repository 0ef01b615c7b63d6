import Messaging

/// Where things lie in a lab's directory (検証環境のディレクトリ).
package struct LabDirectory: Hashable, Sendable {
    package let root: String

    /// Linux's limit for a socket's path, with its end mark.
    static let socketPathLimit = 107

    package init(_ root: String) { self.root = root }

    /// The description every tool reads, see ``LabDescription``.
    package var description: String { root + "/lab.json" }
    package var clock: String { root + "/clock" }
    package var keys: String { root + "/keys" }
    package var logs: String { root + "/logs" }
    package var configurations: String { root + "/conf" }
    package var state: String { root + "/state" }
    package var controlSocket: String { root + "/outside.control" }
    package var control: String { "ipc://" + controlSocket }

    /// Where flash memories of 電子申請 are mounted, and what they are encrypted with.
    package var media: String { root + "/media" }
    var mediaKey: String { keys + "/media.key" }

    package func configuration(of process: String) -> String {
        configurations + "/\(process).json"
    }
    package func state(of process: String) -> String { state + "/\(process)" }
    package func log(of process: String) -> String { logs + "/\(process).log" }
    package func backup(_ name: String) -> String { root + "/backups/\(name)" }
    func contentKeys(of zone: ZoneID) -> String { root + "/content-keys/\(zone)" }

    /// A participant's secret key in a zone; `peerMunicipalCS/08221` has a file of that name with a dash.
    func secret(of participant: ParticipantID, in zone: ZoneID) -> String {
        keys + "/\(participant.rawValue.replacing("/", with: "-"))@\(zone).key"
    }
    func hubSecret(_ zone: ZoneID) -> String { keys + "/hub@\(zone).key" }
    func laneKey(_ zone: ZoneID) -> String { keys + "/lane@\(zone).key" }
    func signingKey(_ zone: ZoneID) -> String { keys + "/signing@\(zone).key" }
    func grants(_ zone: ZoneID) -> String { configurations + "/grants@\(zone).json" }
    func storeKey(of process: String) -> String { keys + "/store-\(process).key" }

    /// What a scenario's `files` may name: a process, the groups hubs, systems, logs, or `backup:NAME`.
    package func places(_ name: String) -> [String]? {
        switch name {
        case "hubs": return LabCast.zones.map { state(of: LabCast.hubProcess($0)) }
        case "systems": return LabCast.systems.map { state(of: $0.process) }
        case "logs": return [logs]
        case "media": return [media]
        case let backup where backup.hasPrefix("backup:"):
            return [self.backup(String(backup.dropFirst("backup:".count)))]
        case let process where LabCast.processes.contains(process):
            return [state(of: process)]
        case _: return nil
        }
    }
}
