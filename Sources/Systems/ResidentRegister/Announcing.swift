import Messaging
import Participant
import ParticipantStore

/// What a person's record looks like to those who keep something of it, beside any 異動 (現在の記載の通知).
extension RegisterHandler {
    /// Sends the current record to 庁内連携 and 宛名 (A1-11), the 副本 (A1-12) and コンビニ交付 (A1-13), as restricted as it is.
    func announce(
        _ current: RegisterStore.Current, steps: Set<String> = ["A1-11", "A1-12", "A1-13"],
        for cause: Cause, _ transaction: Transaction
    ) throws {
        let number = current.record.text(.addresseeNumber) ?? ""
        let isRestricted = try RestrictionStore.isRestricted(number, transaction.database)
        for (recipient, step, draft) in try announcement(of: current) where steps.contains(step) {
            try dispatch.send(
                isRestricted ? try draft.restricted() : draft, to: ParticipantID(recipient),
                for: cause, transaction)
            guard step != "A1-11" else { continue }
            try AnswerStore.await(
                step: step, addresseeNumber: number, version: current.version,
                sequence: current.version, transaction.database)
        }
    }

    /// The messages of A1-11 to A1-13 about a record as it stands.
    func announcement(
        of current: RegisterStore.Current
    ) throws -> [(recipient: String, step: String, draft: Draft)] {
        let messages = PersonMessages(
            record: current.record, version: current.version,
            certificateSubjectID: current.certificateSubjectID)
        return [
            ("officeLinkage", "A1-11", try messages.residentSync(withNumber: false)),
            ("integratedAddressee", "A1-11", try messages.residentSync()),
            ("integratedAddressee", "A1-12", try messages.replicaUpdate()),
            ("certificateIssuance", "A1-13", try messages.certificateUpdate()),
        ]
    }

    /// Loads the CS (初期登録): the body of A1-03, and no A1-04 after it.
    func loadIdentity(
        _ current: RegisterStore.Current, for cause: Cause, _ transaction: Transaction
    ) throws {
        let number = current.record.text(.addresseeNumber) ?? ""
        let sequence = try RegisterStore.nextIdentitySequence(number, transaction.database)
        let update = IdentityUpdate(
            record: current.record, sequence: sequence, controlNumber: "I\(sequence)",
            moveDate: transaction.now.day)
        try dispatch.send(
            try Draft("identity.load.request/v1", update.fields())
                .ordered(by: "addresseeNumber:\(number)"),
            to: ParticipantID("municipalCS"), for: cause, transaction)
        try AnswerStore.await(
            step: "A1-03", addresseeNumber: number, version: current.version, sequence: sequence,
            transaction.database)
    }

    /// What the CS said to a load counts as its answer to A1-03.
    func noteLoaded(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let outcome = try PayloadCoding.decode(Outcome.self, from: message.payload)
        guard
            let person = try outcome.juminhyoCode.flatMap({
                try RegisterStore.current(juminhyoCode: $0, transaction.database)
            }), let number = person.record.text(.addresseeNumber)
        else { return }
        try AnswerStore.answered(
            step: "A1-03", addresseeNumber: number, sequence: outcome.updateSequence, outcome,
            transaction.database)
    }
}

extension Draft {
    /// The same message while 支援措置 stand: コンビニ交付 cannot issue, 庁内連携 hands nothing on.
    func restricted() throws -> Draft {
        var fields = try PayloadCoding.decode(JSONFields.self, from: payload)
        if topic.hasPrefix("certificate-data.update/") {
            fields = fields.filter { ["certificateSubjectId", "recordVersion"].contains($0.key) }
            fields["removed"] = .flag(true)
        } else if topic.hasPrefix("resident.sync/v2") {
            fields["restricted"] = .flag(true)
        } else {
            return self
        }
        var draft = try Draft(topic, fields).ordered(by: orderKey)
        draft.step = step
        return draft
    }
}
