import GRDB
import Messaging
import Participant
import ParticipantStore

/// 住民票の写し等の発行 (A2-01, A2-02): from the register alone, never from a 仮更新.
struct CertificateIssue {
    enum CertificateType: String, Decodable { case residentRecord, removedRecord }
    enum Scope: String, Decodable { case individual, household }

    struct Request: Decodable {
        struct Applicant: Decodable {
            let kind: String
            let powerOfAttorneyChecked: Bool?
        }

        struct IdentityEvidence: Decodable {
            let checked: Bool
        }

        let addresseeNumber: String
        let certificateType: CertificateType
        let scope: Scope
        let applicant: Applicant
        let requestReason: String?
        let include: [String]
        let identityEvidence: [IdentityEvidence]
    }

    /// What was printed.
    struct Issued {
        let issueNumber: String
        let persons: [RegisterStore.Current]
        let pages: [JSONValue]
        let numberPrinted: Bool
    }

    let request: Request

    /// The certificate, or ``Declined``.
    func perform(_ transaction: Transaction) throws -> Issued {
        let database = transaction.database
        try checkApplicant()
        guard
            let subject = try RegisterStore.current(
                addresseeNumber: request.addresseeNumber, database)
        else { throw Declined("subject-unknown") }
        let isRemoved = subject.record.text(.removalCategory) ?? "none" != "none"
        switch request.certificateType {
        case .residentRecord where isRemoved: throw Declined("removed")
        case .removedRecord where !isRemoved: throw Declined("not-removed")
        case .removedRecord where request.scope == .household:
            throw Declined("scope-not-available")
        case .residentRecord, .removedRecord: break
        }
        let persons = try persons(subject, database)
        for person in persons {
            let number = person.record.text(.addresseeNumber) ?? ""
            guard try !RestrictionStore.isRestricted(number, database) else {
                throw Declined("restricted")
            }
        }
        let include = Set(request.include)
        let pages = persons.map { person in
            JSONValue.object([
                "recordVersion": .integer(person.version),
                "lines": .array(
                    CertificatePrint(
                        record: person.record, include: include, today: transaction.now.day
                    ).lines()),
            ])
        }
        return Issued(
            issueNumber: try RegisterStore.numbered("C", on: transaction.now.day, database),
            persons: persons, pages: pages,
            numberPrinted: include.contains("individualNumber")
                && persons.contains { $0.record[.individualNumber] != nil })
    }

    /// 個人番号 and 住民票コード only for 本人 and 同一世帯, the 個人番号 with a 請求理由 [S:II(1)3⑧-1].
    private func checkApplicant() throws {
        guard request.identityEvidence.contains(where: \.checked) else {
            throw Declined("identity-unchecked")
        }
        if request.applicant.kind == "agent", request.applicant.powerOfAttorneyChecked != true {
            throw Declined("power-of-attorney-missing")
        }
        let isOwn = ["self", "sameHousehold"].contains(request.applicant.kind)
        if request.include.contains("individualNumber") {
            guard isOwn else { throw Declined("individual-number-not-permitted") }
            guard request.requestReason?.isEmpty == false else {
                throw Declined("request-reason-missing")
            }
        }
        if request.include.contains("juminhyoCode"), !isOwn {
            throw Declined("juminhyo-code-not-permitted")
        }
    }

    /// The people on it; 世帯全員 only when everybody of a 届出 has arrived (corrections 13).
    private func persons(
        _ subject: RegisterStore.Current, _ database: Database
    ) throws -> [RegisterStore.Current] {
        guard request.scope == .household, let number = subject.record.text(.householdNumber)
        else { return [subject] }
        let household = try RegisterStore.household(number, database)
        let codes = household.compactMap { $0.record.text(.juminhyoCode) }
        guard try !PopulationStore.hasIncompleteGroup(juminhyoCodes: codes, database) else {
            throw Declined("household-incomplete")
        }
        return household
    }
}

extension RegisterHandler {
    /// A2-01 → A2-02; issued or refused, it is logged with operator, terminal and time.
    func issueCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CertificateIssue.Request.self, from: message.payload)
        guard let operatorID = message.envelope.operatorID else { throw Refuse("operator-missing") }
        var reply: JSONFields = ["addresseeNumber": .text(request.addresseeNumber)]
        var issued: CertificateIssue.Issued?
        let refusal = try attempt(transaction) {
            issued = try CertificateIssue(request: request).perform(transaction)
        }
        if let issued {
            reply["issueNumber"] = .text(issued.issueNumber)
            reply["certificateType"] = .text(request.certificateType.rawValue)
            reply["scope"] = .text(request.scope.rawValue)
            reply["individualNumberPrinted"] = .flag(issued.numberPrinted)
            reply["issuedAt"] = .text(transaction.now.rfc3339)
            reply["persons"] = .array(issued.pages)
        }
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        try IssueStore.add(
            IssueStore.Entry(
                issueNumber: issued?.issueNumber, request: request, code: refusal,
                numberPrinted: issued?.numberPrinted ?? false,
                version: issued?.persons.first?.version, operatorID: operatorID,
                terminal: message.envelope.terminal, at: transaction.now), transaction.database)
        try dispatch.send(
            try Draft("certificate.issued/v1", reply).performing("A2-02")
                .ordered(by: "addresseeNumber:\(request.addresseeNumber)").forgotten(),
            to: message.envelope.source, for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "certificate.issue", result: refusal == nil ? "accepted" : "refused",
                code: refusal, step: "A2-02", reference: issued?.issueNumber,
                count: issued?.persons.count),
            in: message.zone, for: Cause(message), transaction)
    }
}
