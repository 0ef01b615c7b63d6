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

    /// The new draft's number; throws ``Declined``.
    func perform(terminal: TerminalID?, _ transaction: Transaction) throws -> String {
        let database = transaction.database
        guard let drafter else { throw Declined("operator-missing") }
        guard try ReceptionStore.reception(request.receptionNumber, database) != nil else {
            throw Declined("reception-unknown")
        }
        let record = try record(transaction)
        let serial = try RegisterStore.next("draft-\(transaction.now.day.date8)", database)
        let number = "D\(transaction.now.day.date8)-\(padded(serial))"
        try RegisterStore.draft(
            record, number: number, receptionNumber: request.receptionNumber, drafter: drafter,
            terminal: terminal, verificationReference: request.verificationReference,
            at: transaction.now, database)
        if let code = record.text(.juminhyoCode) {
            try CertificateStore.use(code, for: request.receptionNumber, database)
        }
        try ReceptionStore.advance(request.receptionNumber, to: "drafted", database)
        return number
    }

    private func record(_ transaction: Transaction) throws -> ResidentRecord {
        switch Reason(rawValue: request.moveReason) {
        case .domesticMoveIn: return try moveIn(transaction)
        case .addressChange: return try addressChange(transaction)
        default: throw Declined("move-reason-not-supported")
        }
    }

    /// 特例転入: needs the certificate this 届出 holds, and the 本人確認 of B3-03.
    private func moveIn(_ transaction: Transaction) throws -> ResidentRecord {
        let database = transaction.database
        guard let code = request.subject.juminhyoCode else { throw Declined("subject-unknown") }
        guard request.verificationReference != nil else { throw Declined("verification-required") }
        if try RegisterStore.current(juminhyoCode: code, database) != nil {
            throw Declined("already-resident")
        }
        guard let certificate = try CertificateStore.held(code, database),
            certificate.receptionNumber ?? request.receptionNumber == request.receptionNumber
        else { throw Declined("certificate-not-held") }
        if try RegisterStore.hasProvisional(
            receptionNumber: request.receptionNumber, juminhyoCode: code, database)
        {
            throw Declined("already-drafted")
        }
        return try MoveIn(
            certificate: certificate, input: request.counterInput, ownMunicipality: ownMunicipality
        ).record()
    }

    /// 転居: the current row with what was entered at the counter.
    private func addressChange(_ transaction: Transaction) throws -> ResidentRecord {
        guard let number = request.subject.addresseeNumber,
            let current = try RegisterStore.current(addresseeNumber: number, transaction.database)
        else { throw Declined("subject-unknown") }
        var record = current.record
        for (name, value) in request.counterInput {
            guard let item = F1Item(rawValue: name) else { throw Declined("item-unknown") }
            record[item] = value
        }
        let reason = JSONValue.text(Reason.addressChange.rawValue)
        record[.moveReason] = reason
        record[.addressFixedReason] = reason
        record[.addressFixedNotifiedReason] = reason
        return record
    }

    private func padded(_ serial: Int) -> String {
        let digits = String(serial)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
