import Messaging

/// 整合性確認 at the two servers (B6-02): what came in chunks, compared with what is kept once it is whole.
struct CheckBook: PartyState {
    private struct Run: Sendable {
        let municipality: String
        let chunkCount: Int
        let recordCount: Int
        let digest: String
        var chunks: [JSONValue] = []
    }

    private struct Tally: Sendable {
        var runs = 0
        var refused = 0
        var lastMismatches = 0
    }

    private var runs: [IdentityServer: [String: Run]] = [:]
    private var tallies: [IdentityServer: Tally] = [:]

    init(people: People) {}

    /// What becomes of one chunk.
    enum Step {
        case received
        case refused(code: String)
        /// The last one: all records of the run.
        case whole([JSONValue])
    }

    /// Takes one chunk; each is expected after the one before it, and the one just taken may come again.
    mutating func take(_ submission: JSONValue, at server: IdentityServer) -> Step {
        let batch = submission["batchId"]?.string ?? ""
        let chunk = submission["chunk"]?.integer ?? 0
        var run =
            runs[server]?[batch]
            ?? Run(
                municipality: submission["municipalityCode"]?.string ?? "",
                chunkCount: submission["chunkCount"]?.integer ?? 1,
                recordCount: submission["recordCount"]?.integer ?? 0,
                digest: submission["digest"]?.string ?? "")
        guard submission["chunkCount"]?.integer == run.chunkCount,
            submission["recordCount"]?.integer == run.recordCount,
            submission["digest"]?.string == run.digest,
            submission["municipalityCode"]?.string == run.municipality
        else { return refuse(batch, at: server, "batch-changed") }
        let records = submission["records"] ?? []
        if chunk == run.chunks.count, run.chunks.last == records { return .received }
        guard chunk == run.chunks.count + 1 else {
            return refuse(batch, at: server, "chunk-out-of-order")
        }
        run.chunks.append(records)
        guard chunk == run.chunkCount else {
            runs[server, default: [:]][batch] = run
            return .received
        }
        let all = run.chunks.flatMap { $0.array ?? [] }
        guard all.count == run.recordCount else {
            return refuse(batch, at: server, "count-mismatch")
        }
        guard ConsistencyDigest.of(all, batch: batch) == run.digest else {
            return refuse(batch, at: server, "digest-mismatch")
        }
        runs[server]?[batch] = nil
        return .whole(all)
    }

    mutating func note(mismatches: Int, at server: IdentityServer) {
        tallies[server, default: Tally()].runs += 1
        tallies[server]?.lastMismatches = mismatches
    }

    private mutating func refuse(
        _ batch: String, at server: IdentityServer, _ code: String
    ) -> Step {
        runs[server]?[batch] = nil
        tallies[server, default: Tally()].refused += 1
        return .refused(code: code)
    }

    func facts(of server: IdentityServer) -> [String: JSONValue] {
        let tally = tallies[server] ?? Tally()
        return [
            "checks": .integer(tally.runs), "checksRefused": .integer(tally.refused),
            "lastCheckMismatches": .integer(tally.lastMismatches),
        ]
    }
}

extension IdentityServer {
    /// 整合性確認 (B6-01 … B6-03): each chunk is answered, the last with the run's result and a record that it was compared.
    func check(_ message: Incoming, in world: inout OutsideWorld) -> [Dispatch] {
        var result: [String: JSONValue] = [
            "batchId": message.payload["batchId"] ?? .null,
            "chunk": message.payload["chunk"] ?? .null,
        ]
        var record: Dispatch?
        switch world[CheckBook.self].take(message.payload, at: self) {
        case .received: result["state"] = "received"
        case .refused(let code):
            result["state"] = "refused"
            result["code"] = .string(code)
        case .whole(let records):
            let mismatches = compare(
                records, of: message.payload["municipalityCode"]?.string ?? "",
                world[IdentityBook.self][keyPath: self.records])
            world[CheckBook.self].note(mismatches: mismatches.count, at: self)
            result["state"] = mismatches.isEmpty ? "matched" : "mismatch"
            result["comparedCount"] = .integer(records.count)
            result["mismatchCount"] = .integer(mismatches.count)
            if !mismatches.isEmpty { result["mismatches"] = .array(Array(mismatches.prefix(500))) }
            record = .record(
                message, "consistency.check.compared", step: "B6-02", count: records.count,
                reference: message.payload["batchId"]?.string)
        }
        let answer = Dispatch.answer(
            to: message, "consistency.check.result/v1", step: "B6-03", .object(result))
        return [record, answer].compactMap(\.self)
    }

    /// 住民票コード and names of items only. What a server has never heard of it cannot call different.
    private func compare(
        _ submitted: [JSONValue], of municipality: String, _ kept: [String: IdentityRecord]
    ) -> [JSONValue] {
        var mismatches: [JSONValue] = []
        var seen: Set<String> = []
        for row in submitted {
            guard let code = row["juminhyoCode"]?.string else { continue }
            seen.insert(code)
            guard let record = kept[code] else {
                mismatches.append(["juminhyoCode": .string(code), "kind": "onlyHere"])
                continue
            }
            var mine: [String: String?] = [
                "nameKanji": record.nameKanji, "birthDate": record.birthDate8, "sex": record.sex,
                "address": record.address, "individualNumber": record.individualNumber,
            ]
            if let reason = record.moveReason { mine["moveReason"] = reason }
            if let date = record.moveDate { mine["moveDate"] = date }
            let fields = ConsistencyDigest.items.filter { name in
                mine[name].map { $0 != row[name]?.string } ?? false
            }
            guard !fields.isEmpty else { continue }
            mismatches.append([
                "juminhyoCode": .string(code), "kind": "different",
                "fields": .array(fields.map(JSONValue.string)),
            ])
        }
        // People of the file nobody has ever reported are the file's, not the municipality's.
        for (code, record) in kept.sorted(by: { $0.key < $1.key })
        where record.municipality == municipality && record.updates > 0 && !record.isRemoved
            && record.moveReason != "moveOut" && !seen.contains(code)
        {
            mismatches.append(["juminhyoCode": .string(code), "kind": "onlyThere"])
        }
        return mismatches
    }
}
