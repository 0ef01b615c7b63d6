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

    package init(
        control: String, people: String, clock: String, ledger: String,
        organisation: OrganisationCode, parties: [PartyAccess]
    ) {
        self.control = control
        self.people = people
        self.clock = clock
        self.ledger = ledger
        self.organisation = organisation
        self.parties = parties
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

    package init(
        participant: ParticipantID, zone: ZoneID, endpoint: String, hubPublicKey: CurvePublicKey,
        secretKeyFile: String
    ) {
        self.participant = participant
        self.zone = zone
        self.endpoint = endpoint
        self.hubPublicKey = hubPublicKey
        self.secretKeyFile = secretKeyFile
    }
}
