internal import FoundationEssentials
internal import Messaging
internal import Participant
internal import Platform
internal import Simulation
internal import ZeroMQ

/// What the tools know of a lab or an installation (接続先の定義): its zones, and the operator's own key.
///
/// It is `lab.json` of a directory; an installation's operators have one too, without the lab's parts.
struct LabContext: Sendable {
    struct Zone: Sendable {
        let access: ZoneAccess
        let hubKey: CurvePublicKey
        let tapEndpoint: String?
    }

    let description: LabDescription
    let zones: [Zone]
    let operatorID: ParticipantID
    let operatorKey: CurveSecretKey

    var organisation: OrganisationCode { description.organisation }
    /// The name behind the slash of `operator/lab`, as messages name who acts.
    var operatorName: String { operatorID.instance ?? operatorID.rawValue }

    static func open(_ directory: String) throws -> LabContext {
        let place = LabDirectory(directory)
        guard FileManager.default.fileExists(atPath: place.description) else {
            throw CommandFailure(
                "no-lab", "検証環境がありません (no lab in \(directory))",
                hint: "jukihub dev, または --lab DIR, または JUKIHUB_LAB=DIR")
        }
        let description: LabDescription
        do { description = try LabDescription.read(place) } catch {
            throw CommandFailure(
                "lab-unreadable", "検証環境の説明を読めません (cannot read \(place.description): \(error))",
                hint: "rm -r \(directory) して jukihub dev で作り直す (make it anew)")
        }
        let key: CurveSecretKey
        do throws(SecretFileError) {
            key = try SecretFile.readCurveKey(description.operator.secretKeyFile)
        } catch {
            throw CommandFailure(
                "operator-key", "運用者の鍵を使えません: \(error)",
                hint: "ls -l \(description.operator.secretKeyFile)")
        }
        return LabContext(
            description: description,
            zones: try description.zones.map {
                Zone(
                    access: try ZoneAccess(
                        zone: $0.zone, endpoint: $0.endpoint, hubKey: $0.hubPublicKey,
                        secretKey: key),
                    hubKey: $0.hubPublicKey, tapEndpoint: $0.tapEndpoint)
            },
            operatorID: description.operator.participant, operatorKey: key)
    }

    /// The lab's clock where there is one, so that expiries mean the same to everybody.
    func clock() throws -> any TimeSource {
        try LabClock(path: description.clock, createIfMissing: false)
    }
}
