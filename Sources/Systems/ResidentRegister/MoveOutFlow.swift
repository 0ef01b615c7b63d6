import GRDB
import Messaging
import Participant
import ParticipantStore

/// 転出 (A1-08, C6, C7): planned, certified to the 転入地, and ended by its 転入通知 or by the day itself.
extension RegisterHandler {
    /// The people of one 転出届.
    struct MoveOutGroup {
        let approved: Committing.Approved
        let groupID: String
        let plannedDate: CivilDate
        /// With a card among them, and within the country: A1-08; else paper (corrections 12) or abroad.
        let isSpecial: Bool
    }

    func moveOutGroup(
        _ approved: Committing.Approved, _ records: [ResidentRecord], _ transaction: Transaction
    ) throws -> MoveOutGroup? {
        let draft = approved.draft
        guard draft.reason.kind == .moveOut, let planned = draft.plannedDate else { return nil }
        let isSpecial =
            draft.reason == .domesticMoveOut && draft.members.contains { $0.hasCard }
        if isSpecial, records.contains(where: { $0[.individualNumber] == nil }) {
            throw Declined("individual-number-pending")
        }
        return MoveOutGroup(
            approved: approved, groupID: try nextGroupID(transaction), plannedDate: planned,
            isSpecial: isSpecial)
    }

    private func nextGroupID(_ transaction: Transaction) throws -> String {
        let own = try MunicipalityCode(organisation.rawValue).five
        let number = try RegisterStore.numbered(
            "G", on: transaction.now.day, transaction.database)
        return "G-\(own)-\(number.dropFirst())"
    }

    func planMoveOut(
        _ group: MoveOutGroup, _ records: [ResidentRecord], for cause: Cause,
        _ transaction: Transaction
    ) throws {
        let draft = group.approved.draft
        var movers: [(ResidentRecord, MoveOutStore.Plan)] = []
        for (member, record) in zip(draft.members, records) {
            let plan = MoveOutStore.Plan(
                addresseeNumber: record.text(.addresseeNumber) ?? "",
                draftNumber: draft.draftNumber, receptionNumber: draft.receptionNumber,
                caseNumber: group.approved.reception.caseNumber, groupID: group.groupID,
                groupSize: records.count,
                destination: record.text(.plannedMoveOutMunicipalityCode),
                plannedDate: group.plannedDate, hasCard: member.hasCard,
                isSpecial: group.isSpecial, certificate: group.isSpecial ? .sent : .none,
                reason: draft.reason, drafter: draft.drafter, approver: group.approved.approver)
            try MoveOutStore.plan(plan, transaction.database)
            movers.append((record, plan))
        }
        guard group.isSpecial else { return }
        // People of one 届出 may mean to go to different places: one certificate a destination.
        for destination in Set(movers.compactMap { $0.1.destination }).sorted() {
            try sendCertificate(
                of: movers.filter { $0.1.destination == destination }, to: destination,
                mode: "push", step: "A1-08", for: cause, transaction)
        }
    }

    /// A1-08, C7: the certificate of a group, by the CS to the 転入地.
    private func sendCertificate(
        of movers: [(record: ResidentRecord, plan: MoveOutStore.Plan)], to destination: String,
        mode: String, step: String, for cause: Cause, _ transaction: Transaction
    ) throws {
        guard let first = movers.first else { return }
        let items: [F1Item] = [
            .juminhyoCode, .individualNumber, .nameKanji, .nameKana, .sexCode, .birthDate,
            .relationshipCode, .registeredDomicileMunicipalityCode, .registeredDomicile,
            .familyRegisterHeadName, .currentPostalCode, .currentAddress, .currentAddressAnnex,
            .plannedMoveOutMunicipalityCode, .plannedMoveOutPostalCode, .plannedMoveOutAddress,
            .plannedMoveOutAddressAnnex, .plannedMoveOutHouseholdHeadName, .formerSurnameKana,
            .formerSurnameKanji,
        ]
        let people = movers.map { record, plan in
            var fields = record.fields(items)
            fields["hasIndividualNumberCard"] = .flag(plan.hasCard)
            return JSONValue.object(fields)
        }
        let planned = first.plan.plannedDate
        let fields: JSONFields = [
            "deliveryMode": .text(mode), "plannedMoveOutDate": .text(planned.iso),
            "expiryDate": .text(ThirtyDayRule(plannedDate: planned).lastDay.iso),
            "groupId": .text(first.plan.groupID), "groupSize": .integer(Int64(movers.count)),
            "originMunicipalityCode": .text(try MunicipalityCode(organisation.rawValue).five),
            "destinationMunicipalityCode": .text(try MunicipalityCode(destination).five),
            "movers": .array(people),
        ]
        let draft = try Draft("move-out-certificate.deliver/v2", fields).performing(step)
            .ordered(by: "addresseeNumber:\(first.plan.addresseeNumber)")
        for recipient in dispatch.recipients(of: "move-out-certificate.deliver") {
            try dispatch.send(draft, to: recipient, for: cause, transaction)
        }
    }

    /// One withdrawal a mover (SC-11 [INF]).
    func sendWithdrawal(
        of record: ResidentRecord, _ plan: MoveOutStore.Plan, reason: String, for cause: Cause,
        _ transaction: Transaction
    ) throws {
        guard let code = record.text(.juminhyoCode), let destination = plan.destination else {
            return
        }
        let fields: JSONFields = [
            "juminhyoCode": .text(code), "groupId": .text(plan.groupID),
            "groupSize": .integer(Int64(plan.groupSize)),
            "originMunicipalityCode": .text(try MunicipalityCode(organisation.rawValue).five),
            "destinationMunicipalityCode": .text(try MunicipalityCode(destination).five),
            "withdrawnDate": .text(transaction.now.day.iso), "reason": .text(reason),
        ]
        let draft = try Draft("move-out-certificate.withdraw/v1", fields)
            .ordered(by: "addresseeNumber:\(plan.addresseeNumber)")
        for recipient in dispatch.recipients(of: "move-out-certificate.withdraw") {
            try dispatch.send(draft, to: recipient, for: cause, transaction)
        }
    }

    /// Somebody who was to leave is removed for another reason (死亡): the peer need not wait for him.
    func withdrawCertificate(
        of record: ResidentRecord, for cause: Cause, _ transaction: Transaction
    ) throws {
        guard let addressee = record.text(.addresseeNumber),
            let plan = try MoveOutStore.plan(of: addressee, transaction.database),
            plan.isSpecial, plan.certificate == .sent
        else { return }
        try MoveOutStore.note(.withdrawn, of: addressee, transaction.database)
        try sendWithdrawal(
            of: record, plan, reason: "moveOutCancelled", for: cause, transaction)
    }

    /// SC-24: a corrected destination takes the certificate back from the wrong city and sends it to the right one.
    func redirect(
        _ before: ResidentRecord?, _ record: ResidentRecord, _ approved: Committing.Approved,
        for cause: Cause, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let addressee = record.text(.addresseeNumber),
            let plan = try MoveOutStore.plan(of: addressee, database), plan.certificate == .sent,
            let destination = record.text(.plannedMoveOutMunicipalityCode),
            before?.text(.plannedMoveOutMunicipalityCode) != destination
        else { return }
        try sendWithdrawal(of: record, plan, reason: "misdirected", for: cause, transaction)
        let corrected = MoveOutStore.Plan(
            addresseeNumber: addressee, draftNumber: plan.draftNumber,
            receptionNumber: plan.receptionNumber, caseNumber: plan.caseNumber,
            groupID: try nextGroupID(transaction), groupSize: 1, destination: destination,
            plannedDate: plan.plannedDate, hasCard: plan.hasCard, isSpecial: true,
            certificate: .sent, reason: plan.reason, drafter: plan.drafter,
            approver: plan.approver)
        try MoveOutStore.plan(corrected, database)
        try sendCertificate(
            of: [(record, corrected)], to: destination, mode: "push", step: "A1-08", for: cause,
            transaction)
    }

    // MARK: C7

    /// A peer asks for a certificate: only a committed 転出 with a card has one, and the 転入地 may be another than planned.
    func certificateRequested(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CertificateRequest.self, from: message.payload)
        let database = transaction.database
        let refusal = try attempt(transaction) {
            guard
                let person = try RegisterStore.current(
                    juminhyoCode: request.juminhyoCode, database),
                let plan = try person.record.text(.addresseeNumber).flatMap({
                    try MoveOutStore.plan(of: $0, database)
                }), plan.reason == .domesticMoveOut,
                plan.certificate == .sent || plan.certificate == .none,
                person.state == .plannedMoveOut
                    || person.record.text(.removalCategory)
                        == Reason.domesticMoveOut.removalCategory
            else { throw Declined("no-committed-move-out") }
            guard request.nameKanji == nil || request.nameKanji == person.record.text(.nameKanji)
            else { throw Declined("name-mismatch") }
            guard plan.isSpecial else { throw Declined("paper-certificate") }
            let destination =
                try request.destinationMunicipalityCode
                ?? plan.destination.map {
                    try MunicipalityCode($0).five
                }
            guard let destination else { throw Declined("no-committed-move-out") }
            try sendCertificate(
                of: [(person.record, plan)], to: destination, mode: "requested", step: "C7",
                for: cause(caseNumber: plan.caseNumber, of: message, transaction), transaction)
        }
        guard let refusal else { return }
        var fields: JSONFields = [
            "inReplyTo": .text("request"), "result": .text("refused"), "code": .text(refusal),
        ]
        fields["applicationReference"] = request.applicationReference.map { .text($0) }
        let draft = try Draft("move-out-certificate.reply/v1", fields).performing("C7")
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// A peer that was sent a certificate says that it is not for it: a person has to correct the destination (SC-24).
    func certificateReturned(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let reply = try PayloadCoding.decode(CertificateReply.self, from: message.payload)
        guard reply.inReplyTo == "certificate", reply.result == "refused" else { return }
        try ManualCaseStore.open(
            "certificate-returned", reference: reply.groupId ?? message.envelope.id.rawValue,
            details: ["cause": reply.code.map { .text($0) } ?? .null],
            for: message.envelope.correlation, transaction)
    }
}
