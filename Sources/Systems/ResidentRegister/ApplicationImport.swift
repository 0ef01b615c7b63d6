import GRDB
import Messaging
import Participant
import ParticipantStore

/// 電子申請データの取込み (A6-02): off the medium, checked, and made a draft that another person commits.
extension RegisterHandler {
    private struct Imported {
        var application: ElectronicApplication?
        var receptionNumber: String?
        var draftNumber: String?
        var newestVersion: Int64?
        var caseID: String?
    }

    func importApplication(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let transfer = try PayloadCoding.decode(MediaTransfer.self, from: message.payload)
        guard let operatorID = message.envelope.operatorID else { throw Refuse("operator-missing") }
        var imported = Imported()
        var result = "accepted"
        var code: String?
        do {
            code = try attempt(transaction) {
                try take(transfer, by: operatorID, into: &imported, message, transaction)
            }
            if code != nil { result = "refused" }
        } catch let needed as NeedsPerson {
            (result, code) = ("manual", needed.code)
            (imported.receptionNumber, imported.draftNumber) = (nil, nil)
            imported.caseID = try ManualCaseStore.open(
                needed.code,
                reference: imported.application?.applicationNumber ?? transfer.ledgerEntryId,
                details: [
                    "procedure": .text(imported.application?.procedure.rawValue ?? ""),
                    "ledgerEntry": .text(transfer.ledgerEntryId),
                ], for: message.envelope.correlation, transaction)
        }
        // What somebody else sent in an application's name is no version of it.
        if result != "refused", code != Self.notConcerned, let application = imported.application {
            try ApplicationStore.keep(
                application, receptionNumber: imported.receptionNumber,
                draftNumber: imported.draftNumber, at: transaction.now, transaction.database)
        }
        try ApplicationStore.use(
            transfer, by: operatorID, at: message.envelope.terminal, result: result, code: code,
            now: transaction.now, transaction.database)
        try answer(transfer, imported, result, code, message, transaction)
    }

    /// The medium is free again, and where it was erased stays on record.
    func noteErasure(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try ApplicationStore.erased(
            PayloadCoding.decode(MediumErasure.self, from: message.payload), transaction.database)
    }

    /// ledger, medium, approval, digest, seal, in this order; then what the application says.
    private func take(
        _ transfer: MediaTransfer, by operatorID: OperatorID, into imported: inout Imported,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard transfer.approverId != operatorID.rawValue else {
            throw Declined("approver-is-operator")
        }
        guard settings.registeredMedia.contains(transfer.mediumId) else {
            throw Declined("medium-unregistered")
        }
        guard try !ApplicationStore.waitsForErasure(transfer.mediumId, database) else {
            throw Declined("medium-not-erased")
        }
        guard try !ApplicationStore.isUsed(transfer.ledgerEntryId, database) else {
            throw Declined("ledger-used")
        }
        guard let directory = settings.mediaDirectory, let key = settings.mediaKey else {
            throw Declined("media-not-configured")
        }
        let bytes = try SealedMedium(directory: directory, key: key).read(
            ledgerEntryID: transfer.ledgerEntryId, digest: transfer.digest)
        guard let application = try? PayloadCoding.decode(ElectronicApplication.self, from: bytes)
        else { throw Declined("application-unreadable") }
        imported.application = application
        guard
            transfer.applicationNumber ?? application.applicationNumber
                == application.applicationNumber
        else { throw Declined("application-mismatch") }
        let people = [application.applicant] + (application.movers ?? [])
        guard !people.contains(where: \.isTypedByHand) else {
            throw Declined("number-not-from-card")
        }
        try checkVersion(application, &imported, transaction)
        switch application.procedure {
        case .moveOut:
            try draftMoveOut(application, by: operatorID, &imported, message, transaction)
        case .moveOutCancellation:
            try draftCancellation(application, by: operatorID, &imported, message, transaction)
        case .moveInReservation, .addressChangeReservation: throw NeedsPerson("reservation")
        }
    }

    /// only the newest version of a chain; a newer one takes an open draft's place.
    private func checkVersion(
        _ application: ElectronicApplication, _ imported: inout Imported,
        _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let known = try ApplicationStore.known(application.applicationNumber, database) else {
            return
        }
        imported.newestVersion = known.version
        guard application.version >= known.version else { throw Declined("older-version") }
        // What a person had to resolve made no draft, and may come again when that is done.
        guard application.version > known.version || known.isWaiting else {
            throw Declined("already-imported")
        }
        imported.newestVersion = nil
        guard let old = known.draftNumber else { return }
        guard let draft = try DraftStore.draft(old, database) else {
            throw NeedsPerson("changed-after-commit")
        }
        let people = draft.members.compactMap { $0.record.text(.addresseeNumber) }
        try checkConcerned(try application.applicant(database), people)
        try drop(draft, database)
        if let reception = known.receptionNumber {
            try ReceptionStore.advance(reception, to: "withdrawn", database)
        }
    }

    private static let notConcerned = "applicant-not-concerned"

    /// Only somebody whom a change is about may touch it.
    private func checkConcerned(_ applicant: RegisterStore.Current, _ people: [String]) throws {
        guard let number = applicant.record.text(.addresseeNumber), people.contains(number) else {
            throw NeedsPerson(Self.notConcerned)
        }
    }

    private func draftMoveOut(
        _ application: ElectronicApplication, by operatorID: OperatorID,
        _ imported: inout Imported, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let planned = application.plannedMoveOutDate else {
            throw NeedsPerson("planned-date-missing")
        }
        let applicant = try application.applicant(database)
        let movers = try application.movers(with: applicant, database)
        let mates = try RegisterStore.household(
            applicant.record.text(.householdNumber) ?? "", database)
        let reception = try receive(
            type: "moveOut", channel: "eApplication", movedOn: planned,
            about: applicant.record.text(.addresseeNumber), application.applicant.nameKanji,
            hasCard: true, message, transaction)
        imported.receptionNumber = reception
        let request = DraftRequest(
            receptionNumber: reception, moveReason: Reason.domesticMoveOut.rawValue,
            people: movers.map { mover, resident in
                DraftRequest.Person(
                    subject: DraftRequest.Subject(
                        addresseeNumber: resident.record.text(.addresseeNumber)),
                    counterInput: application.destination,
                    hasIndividualNumberCard: mover.hasIndividualNumberCard
                        ?? (mover.individualNumber != nil))
            }, plannedMoveOutDate: planned, wholeHousehold: movers.count == mates.count)
        do {
            imported.draftNumber = try Drafting(
                request: request, drafter: operatorID, ownMunicipality: organisation.rawValue,
                settings: settings
            ).perform(terminal: message.envelope.terminal, transaction)
        } catch let declined as Declined {
            // The application is genuine: what the register cannot do with it, a person resolves.
            throw NeedsPerson(declined.code)
        }
    }

    /// 転出届取消 (SC-11): of an application we know, by somebody it is about.
    private func draftCancellation(
        _ application: ElectronicApplication, by operatorID: OperatorID,
        _ imported: inout Imported, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        let applicant = try application.applicant(database)
        guard let cancelled = application.cancels,
            let known = try ApplicationStore.known(cancelled, database),
            let draftNumber = known.draftNumber
        else { throw NeedsPerson("cancelled-application-unknown") }
        let draft = try DraftStore.draft(draftNumber, database)
        let people =
            try draft?.members.compactMap { $0.record.text(.addresseeNumber) }
            ?? ChangeStore.versions(of: draftNumber, database).map { $0.addresseeNumber }
        try checkConcerned(applicant, people)
        let number = applicant.record.text(.addresseeNumber) ?? ""
        let reception = try receive(
            type: "moveOut", channel: "eApplication", movedOn: transaction.now.day, about: number,
            application.applicant.nameKanji, hasCard: true, message, transaction)
        imported.receptionNumber = reception
        let request = CancelRequest(
            receptionNumber: reception, draftNumber: draftNumber, reason: "転出届取消(電子申請)")
        do {
            if let draft {
                try drop(draft, database)
                try ReceptionStore.advance(draft.receptionNumber, to: "withdrawn", database)
            } else {
                imported.draftNumber = try Cancelling(request: request, drafter: operatorID)
                    .perform(terminal: message.envelope.terminal, transaction)
            }
        } catch let declined as Declined {
            throw NeedsPerson(declined.code)
        }
    }

    private func answer(
        _ transfer: MediaTransfer, _ imported: Imported, _ result: String, _ code: String?,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var reply: JSONFields = [
            "ledgerEntryId": .text(transfer.ledgerEntryId), "result": .text(result),
        ]
        reply["code"] = code.map { .text($0) }
        if let application = imported.application {
            reply["applicationNumber"] = .text(application.applicationNumber)
            reply["version"] = .integer(application.version)
            reply["procedure"] = .text(application.procedure.rawValue)
        }
        reply["newestVersion"] = imported.newestVersion.map { .integer($0) }
        reply["receptionNumber"] = imported.receptionNumber.map { .text($0) }
        reply["draftNumber"] = imported.draftNumber.map { .text($0) }
        reply["caseId"] = imported.caseID.map { .text($0) }
        try dispatch.send(
            try Draft("e-application.imported/v1", reply).performing("A6-02"),
            to: message.envelope.source, for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "e-application.import", result: result == "manual" ? "done" : result, code: code,
                step: "A6-02", reference: transfer.ledgerEntryId),
            in: message.zone, for: Cause(message), transaction)
    }
}
