internal import FoundationEssentials
internal import Messaging
internal import Platform
internal import Simulation
internal import ZeroMQ

/// A participant somebody brings to a lab (関係システムの登録): its id, and its public key from `jukihub keys new`.
struct LabAdmission {
    let participant: ParticipantID
    let publicKey: CurvePublicKey

    /// `businessSystem/15=kokuho.pub`.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let participant = try? ParticipantID(parts[0]) else {
            throw CommandFailure(
                "admit-malformed", "--admit の書き方が違います (\(text))",
                hint: "--admit businessSystem/15=kokuho.pub", exit: .usage)
        }
        let bytes = try PayloadFile.read(parts[1])
        let key = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        guard let key, let publicKey = try? CurvePublicKey(String(key)) else {
            throw CommandFailure(
                "key-malformed", "公開鍵ではありません (\(parts[1]) holds no public key)",
                hint: "jukihub keys new NAME")
        }
        self.participant = participant
        self.publicKey = publicKey
    }

    /// Writes the key into the configuration of every hub whose zone the catalogue gives the family.
    func register(in lab: Lab, schemas: SchemaOptions) throws {
        let catalogue = try SchemaOptions.catalogue(schemas.files(), withLab: true)
        guard let family = catalogue.familyIndex(of: participant).map(catalogue.family),
            !family.zones.isEmpty
        else {
            throw CommandFailure(
                "participant-unknown", "連携定義にない関係システムです (\(participant) may have no session)",
                hint: "Schemas/catalogue/participants.json", exit: .failure)
        }
        for zone in family.zones {
            let file = lab.directory.configuration(of: LabCast.hubProcess(zone))
            var hub = try HubConfiguration.load(file)
            guard !hub.participants.contains(where: { $0.publicKey == publicKey }) else { continue }
            hub.participants.append(.init(id: participant, publicKey: publicKey))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(hub).write(to: URL(filePath: file), options: .atomic)
        }
    }
}
