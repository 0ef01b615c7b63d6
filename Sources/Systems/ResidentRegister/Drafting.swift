import GRDB
import Messaging
import Participant
import ParticipantStore

/// Why the register does not do what a terminal asked (受付不可): answered with its code, never silence.
struct Declined: Error, Hashable {
    let code: String

    init(_ code: String) { self.code = code }
}

/// The entry of a change (入力・仮更新): everything is checked before anything is written.
struct Drafting {
    let request: DraftRequest
    let drafter: OperatorID?
    let ownMunicipality: String
    let settings: RegisterSettings

    /// The new draft's number; throws ``Declined``.
    func perform(terminal: TerminalID?, _ transaction: Transaction) throws -> String {
        let database = transaction.database
        guard let drafter else { throw Declined("operator-missing") }
        guard let reception = try ReceptionStore.reception(request.receptionNumber, database)
        else { throw Declined("reception-unknown") }
        guard reception.state != "withdrawn" else { throw Declined("reception-withdrawn") }
        guard let reason = Reason(rawValue: request.moveReason) else {
            throw Declined("move-reason-unknown")
        }
        guard reason.kind != .cancellation else { throw Declined("use-cancel-request") }
        let entered = try request.people.map { try enter($0, reason, reception, transaction) }
        try checkTogether(entered.map(\.member), reason, database)
        let draft = DraftStore.Provisional(
            draftNumber: try RegisterStore.numbered("D", on: transaction.now.day, database),
            receptionNumber: request.receptionNumber, reason: reason, drafter: drafter,
            terminal: terminal, verificationReference: request.verificationReference,
            needsVerification: entered.contains { $0.needsVerification } && !reception.isVerified,
            plannedDate: request.plannedMoveOutDate, wholeHousehold: request.wholeHousehold,
            cancels: nil, members: entered.map(\.member))
        try DraftStore.add(draft, at: transaction.now, database)
        for member in draft.members where reason.kind == .entry {
            guard let code = member.record.text(.juminhyoCode) else { continue }
            try CertificateStore.use(code, for: request.receptionNumber, database)
        }
        try ReceptionStore.advance(request.receptionNumber, to: "drafted", database)
        return draft.draftNumber
    }

    private func enter(
        _ person: DraftRequest.Person, _ reason: Reason, _ reception: ReceptionStore.Reception,
        _ transaction: Transaction
    ) throws -> Entry.Entered {
        let input = try EntryInput(person.counterInput, for: reason)
        if reason.kind == .entry {
            return try Entry(
                person: person, input: input, reason: reason, reception: reception,
                verificationReference: request.verificationReference,
                ownMunicipality: ownMunicipality
            ).enter(transaction)
        }
        guard let number = person.subject.addresseeNumber,
            let current = try RegisterStore.current(
                addresseeNumber: number, transaction.database)
        else { throw Declined("subject-unknown") }
        guard current.state != .removed else { throw Declined("not-resident") }
        let amendment = Amendment(
            person: person, current: current, input: input, reason: reason, reception: reception,
            plannedDate: request.plannedMoveOutDate, ownMunicipality: ownMunicipality,
            municipalityName: settings.municipalityName)
        let member = DraftStore.Member(
            record: try amendment.record(transaction.database), baseVersion: current.version,
            hasCard: try person.hasIndividualNumberCard
                ?? ReceptionStore.hasCard(
                    number, in: reception.number, transaction.database))
        return Entry.Entered(member: member, needsVerification: false)
    }

    /// What concerns the people of one draft together.
    private func checkTogether(
        _ members: [DraftStore.Member], _ reason: Reason, _ database: Database
    ) throws {
        var seen: Set<String> = []
        for member in members {
            let key = member.record.text(.juminhyoCode) ?? "new-\(seen.count)"
            guard seen.insert(key).inserted else { throw Declined("subject-twice") }
        }
        guard reason.kind == .moveOut else { return }
        guard request.plannedMoveOutDate != nil else { throw Declined("planned-date-missing") }
        for member in members {
            let planned = member.record.text(.plannedMoveOutMunicipalityCode)
            if reason == .domesticMoveOut, planned == nil || planned == ownMunicipality {
                throw Declined("planned-municipality-missing")
            }
        }
        guard request.wholeHousehold else { return }
        for number in Set(members.compactMap { $0.record.text(.householdNumber) }) {
            for mate in try RegisterStore.household(number, database) where mate.state == .current {
                guard seen.contains(mate.record.text(.juminhyoCode) ?? "") else {
                    throw Declined("household-incomplete")
                }
            }
        }
    }
}
