import GRDB
import Messaging
import Participant
import ParticipantStore

/// 転出証明書情報 and its 送信依頼 and 取下げ, in both directions (A1-08, B3-01 to B3-03, C7, SC-11, SC-24).
extension CSHandler {
    func receiveCertificate(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "move-out-certificate.deliver":
            if isFromRegister(message) {
                try sendCertificate(message, transaction)
            } else {
                try holdCertificate(message, transaction)
            }
        case "move-out-certificate.request":
            if message.envelope.source.family == "integratedTerminal" {
                try requestCertificate(message, transaction)
            } else {
                try passRequest(message, transaction)
            }
        case "move-out-certificate.reply": try certificateReply(message, transaction)
        case "move-out-certificate.withdraw": try withdraw(message, transaction)
        case "move-out-certificate.withdraw.ack": try withdrawn(message, transaction)
        default: return false
        }
        return true
    }

    // MARK: Inbound (B3-01, B3-02)

    /// A certificate that is not its sender's, or not for us, goes back with its code and leaves nothing here (SC-24).
    private func holdCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let certificate = try PayloadCoding.decode(MoveOutCertificate.self, from: message.payload)
        guard certificate.groupSize ?? certificate.movers.count == certificate.movers.count else {
            throw Refuse("group-size-mismatch")
        }
        let refusal: String? =
            if !isSent(message, by: certificate.originMunicipalityCode) {
                "source-mismatch"
            } else if try MunicipalityCode(certificate.destinationMunicipalityCode).six
                != organisation.rawValue
            {
                "destination-mismatch"
            } else {
                nil
            }
        if let refusal {
            var fields: JSONFields = ["inReplyTo": .text("certificate")]
            fields["groupId"] = certificate.groupId.map { .text($0) }
            return try answer(
                message, "move-out-certificate.reply/v1", fields, refusal: refusal, transaction)
        }
        let database = transaction.database
        let today = transaction.now.day
        let planned = certificate.plannedMoveOutDate ?? today
        // What was asked for again after its thirty days gets thirty from its arrival; a supervisor decides about it (AMB-11).
        let isOver = ThirtyDayRule(plannedDate: planned).mustBePurged(at: transaction.now)
        for mover in certificate.movers {
            try HoldingStore.hold(
                mover.juminhyoCode, groupID: certificate.groupId ?? message.envelope.id.rawValue,
                planned: isOver ? today : planned, correlation: message.envelope.correlation,
                database)
        }
        let order = certificate.movers.count == 1 ? certificate.movers.first : nil
        try forward(
            message, to: Self.register, step: "B3-02", orderedBy: order?.juminhyoCode,
            transaction)
        for mover in certificate.movers {
            try answerRequest(
                CertificateRequestStore.take(person: mover.juminhyoCode, database), refusal: nil,
                message, transaction)
        }
    }

    /// the CS purges what nobody claimed on its own clock, with evidence and without content.
    func purgeCertificates(_ transaction: Transaction) throws {
        for due in try HoldingStore.purge(transaction.now, transaction.database) {
            transaction.erases()
            let evidence = Evidence(
                "retention.purged", result: "done", step: "B3-03", reference: due.groupID,
                count: due.movers)
            try dispatch.record(evidence, in: nil, for: cause(of: due.correlation), transaction)
        }
    }

    // MARK: Outbound (A1-08, C7)

    /// From here on the person is 転出予定者 (F2-32).
    private func sendCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let certificate = try PayloadCoding.decode(MoveOutCertificate.self, from: message.payload)
        for mover in certificate.movers {
            try IdentityStore.setPlanned(true, mover.juminhyoCode, transaction.database)
        }
        _ = try relays.take("move-out-certificate.request", answeredBy: message, transaction)
        let order = certificate.movers.count == 1 ? certificate.movers.first : nil
        try forward(
            message, to: peer(certificate.destinationMunicipalityCode).rawValue,
            step: certificate.deliveryMode == "requested" ? "C7" : "A1-08",
            orderedBy: order?.juminhyoCode, transaction)
    }

    // MARK: 送信依頼 (B3-03※, R-091, C7)

    /// Nothing was received, or it is purged: the 転出地 is asked. What is still held need not be asked for.
    private func requestCertificate(
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let code = fields["juminhyoCode"]?.text,
            let origin = fields["originMunicipalityCode"]?.text
        else { throw Refuse("payload-unreadable") }
        let database = transaction.database
        let application = fields["applicationReference"]?.text
        _ = try OperationLogStore.record(
            "move-out-certificate.request", message, purpose: fields["requestReason"]?.text,
            applicationReference: application, keys: "juminhyoCode", now: transaction.now, database)
        let refusal: String? =
            if try HoldingStore.isHeld(code, database) {
                "certificate-held"
            } else {
                try MunicipalityCode(origin).five == ownCode ? "origin-is-own-city" : nil
            }
        if let refusal {
            var reply: JSONFields = ["inReplyTo": .text("request")]
            reply["applicationReference"] = application.map { .text($0) }
            return try answer(
                message, "move-out-certificate.reply/v1", reply, refusal: refusal, transaction)
        }
        try CertificateRequestStore.open(
            code, message, applicationReference: application, now: transaction.now, database)
        fields["destinationMunicipalityCode"] = .text(ownCode)
        let draft = try Draft(message.envelope.topic.rawValue, fields)
            .performing("B3-03").ordered(by: order(code))
        try dispatch.send(draft, to: peer(origin), for: Cause(message), transaction)
    }

    /// C7: another city asks; the register answers with the certificate or with why not.
    private func passRequest(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(PeerRequest.self, from: message.payload)
        guard isSent(message, by: request.destinationMunicipalityCode) else {
            var fields: JSONFields = ["inReplyTo": .text("request")]
            fields["applicationReference"] = request.applicationReference.map { .text($0) }
            return try answer(
                message, "move-out-certificate.reply/v1", fields, refusal: "source-mismatch",
                transaction)
        }
        try relays.remember(message, until: transaction.now + .seconds(86_400), transaction)
        try forward(
            message, to: Self.register, step: "C7", orderedBy: request.juminhyoCode, transaction)
    }

    /// A refusal of a request goes to who asked; of a certificate, to the register that sent it.
    private func certificateReply(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        let draft = Draft(message.envelope.topic.rawValue, relaying: message.payload)
        if isFromRegister(message) {
            let relayed = try relays.take(
                "move-out-certificate.request", answeredBy: message, transaction)
            guard let relayed else { return }
            return try dispatch.send(
                draft.performing("C7"), to: relayed.asker,
                for: Cause(message).answering(relayed.request), transaction)
        }
        guard fields["inReplyTo"]?.text == "request" else {
            return try dispatch.send(
                draft.performing("B3-01"), to: ParticipantID(Self.register), for: Cause(message),
                transaction)
        }
        // The certificate itself is the answer to a request that is accepted.
        guard fields["result"]?.text == "refused" else { return }
        try answerRequest(
            CertificateRequestStore.take(
                correlation: message.envelope.correlation, transaction.database),
            refusal: fields["code"]?.text ?? "refused", message, transaction)
    }

    private func answerRequest(
        _ request: CertificateRequestStore.Request?, refusal: String?, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        guard let request else { return }
        var fields: JSONFields = [
            "inReplyTo": .text("request"),
            "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["code"] = refusal.map { .text($0) }
        fields["applicationReference"] = request.applicationReference.map { .text($0) }
        try OperationLogStore.note(
            "move-out-certificate.request", applicationReference: request.applicationReference,
            outcome: refusal ?? "received", reference: nil, transaction.database)
        let cause = Cause(
            zone: message.zone, causation: request.message, operatorID: nil, terminal: nil
        ) { _ in request.correlation }
        try dispatch.send(
            Draft("move-out-certificate.reply/v1", fields).performing("B3-03"),
            to: request.asker, for: cause, transaction)
    }

    // MARK: 取下げ (SC-11)

    /// Outbound the person is no longer 転出予定者; inbound the register says whether he has come already.
    private func withdraw(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let withdrawal = try PayloadCoding.decode(Withdrawal.self, from: message.payload)
        guard isFromRegister(message) else {
            guard isSent(message, by: withdrawal.originMunicipalityCode) else {
                return try refuseWithdrawal(withdrawal, message, transaction)
            }
            return try forward(
                message, to: Self.register, step: "A6-02", orderedBy: withdrawal.juminhyoCode,
                transaction)
        }
        try IdentityStore.setPlanned(false, withdrawal.juminhyoCode, transaction.database)
        try forward(
            message, to: peer(withdrawal.destinationMunicipalityCode).rawValue, step: "A6-02",
            orderedBy: withdrawal.juminhyoCode, transaction)
    }

    private func refuseWithdrawal(
        _ withdrawal: Withdrawal, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [
            "juminhyoCode": .text(withdrawal.juminhyoCode),
            "originMunicipalityCode": .text(withdrawal.originMunicipalityCode),
            "destinationMunicipalityCode": .text(withdrawal.destinationMunicipalityCode),
        ]
        fields["groupId"] = withdrawal.groupId.map { .text($0) }
        fields["groupSize"] = withdrawal.groupSize.map { .integer($0) }
        try answer(
            message, "move-out-certificate.withdraw.ack/v1", fields, refusal: "source-mismatch",
            orderedBy: withdrawal.juminhyoCode, transaction)
    }

    /// From a peer it comes from the city the certificate was for.
    private func withdrawn(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let ack = try PayloadCoding.decode(Withdrawal.self, from: message.payload)
        guard isFromRegister(message) else {
            guard isSent(message, by: ack.destinationMunicipalityCode) else {
                return try setAside(
                    message, naming: ack.destinationMunicipalityCode, transaction)
            }
            return try forward(
                message, to: Self.register, step: "A6-02", orderedBy: ack.juminhyoCode,
                transaction)
        }
        if ack.result == "accepted" {
            _ = try HoldingStore.consume(ack.juminhyoCode, transaction.database)
        }
        try forward(
            message, to: peer(ack.originMunicipalityCode).rawValue, step: "A6-02",
            orderedBy: ack.juminhyoCode, transaction)
    }
}
