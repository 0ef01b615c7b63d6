import GRDB
import Messaging
import Participant
import ParticipantStore

/// 情報提供 (C1): a request of another body is checked, then answered from the 副本, refused, or held for a person.
struct Provision {
    /// CL-9.
    enum Reason: String {
        case notPermitted, permitMissingOrInvalid, noReplica, linkCodeUnknown, heldManualRejected

        /// As evidence writes codes.
        var code: String {
            switch self {
            case .notPermitted: "not-permitted"
            case .permitMissingOrInvalid: "permit-missing-or-invalid"
            case .noReplica: "no-replica"
            case .linkCodeUnknown: "link-code-unknown"
            case .heldManualRejected: "held-manual-rejected"
            }
        }
    }

    private enum Verdict {
        case refused(Reason, subject: String?)
        case held(ReplicaStore.Replica, cause: String)
        case provided(ReplicaStore.Replica)
    }

    let dispatch: Dispatch

    /// C1-01 to C1-05; a request already known is a permit used twice, and makes no second record.
    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        guard message.envelope.source.family == "infoNetwork" else {
            throw Refuse("source-not-permitted")
        }
        let request = try PayloadCoding.decode(ProvisionRequest.self, from: message.payload)
        let organisation = message.envelope.organisation
        let cause = Cause(message)
        let reference = request.requestId
        guard try !ProvisionStore.isKnown(reference, organisation, transaction.database) else {
            try check(.permitMissingOrInvalid, reference, cause, transaction)
            return try refuse(
                reference, .permitMissingOrInvalid, step: "C1-02", cause,
                to: message.envelope.source, transaction)
        }
        let asked = min(message.envelope.time, transaction.now)
        switch try judge(request, organisation, asked: asked, transaction) {
        case .refused(let reason, let subject):
            try check(reason, reference, cause, transaction)
            try ProvisionStore.record(
                request, of: subject, as: .refused, reason: reason.rawValue, asked: asked,
                organisation, transaction)
            try refuse(
                reference, reason, step: "C1-02", cause, to: message.envelope.source, transaction)
            try recorded(reference, "refused", reason, cause, transaction)
        case .held(let replica, let flag):
            try check(nil, reference, cause, transaction)
            try ProvisionStore.record(
                request, of: replica.integratedNumber, as: .held, asked: asked, organisation,
                transaction)
            try ProvisionStore.hold(
                request, cause: flag, replicaVersion: replica.version, for: message,
                transaction.database)
            try show(reference, organisation, replica, cause, transaction)
        case .provided(let replica):
            let items = Self.items(request.itemSet, of: replica)
            guard
                let answer = answer(
                    reference, request.listVersion, request.route?.routeId ?? "", items,
                    to: request.requesterPublicKey, isManual: false)
            else {
                try check(.permitMissingOrInvalid, reference, cause, transaction)
                try ProvisionStore.record(
                    request, of: replica.integratedNumber, as: .refused,
                    reason: Reason.permitMissingOrInvalid.rawValue, asked: asked, organisation,
                    transaction)
                try refuse(
                    reference, .permitMissingOrInvalid, step: "C1-02", cause,
                    to: message.envelope.source, transaction)
                return try recorded(
                    reference, "refused", .permitMissingOrInvalid, cause, transaction)
            }
            try check(nil, reference, cause, transaction)
            try ProvisionStore.record(
                request, of: replica.integratedNumber, as: .answered,
                provided: Array(items.keys), asked: asked, organisation, transaction)
            try send(answer, step: "C1-03", cause, to: message.envelope.source, transaction)
            try recorded(reference, "accepted", nil, cause, transaction)
        }
    }

    /// List, permit and route, 符号 of this organisation, 副本, flag: in this order.
    private func judge(
        _ request: ProvisionRequest, _ organisation: OrganisationCode, asked: Instant,
        _ transaction: Transaction
    ) throws -> Verdict {
        let database = transaction.database
        guard let list = try PermissionListStore.inForce(on: asked.day, database),
            try PermissionListStore.permits(request, by: list, database)
        else { return .refused(.notPermitted, subject: nil) }
        guard Self.hasPermit(request, key: list.permitPublicKey, now: transaction.now) else {
            return .refused(.permitMissingOrInvalid, subject: nil)
        }
        guard
            let subject = try LinkCodeStore.subject(of: request.linkCode, organisation, database)
        else { return .refused(.linkCodeUnknown, subject: nil) }
        guard let replica = try ReplicaStore.find(subject, organisation, database),
            replica.isAnswerable
        else { return .refused(.noReplica, subject: subject) }
        let flag = try ReplicaStore.flag(
            on: subject, items: request.itemSet, organisation, database)
        return flag.map { .held(replica, cause: $0) } ?? .provided(replica)
    }

    /// Permit and route are there, for this request, not over, and the permit is the network's own.
    private static func hasPermit(_ request: ProvisionRequest, key: String, now: Instant) -> Bool {
        guard let permit = request.permit, let route = request.route,
            let publicKey = Base64URL.bytes(key)
        else { return false }
        return permit.requestId == request.requestId
            && permit.requestingBodyId == request.requestingBodyId
            && permit.lawItemNo == request.lawItemNo
            && permit.listVersion == request.listVersion
            && permit.issuedAt <= now && now < permit.expiresAt
            && route.requestId == request.requestId
            && route.requestingBodyId == request.requestingBodyId && now < route.expiresAt
            && permit.isSigned(by: publicKey)
    }

    /// What is there of what was asked, and nothing else.
    static func items(_ itemSet: [String], of replica: ReplicaStore.Replica) -> JSONFields {
        replica.items.filter { itemSet.contains($0.key) && $0.value != .null }
    }

    /// The answer, readable by the 情報照会者 alone; nil when its key is none.
    func answer(
        _ requestId: String, _ listVersion: String, _ routeId: String, _ items: JSONFields,
        to publicKey: String, isManual: Bool
    ) -> JSONFields? {
        guard let key = Base64URL.bytes(publicKey),
            let plain = try? PayloadCoding.encode(["items": items]),
            let sealed = try? SealedContent(
                plain, to: key, for: .infoProvision, reference: requestId)
        else { return nil }
        return [
            "requestId": .text(requestId), "listVersion": .text(listVersion),
            "routeId": .text(routeId), "manual": .flag(isManual),
            "encapsulatedKey": .text(Base64URL.text(sealed.encapsulatedKey)),
            "ciphertext": .text(Base64URL.text(sealed.ciphertext)),
        ]
    }

    func send(
        _ answer: JSONFields, step: String, _ cause: Cause, to recipient: ParticipantID,
        _ transaction: Transaction
    ) throws {
        var draft = try Draft("info-provision.response/v1", answer).performing(step).forgotten()
        draft.businessTask = "住民基本台帳に関する事務"
        try dispatch.send(draft, to: recipient, for: cause, transaction)
    }

    func refuse(
        _ requestId: String, _ reason: Reason, step: String, _ cause: Cause,
        to recipient: ParticipantID, _ transaction: Transaction
    ) throws {
        let fields: JSONFields = [
            "requestId": .text(requestId), "reason": .text(reason.rawValue),
        ]
        let draft = try Draft("info-provision.refused/v1", fields).performing(step)
        try dispatch.send(draft, to: recipient, for: cause, transaction)
    }

    /// C1-04, first half: what would be provided is shown to a person (送信内容を改めて確認).
    func show(
        _ requestId: String, _ organisation: OrganisationCode, _ replica: ReplicaStore.Replica,
        _ cause: Cause, _ transaction: Transaction
    ) throws {
        guard
            let held = try ProvisionStore.held(requestId, organisation, transaction.database)
        else { throw StoreError("held-missing", "showing a held request") }
        let fields: JSONFields = [
            "requestId": .text(requestId), "requestingBodyId": .text(held.requestingBody),
            "lawItemNo": .text(held.lawItem), "listVersion": .text(held.listVersion),
            "itemSet": .array(held.itemSet.map { .text($0) }),
            "integratedAddresseeNumber": .text(held.subject),
            "requestedAt": .text(held.requestedAt), "cause": .text(held.cause),
            "items": .object(Self.items(held.itemSet, of: replica)),
        ]
        let draft = try Draft("info-provision.held/v1", fields).performing("C1-04")
        try dispatch.send(draft, to: ParticipantID("intermediateTerminal"), for: cause, transaction)
    }

    /// C1-02 leaves its evidence; no message shows it.
    private func check(
        _ reason: Reason?, _ reference: String, _ cause: Cause, _ transaction: Transaction
    ) throws {
        let evidence = Evidence(
            "info-provision.checked", result: reason == nil ? "accepted" : "refused",
            code: reason?.code, step: "C1-02", reference: reference)
        try dispatch.record(evidence, in: nil, for: cause, transaction)
    }

    /// C1-05: the record of the request is complete.
    func recorded(
        _ reference: String, _ result: String, _ reason: Reason?, _ cause: Cause,
        _ transaction: Transaction
    ) throws {
        let evidence = Evidence(
            "info-provision.recorded", result: result, code: reason?.code, step: "C1-05",
            reference: reference)
        try dispatch.record(evidence, in: nil, for: cause, transaction)
    }
}
