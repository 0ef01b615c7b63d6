import GRDB
import Messaging
import Participant
import ParticipantStore

/// B3-04 = A1-02: 仮更新 and 本更新 at the terminal, each answered, each with evidence (corrections 11, R-070).
extension RegisterHandler {
    /// First half: a provisional row nobody outside sees.
    func draft(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(DraftRequest.self, from: message.payload)
        var reply: JSONFields = ["receptionNumber": .text(request.receptionNumber)]
        let refusal = try attempt(transaction) {
            let drafting = Drafting(
                request: request, drafter: message.envelope.operatorID,
                ownMunicipality: organisation.rawValue, settings: settings)
            let number = try drafting.perform(
                terminal: message.envelope.terminal, transaction)
            try DeadlineFlag.raise(
                draftNumber: number, for: message.envelope.correlation, transaction)
            reply["draftNumber"] = .text(number)
        }
        try answer(
            message, reply, refusal: refusal, operation: "register.change.draft", transaction)
    }

    /// Second half: another person's approval makes it the register, and everything leaves.
    ///
    /// The 取消し of a 転出 whose certificate is with a peer is answered when the peer has answered (SC-11).
    func commit(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CommitRequest.self, from: message.payload)
        var isDeferred = false
        let refusal = try attempt(transaction) {
            let approved = try Committing(
                request: request, approver: message.envelope.operatorID
            ).check(transaction.database)
            let cause = cause(
                caseNumber: approved.reception.caseNumber, of: message, transaction)
            if approved.draft.cancels == nil {
                try perform(approved, for: cause, transaction)
            } else if try withdrawFirst(approved, asked: message, for: cause, transaction) {
                isDeferred = true
            } else {
                try performCancellation(approved, for: cause, transaction)
            }
        }
        guard !isDeferred else { return }
        try answer(
            message, ["draftNumber": .text(request.draftNumber)], refusal: refusal,
            operation: "register.change.commit", transaction)
    }

    /// The code of what was declined; nothing that was written before it stays.
    func attempt(_ transaction: Transaction, _ work: () throws -> Void) throws -> String? {
        do {
            try transaction.database.inSavepoint {
                try work()
                return .commit
            }
            return nil
        } catch let declined as Declined {
            return declined.code
        }
    }

    /// Makes a draft the register, person by person: both or none.
    func perform(
        _ approved: Committing.Approved, for cause: Cause, _ transaction: Transaction
    ) throws {
        let draft = approved.draft
        var records = draft.members.map(\.record)
        try number(&records, draft.reason, transaction)
        let group = try moveOutGroup(approved, records, transaction)
        for (member, record) in zip(draft.members, records) {
            let record = try confirmed(record, draft.reason, transaction.database)
            try perform(member, record, approved, for: cause, transaction)
        }
        if let group { try planMoveOut(group, records, for: cause, transaction) }
        try DraftStore.remove(draft.draftNumber, transaction.database)
        try ReceptionStore.advance(draft.receptionNumber, to: "committed", transaction.database)
    }

    private func perform(
        _ member: DraftStore.Member, _ record: ResidentRecord, _ approved: Committing.Approved,
        for cause: Cause, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        let reason = approved.draft.reason
        let current = try record.text(.addresseeNumber).flatMap {
            try RegisterStore.current(addresseeNumber: $0, database)
        }
        func apply(_ state: ResidentState) throws {
            try desk.apply(
                record, state: state, over: current, by: approved.author, for: cause, transaction)
        }
        func askNumber() throws {
            try desk.askNumber(
                for: record, reason: reason, by: approved.author,
                caseNumber: approved.reception.caseNumber,
                terminal: approved.draft.terminal, for: cause, transaction)
        }
        switch reason.kind {
        case .entry:
            try apply(.current)
            try CertificateStore.consume(record.text(.juminhyoCode) ?? "", database)
            transaction.erases()
            if record[.individualNumber] == nil { try askNumber() }
        case .moveOut: try apply(.plannedMoveOut)
        case .removal:
            try withdrawCertificate(of: record, for: cause, transaction)
            try apply(.removed)
        case .amendment:
            try apply(current?.state ?? .current)
            try redirect(current?.record, record, approved, for: cause, transaction)
        case .codeChange: try changeCode(of: record, current, approved, for: cause, transaction)
        case .numberRequest: try askNumber()
        case .cancellation: throw Declined("use-cancel-request")
        }
    }

    /// SC-17: a code from the pool; the history keeps the old one, and F2-24, F2-25 say so to the CS.
    private func changeCode(
        of record: ResidentRecord, _ current: RegisterStore.Current?,
        _ approved: Committing.Approved, for cause: Cause, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let old = record.text(.juminhyoCode), let addressee = record.text(.addresseeNumber)
        else { throw Declined("subject-unknown") }
        guard try NumberStore.request(juminhyoCode: old, database)?.state != .outstanding else {
            throw Declined("number-request-outstanding")
        }
        guard let code = try NumberStore.takeCode(database) else {
            throw Declined("code-pool-empty")
        }
        var record = record
        record[.juminhyoCode] = .text(code)
        try NumberStore.changeCode(of: addressee, on: approved.reception.moveDate, database)
        try desk.apply(
            record, state: current?.state ?? .current, over: current, by: approved.author,
            for: cause, transaction)
    }

    /// 住民票コード, 宛名番号 and 世帯番号 (V-6) for who has none yet; who is entered together shares a new household.
    private func number(
        _ records: inout [ResidentRecord], _ reason: Reason, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        var household: JSONValue?
        for index in records.indices {
            if records[index][.juminhyoCode] == nil {
                guard let code = try NumberStore.takeCode(database) else {
                    throw Declined("code-pool-empty")
                }
                records[index][.juminhyoCode] = .text(code)
            }
            if records[index][.addresseeNumber] == nil {
                records[index][.addresseeNumber] = try serial("addressee", database)
            }
            guard records[index][.householdNumber] == nil else { continue }
            let shared = try household ?? serial("household", database)
            household = shared
            records[index][.householdNumber] = shared
        }
        guard reason.kind == .entry,
            let head = records.first(where: { $0.text(.relationshipCode) == "世帯主" })
        else { return }
        for index in records.indices
        where records[index][.householdNumber] == head[.householdNumber] {
            for item in [F1Item.householdHeadName, .householdHeadNameKana] {
                records[index][item] = records[index][item] ?? head[item]
            }
        }
    }

    private func serial(_ counter: String, _ database: Database) throws -> JSONValue? {
        let serial = String(try RegisterStore.next(counter, database))
        let padded = String(repeating: "0", count: max(0, 9 - serial.count)) + serial
        return AddresseeNumber.completed(serial: padded).map { .text($0) }
    }

    /// Replies to the terminal and leaves evidence of the internal step (corrections 11, R-070).
    func answer(
        _ message: ReceivedMessage, _ reply: JSONFields, refusal: String?, operation: String,
        _ transaction: Transaction
    ) throws {
        try answer(
            Cause(message), at: message.envelope.source, step: message.envelope.step, reply,
            refusal: refusal, operation: operation, zone: message.zone, transaction)
    }

    func answer(
        _ cause: Cause, at terminal: ParticipantID, step: StepID?, _ reply: JSONFields,
        refusal: String?, operation: String, zone: ZoneID?, _ transaction: Transaction
    ) throws {
        var reply = reply
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        var draft = try Draft("register.change.reply/v1", reply)
        draft.step = step
        try dispatch.send(draft, to: terminal, for: cause, transaction)
        let isCommitted = refusal == nil && operation == "register.change.commit"
        for step in isCommitted ? ["A1-02", "B3-04"] : ["B3-04"] {
            let evidence = Evidence(
                operation, result: refusal == nil ? "accepted" : "refused", code: refusal,
                step: step, reference: reply["draftNumber"]?.text ?? reply["receptionNumber"]?.text)
            try dispatch.record(evidence, in: zone, for: cause, transaction)
        }
    }
}
