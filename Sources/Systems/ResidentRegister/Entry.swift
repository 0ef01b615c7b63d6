import GRDB
import Messaging
import ParticipantStore

/// The 記載 of somebody without a 住民票 here (転入, 出生, 職権記載), before it is approved.
struct Entry {
    /// A person's row of the draft, and whether R-048 wants a B2 or B5 result before 本更新.
    struct Entered {
        let member: DraftStore.Member
        let needsVerification: Bool
    }

    let person: DraftRequest.Person
    let input: EntryInput
    let reason: Reason
    let reception: ReceptionStore.Reception
    let verificationReference: String?
    let ownMunicipality: String

    func enter(_ transaction: Transaction) throws -> Entered {
        let database = transaction.database
        let former = try former(database)
        if let certificate = try certificate(database) {
            return try special(certificate, former, database)
        }
        if reason == .domesticMoveIn, person.paperCertificate != true {
            throw Declined("certificate-not-held")
        }
        var record = ResidentRecord()
        record[.juminhyoCode] =
            person.subject.juminhyoCode.map { .text($0) } ?? former?.record[.juminhyoCode]
        record[.individualNumber] = former?.record[.individualNumber]
        input.apply(to: &record)
        let isEntered = input[.individualNumber] != nil
        return Entered(
            member: try member(&record, former, hasCard: false, database),
            needsVerification: isEntered || person.paperCertificate == true)
    }

    /// The 除票 of somebody who comes back; a resident is not entered again.
    private func former(_ database: Database) throws -> RegisterStore.Current? {
        let found: RegisterStore.Current?
        if let code = person.subject.juminhyoCode {
            found = try RegisterStore.current(juminhyoCode: code, database)
            if try DraftStore.has(
                receptionNumber: reception.number, juminhyoCode: code, database)
            {
                throw Declined("already-drafted")
            }
        } else if let number = person.subject.addresseeNumber {
            found = try RegisterStore.current(addresseeNumber: number, database)
            guard found != nil else { throw Declined("subject-unknown") }
        } else {
            found = nil
        }
        guard let found else { return nil }
        guard found.state == .removed else { throw Declined("already-resident") }
        return found
    }

    /// B3-04: the certificate this 届出 holds; a group is waited for until it is whole (corrections 13).
    private func certificate(_ database: Database) throws -> CertificateStore.Held? {
        guard reason == .domesticMoveIn, person.paperCertificate != true,
            let code = person.subject.juminhyoCode
        else { return nil }
        guard verificationReference != nil else { throw Declined("verification-required") }
        guard let held = try CertificateStore.held(code, database),
            held.receptionNumber ?? reception.number == reception.number
        else { throw Declined("certificate-not-held") }
        guard try CertificateStore.isWhole(held.groupID, database) else {
            throw Declined("group-incomplete")
        }
        return held
    }

    private func special(
        _ certificate: CertificateStore.Held, _ former: RegisterStore.Current?,
        _ database: Database
    ) throws -> Entered {
        var record = ResidentRecord()
        try MoveIn.copy(certificate, into: &record)
        input.apply(to: &record)
        return Entered(
            member: try member(
                &record, former, hasCard: certificate.mover.hasIndividualNumberCard, database),
            needsVerification: false)
    }

    private func member(
        _ record: inout ResidentRecord, _ former: RegisterStore.Current?, hasCard: Bool,
        _ database: Database
    ) throws -> DraftStore.Member {
        record[.addresseeNumber] = former?.record[.addresseeNumber]
        if let mate = person.joinHouseholdOf { try Household.join(mate, &record, database) }
        MoveIn.complete(
            &record, reason: reason, reception: reception, ownMunicipality: ownMunicipality)
        let needed: [F1Item] = [
            .nameKanji, .sexCode, .birthDate, .relationshipCode, .currentAddress,
            .currentMunicipalityCode,
        ]
        guard needed.allSatisfy({ record[$0] != nil }) else { throw Declined("items-missing") }
        if let violation = RecordConsistency.violations(of: record).first {
            throw Declined(violation.code)
        }
        return DraftStore.Member(
            record: record, baseVersion: former?.version ?? 0,
            hasCard: person.hasIndividualNumberCard ?? hasCard)
    }
}
