import Messaging

/// Who plays which party (対向システムの配役), by the catalogue's family.
enum OutsideParties {
    static func party(for identity: ParticipantID) -> any OutsideParty {
        switch identity.family {
        case "prefecturalServer": PrefecturalServer()
        case "nationalServer": NationalServer()
        case "individualNumberGenerator": IndividualNumberGenerator()
        case "infoNetwork": InfoNetwork()
        case "intermediateTerminal": IntermediateTerminal()
        case "cardManagement": CardManagement()
        case "peerMunicipalCS": PeerMunicipality()
        case "certificateIssuance": CertificateIssuance()
        case "certificateCenter": CertificateCenter()
        case "sealRegistration": SealRegistration()
        case "taxSystem": TaxSystem()
        case "businessSystem": Department()
        case "eApplication": EApplication()
        case "lgwanTerminal": LGWANTerminal()
        case "moj": MinistryOfJustice()
        case "mojTerminal": MojTerminal()
        case "receptionSupport": ReceptionSupport()
        case "familyRegister": FamilyRegister()
        // Every other family is a place where people look at what arrives.
        default: Terminal()
        }
    }

    /// Those no hub knows: they act on other parties only (L-20).
    static let withoutSession = [
        identity("certificateCenter"), identity("sealRegistration"),
    ]

    static func identity(_ text: StaticString) -> ParticipantID {
        guard let identity = try? ParticipantID(text.description) else {
            preconditionFailure("A participant literal follows the grammar.")
        }
        return identity
    }

    static func correlation(_ text: String) -> CorrelationID {
        guard let correlation = try? CorrelationID(text) else {
            preconditionFailure("This room's correlations follow the grammar.")
        }
        return correlation
    }
}
