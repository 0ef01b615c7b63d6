package import Messaging

/// Who takes part in a lab, in which zones, as which processes (検証環境の配役).
///
/// Sessions only: who may send what to whom is the catalogue's.
package enum LabCast {
    package struct System: Hashable, Sendable {
        package let participant: ParticipantID
        package let process: String
        /// The zones it has sessions in; the first is where its state is asked for.
        package let zones: [ZoneID]
        /// What it knows a person by.
        let subject: Subject
    }

    /// What the state of a system is asked by (照会の鍵).
    enum Subject: Hashable, Sendable {
        case juminhyoCode
        case addresseeNumber
        /// It knows nobody by a number that anybody else knows: its facts are counts.
        case none
    }

    package static let jukiNet = zone("juki-net")
    package static let numberUse = zone("number-use")
    package static let lgwan = zone("lgwan")
    package static let zones = [jukiNet, numberUse, lgwan]

    package static let systems = [
        System(
            participant: OutsideParties.identity("residentRegister"), process: "resident-register",
            zones: zones, subject: .juminhyoCode),
        System(
            participant: OutsideParties.identity("municipalCS"), process: "municipal-cs",
            zones: [jukiNet], subject: .juminhyoCode),
        System(
            participant: OutsideParties.identity("integratedAddressee"),
            process: "integrated-addressee", zones: [numberUse], subject: .addresseeNumber),
        System(
            participant: OutsideParties.identity("intermediateServer"),
            process: "intermediate-server", zones: [numberUse], subject: .none),
        System(
            participant: OutsideParties.identity("officeLinkage"), process: "office-linkage",
            zones: [numberUse], subject: .addresseeNumber),
    ]

    package static let outsideProcess = "outside"
    package static func hubProcess(_ zone: ZoneID) -> String { "hub-\(zone)" }
    /// Every process, in the order they are started.
    package static let processes =
        zones.map(hubProcess) + systems.map(\.process) + [outsideProcess]

    /// The tools' own identity, and the one that asks for states.
    package static let operatorIdentity = OutsideParties.identity("operator/lab")
    package static let observer = OutsideParties.identity("labObserver")

    /// The parties one outside process plays.
    static func parties(_ settings: LabSettings) throws -> [(ParticipantID, ZoneID)] {
        var parties: [(ParticipantID, ZoneID)] = [
            (OutsideParties.identity("prefecturalServer"), jukiNet),
            (OutsideParties.identity("nationalServer"), jukiNet),
            (OutsideParties.identity("cardManagement"), jukiNet),
            (OutsideParties.identity("individualNumberGenerator"), jukiNet),
            (OutsideParties.identity("integratedTerminal"), jukiNet),
            (OutsideParties.identity("infoNetwork"), numberUse),
            (OutsideParties.identity("taxSystem"), numberUse),
            (OutsideParties.identity("registerTerminal"), numberUse),
            (OutsideParties.identity("familyRegister"), numberUse),
            (OutsideParties.identity("mojTerminal"), numberUse),
            (OutsideParties.identity("receptionSupport"), numberUse),
            (OutsideParties.identity("intermediateTerminal"), numberUse),
            (OutsideParties.identity("certificateIssuance"), lgwan),
            (OutsideParties.identity("lgwanTerminal"), lgwan),
            (OutsideParties.identity("eApplication"), lgwan),
            (OutsideParties.identity("moj"), numberUse),
        ]
        for peer in settings.peers {
            parties.append((try ParticipantID("peerMunicipalCS/\(peer)"), jukiNet))
        }
        for number in settings.businessSystems {
            parties.append((try ParticipantID("businessSystem/\(number)"), numberUse))
        }
        return parties
    }

    private static func zone(_ text: StaticString) -> ZoneID {
        guard let zone = try? ZoneID(text.description) else {
            preconditionFailure("A zone literal follows the grammar.")
        }
        return zone
    }
}
