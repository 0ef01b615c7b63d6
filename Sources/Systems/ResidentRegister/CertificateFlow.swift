import GRDB
import Messaging
import Participant
import ParticipantStore

/// 転出証明書情報 that come to us (B3-02) and the 届出 they are used for.
extension RegisterHandler {
    /// B3-02: each mover becomes a 転入予定者, not a resident; who lives here already is none.
    func holdCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let certificate = try PayloadCoding.decode(MoveOutCertificate.self, from: message.payload)
        guard
            try MunicipalityCode(certificate.destinationMunicipalityCode).six
                == organisation.rawValue
        else { throw Refuse("destination-mismatch") }
        let caseNumber = try caseNumber(of: message, transaction)
        // v1 names no date: the clock runs from the day it came (INF).
        let planned = certificate.plannedMoveOutDate ?? transaction.now.day
        // So does that of one asked for after its time: the person is at the counter now (SC-12, INF).
        let clockFrom =
            certificate.deliveryMode == "requested" ? max(planned, transaction.now.day) : planned
        for mover in certificate.movers {
            let resident = try RegisterStore.current(
                juminhyoCode: mover.juminhyoCode, transaction.database)
            guard resident == nil || resident?.state == .removed else { continue }
            try CertificateStore.hold(
                mover, of: certificate,
                groupID: certificate.groupId ?? message.envelope.id.rawValue,
                planned: planned, clockFrom: clockFrom, caseNumber: caseNumber,
                transaction.database)
        }
    }

    /// A1-01, B1-01: the 届出 stops the clock of the certificates it is about.
    func accept(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notification = try PayloadCoding.decode(
            NotificationAccepted.self, from: message.payload)
        let database = transaction.database
        let caseNumber = try caseNumber(of: message, transaction)
        try ReceptionStore.accept(
            notification, caseNumber: caseNumber, at: transaction.now, database)
        guard notification.notificationType == "moveIn" else { return }
        let origin = try notification.previousMunicipalityCode.map {
            try MunicipalityCode($0).five
        }
        for subject in notification.subjects {
            let fitting = try CertificateStore.matching(
                name: subject.nameKanji, birthDate: subject.birthDate?.date, origin: origin,
                database)
            guard let certificate = fitting.first, fitting.count == 1 else { continue }
            try CertificateStore.use(
                certificate.mover.juminhyoCode, for: notification.receptionNumber, database)
            try CaseStore.join(certificate.caseNumber, into: caseNumber, database)
        }
    }

    /// The 届出 is dropped before 本更新: drafts go, certificates go back to held (corrections 7).
    func withdrawNotification(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(NotificationWithdrawn.self, from: message.payload)
        let database = transaction.database
        guard let reception = try ReceptionStore.reception(request.receptionNumber, database)
        else { throw Refuse("reception-unknown") }
        guard reception.state == "accepted" || reception.state == "drafted" else {
            throw Refuse("reception-\(reception.state)")
        }
        let drafts = try DraftStore.drafts(receptionNumber: reception.number, database)
        // A 取消し that waits for a peer is not dropped under it: a person decides when the peer has answered.
        for draft in drafts
        where try CancellationStore.pending(draftNumber: draft, database) != nil {
            try ManualCaseStore.open(
                "withdrawal-pending", reference: reception.number,
                details: ["draftNumber": .text(draft)], for: message.envelope.correlation,
                transaction)
            return
        }
        for draft in drafts { try DraftStore.remove(draft, database) }
        try CertificateStore.release(reception.number, database)
        try ReceptionStore.advance(reception.number, to: "withdrawn", database)
        try dispatch.record(
            Evidence(
                "notification.withdrawn", result: "done", step: "A1-01",
                reference: reception.number, count: drafts.count),
            in: message.zone, for: Cause(message), transaction)
    }

    /// The 転出地 takes its certificate back before the person came.
    func withdrawHeld(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CertificateWithdrawal.self, from: message.payload)
        let refusal = try CertificateStore.withdraw(request.juminhyoCode, transaction.database)
        if refusal == nil { transaction.erases() }
        var fields: JSONFields = [
            "juminhyoCode": .text(request.juminhyoCode), "groupId": .text(request.groupId),
            "originMunicipalityCode": .text(request.originMunicipalityCode),
            "destinationMunicipalityCode": .text(request.destinationMunicipalityCode),
            "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["groupSize"] = request.groupSize.map { .integer(Int64($0)) }
        fields["code"] = refusal.map { .text($0) }
        let draft = try Draft("move-out-certificate.withdraw.ack/v1", fields)
            .ordered(by: "juminhyoCode:\(request.juminhyoCode)")
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// what nobody claimed by D+30 is gone at D+31 00:00, with evidence and without content.
    func purgeCertificates(_ transaction: Transaction) throws {
        let due = try CertificateStore.purge(transaction.now, transaction.database)
        if !due.isEmpty { transaction.erases() }
        for (groupID, caseNumber, movers) in due {
            let evidence = Evidence(
                "retention.purged", result: "done", step: "B3-03", reference: groupID, count: movers
            )
            try dispatch.record(
                evidence, in: nil, for: cause(caseNumber: caseNumber, of: nil, transaction),
                transaction)
        }
    }
}
