import FoundationEssentials
package import Messaging
package import ZeroMQ

/// What the process that plays the outside needs (対向模擬の設定): a JSON file written by ``Lab``.
package struct OutsideConfiguration: Codable, Hashable, Sendable {
    /// `ipc://…` of the control socket.
    package var control: String
    /// Path of the people file.
    package var people: String
    /// Path of the lab clock's file.
    package var clock: String
    /// Path of the ledger, made if missing: what the outside knows outlives the process.
    package var ledger: String
    package var organisation: OrganisationCode
    package var parties: [PartyAccess]
    /// What the LGWAN terminal and the 電子申請機能 work with; nil: no signature can be made or verified.
    package var electronicApplication: ElectronicApplicationFiles?
    /// Path of the 照会許可照合リスト 情報提供ネットワークシステム publishes; nil: it has none.
    package var permissionLists: String?

    package init(
        control: String, people: String, clock: String, ledger: String,
        organisation: OrganisationCode, parties: [PartyAccess],
        electronicApplication: ElectronicApplicationFiles? = nil, permissionLists: String? = nil
    ) {
        self.control = control
        self.people = people
        self.clock = clock
        self.ledger = ledger
        self.organisation = organisation
        self.parties = parties
        self.electronicApplication = electronicApplication
        self.permissionLists = permissionLists
    }

    /// Throws `FileFailure` and `DecodingError`.
    package init(file path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(FileText.bytes(path)))
    }
}

/// One party's own session (対向システムの接続): its identity, zone and key.
package struct PartyAccess: Codable, Hashable, Sendable {
    package var participant: ParticipantID
    package var zone: ZoneID
    package var endpoint: String
    package var hubPublicKey: CurvePublicKey
    package var secretKeyFile: String
    /// The version of a type it takes; the newest where it says nothing.
    package var majors: [String: Int]?

    package init(
        participant: ParticipantID, zone: ZoneID, endpoint: String, hubPublicKey: CurvePublicKey,
        secretKeyFile: String, majors: [String: Int]? = nil
    ) {
        self.participant = participant
        self.zone = zone
        self.endpoint = endpoint
        self.hubPublicKey = hubPublicKey
        self.secretKeyFile = secretKeyFile
        self.majors = majors
    }
}

extension PartyAccess {
    /// The versions it takes, their types' names checked.
    func spokenMajors() throws -> [MessageTypeName: Int] {
        var spoken: [MessageTypeName: Int] = [:]
        for (type, major) in majors ?? [:] { spoken[try MessageTypeName(type)] = major }
        return spoken
    }
}
