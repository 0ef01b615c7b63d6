import FoundationEssentials
package import Messaging
package import ZeroMQ

/// What the tools have to know of a lab (検証環境の説明): `lab.json` in its directory.
package struct LabDescription: Codable, Hashable, Sendable {
    package struct Zone: Codable, Hashable, Sendable {
        package var zone: ZoneID
        package var endpoint: String
        package var tapEndpoint: String
        package var hubPublicKey: CurvePublicKey
    }

    /// A session of the tools' own: the same key in every zone.
    package struct Access: Codable, Hashable, Sendable {
        package var participant: ParticipantID
        package var secretKeyFile: String
    }

    package struct Process: Codable, Hashable, Sendable {
        package var name: String
        package var executable: String
        package var arguments: [String]
    }

    package var organisation: OrganisationCode
    package var schemas: String
    package var people: String
    package var clock: String
    /// The outside's control socket, `ipc://…`.
    package var control: String
    package var zones: [Zone]
    package var `operator`: Access
    package var observer: Access
    package var processes: [Process]

    package static func read(_ directory: LabDirectory) throws -> LabDescription {
        let data = try Data(contentsOf: URL(filePath: directory.description))
        return try JSONDecoder().decode(Self.self, from: data)
    }
}
