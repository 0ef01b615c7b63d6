import GRDB
import Messaging
import Participant
import ParticipantStore

/// Where a record becomes the register (本更新): the row, its history, and what follows leave in one transaction.
struct ChangeDesk {
    /// Who is answerable for a change, and what it came by.
    struct Author {
        let draftNumber: String
        let receptionNumber: String
        let receptionType: String
        let drafter: OperatorID
        let approver: OperatorID
        var verificationReference: String?
        /// 異動年月日 where the record has no item for it.
        let moveDate: CivilDate
    }

    let dispatch: Dispatch
    let ownMunicipality: String
    let settings: RegisterSettings
    let token: () -> UInt64

    /// Makes `record` the current one of somebody, over `current` if there is one, and sends what has to leave.
    func apply(
        _ record: ResidentRecord, state: ResidentState, over current: RegisterStore.Current?,
        by author: Author, isCancellation: Bool = false, for cause: Cause,
        _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let addressee = record.text(.addresseeNumber) else { throw Declined("items-missing") }
        let version = (current?.version ?? 0) + 1
        let subjectID = current?.certificateSubjectID ?? "c\(Hexadecimal.text(token()))"
        try RegisterStore.commit(
            record, state: state, certificateSubjectID: subjectID,
            RegisterStore.Change(
                draftNumber: author.draftNumber, receptionNumber: author.receptionNumber,
                drafter: author.drafter, approver: author.approver,
                verificationReference: author.verificationReference, version: version,
                at: transaction.now), database)
        if state == .removed {
            try ArchiveStore.schedule(
                addressee, removedOn: record.date(.removalMoveDate)?.date ?? transaction.now.day,
                years: settings.archiveAfterYears, database)
            try MoveOutStore.settle(addressee, database)
        } else {
            try ArchiveStore.unschedule(addressee, database)
        }
        // Somebody who comes back is entered anew; who stays is told about by what changed.
        let isEntry = current == nil || current?.state == .removed && state == .current
        try FanOut(
            before: isEntry && !isCancellation ? nil : current?.record, record: record,
            version: version, certificateSubjectID: subjectID, draftNumber: author.draftNumber,
            ownMunicipality: ownMunicipality, moveDate: author.moveDate,
            receptionType: author.receptionType, isCancellation: isCancellation,
            codeUsedFrom: try NumberStore.codeUsedFrom(addressee, database),
            supplementOnBirth: settings.supplementOnBirth
        ).send(by: dispatch, for: cause, transaction)
    }

    /// A1-05: asks for a 個人番号; with the old number when it is to be changed [INF].
    func askNumber(
        for record: ResidentRecord, reason: Reason, by author: Author, caseNumber: Int64,
        terminal: TerminalID?, for cause: Cause, _ transaction: Transaction
    ) throws {
        guard let code = record.text(.juminhyoCode), let addressee = record.text(.addresseeNumber)
        else { throw Declined("items-missing") }
        try NumberStore.ask(
            NumberStore.Request(
                juminhyoCode: code, addresseeNumber: addressee, reason: reason,
                state: .outstanding, caseNumber: caseNumber,
                receptionNumber: author.receptionNumber, drafter: author.drafter,
                approver: author.approver, terminal: terminal, moveDate: author.moveDate),
            transaction.database)
        var fields: JSONFields = [
            "juminhyoCode": .text(code),
            "reason": .text(Self.generationReason(reason, record)),
            "requestControlNumber": .text(author.draftNumber),
            "requestedDate": .text(transaction.now.day.date8),
        ]
        if reason.kind == .numberRequest { fields["individualNumber"] = record[.individualNumber] }
        let draft = try Draft("individual-number.generate.request/v1", fields)
            .ordered(by: "addresseeNumber:\(addressee)")
        for recipient in dispatch.recipients(of: "individual-number.generate.request") {
            try dispatch.send(draft, to: recipient, for: cause, transaction)
        }
    }

    private static func generationReason(_ reason: Reason, _ record: ResidentRecord) -> String {
        switch reason {
        case .birth: "birth"
        case .individualNumberChangeRequest: "changeOnRequest"
        case .individualNumberExOfficioCorrection: "changeExOfficio"
        case .individualNumberExOfficioEntry:
            record[.individualNumber] == nil ? "firstResidence" : "correction"
        default: "firstResidence"
        }
    }
}
