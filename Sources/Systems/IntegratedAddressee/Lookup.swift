import GRDB
import Messaging
import Participant
import ParticipantStore

/// 宛名の照会: who somebody is by another of his numbers; a 個人番号 only for who may use it.
struct Lookup {
    /// Rows one answer holds.
    private static let rowLimit = 200

    let dispatch: Dispatch
    let policy: AddresseePolicy

    func answer(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(LookupRequest.self, from: message.payload)
        let source = message.envelope.source
        let department = request.department ?? source.rawValue
        let mayUse = policy.maySeeIndividualNumbers(department)
        var reply: JSONFields = ["lookupId": .text(request.lookupId)]
        let code = refusal(of: request, by: source, mayUse: mayUse)
        var found = 0
        var shown = 0
        if let code {
            reply["result"] = .text("refused")
            reply["code"] = .text(code)
        } else {
            let rows = try rows(request, withNumbers: mayUse, transaction.database)
            found = rows.count
            shown = rows.count { $0["individualNumber"] != nil }
            reply["result"] = .text("accepted")
            reply["individualNumbersAllowed"] = .flag(mayUse)
            reply["rows"] = .array(rows)
        }
        try InquiryLogStore.append(
            "lookup", department: department, reference: request.lookupId,
            keys: request.keys.count, found: found, numbersShown: shown,
            result: code ?? "accepted", for: message, now: transaction.now, transaction.database)
        let evidence = Evidence(
            "addressee.lookup", result: code == nil ? "accepted" : "refused", code: code,
            reference: request.lookupId, count: found)
        try dispatch.record(evidence, in: nil, for: Cause(message), transaction)
        let draft = try Draft("addressee.lookup.result/v1", reply).forgotten()
        try dispatch.send(draft, to: source, for: Cause(message), transaction)
    }

    /// 庁内連携 asks for departments; everybody else for itself. A 個人番号 is no key for who may not see one.
    private func refusal(
        of request: LookupRequest, by source: ParticipantID, mayUse: Bool
    ) -> String? {
        if let department = request.department, department != source.rawValue,
            source.family != "officeLinkage"
        {
            return "department-not-permitted"
        }
        return !mayUse && request.keys.contains { $0.individualNumber != nil }
            ? "number-use-not-authorized" : nil
    }

    private func rows(
        _ request: LookupRequest, withNumbers: Bool, _ database: Database
    ) throws -> [JSONValue] {
        var rows: [JSONValue] = []
        for (index, key) in request.keys.enumerated() {
            for pair in try pairs(key, limit: Self.rowLimit - rows.count, database) {
                var row: JSONFields = [
                    "key": .integer(Int64(index)),
                    "integratedAddresseeNumber": .text(pair.integratedNumber),
                    "addresseeNumber": .text(pair.addresseeNumber),
                    "nameKanji": .text(pair.nameKanji), "birthDate": pair.birthDate,
                    "sexCode": .text(pair.sexCode), "currentAddress": .text(pair.address),
                    "state": .text(pair.state), "removalCategory": .text(pair.removalCategory),
                ]
                row["removalMoveDate"] = pair.removalMoveDate
                if withNumbers, let number = pair.individualNumber {
                    row["individualNumber"] = .text(number)
                }
                rows.append(.object(row))
            }
        }
        return rows
    }

    private func pairs(
        _ key: LookupRequest.Key, limit: Int, _ database: Database
    ) throws -> [PairStore.Pair] {
        guard limit > 0 else { return [] }
        if let number = key.integratedAddresseeNumber {
            return try PairStore.pair(integratedNumber: number, database).map { [$0] } ?? []
        }
        if let number = key.addresseeNumber {
            return try PairStore.pair(addresseeNumber: number, database).map { [$0] } ?? []
        }
        if let number = key.individualNumber {
            return try PairStore.pair(individualNumber: number, database).map { [$0] } ?? []
        }
        guard let name = key.nameKanji, let birthDate = key.birthDate else { return [] }
        return try PairStore.pairs(
            nameKanji: name, birthDate: birthDate, limit: limit, database)
    }
}
