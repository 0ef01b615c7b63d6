import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報整合 (B6-01, B6-03; R-054): chunk by chunk to both servers, so that questions at the counter pass in between.
extension CSHandler {
    func receiveConsistency(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "consistency.check.start": try startCheck(message, transaction)
        case "consistency.check.result": try checked(message, transaction)
        default: return false
        }
        return true
    }

    private func startCheck(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CheckStart.self, from: message.payload)
        guard try ConsistencyStore.running(transaction.database) == nil else {
            return try answer(
                message, "consistency.check.report/v1", [:], refusal: "check-running",
                step: StepID("B6-03"), transaction)
        }
        let receivers = request.receivers ?? [Self.prefecture, Self.nation]
        let run = try ConsistencyStore.start(
            chunkSize: settings.consistencyChunk, receivers: receivers, for: message,
            now: transaction.now, transaction.database)
        for receiver in receivers {
            try submit(1, of: run, to: receiver, for: Cause(message), transaction)
        }
    }

    /// The yearly run, and the alarm about one that does not end.
    func tickConsistency(_ transaction: Transaction) throws {
        let database = transaction.database
        if let run = try ConsistencyStore.running(database) {
            guard try ConsistencyStore.isStuck(run, transaction.now, database) else { return }
            try ManualCaseStore.open(
                "consistency-unanswered", reference: run.id, for: run.correlation, transaction)
            return try finish(run, state: "failed", transaction)
        }
        guard settings.consistencyIntervalDays > 0,
            try ConsistencyStore.isDue(
                days: settings.consistencyIntervalDays, transaction.now, database),
            try Int.fetchOne(database, sql: "SELECT 1 FROM identity LIMIT 1") != nil
        else { return }
        let receivers = [Self.prefecture, Self.nation]
        let run = try ConsistencyStore.start(
            chunkSize: settings.consistencyChunk, receivers: receivers, for: nil,
            now: transaction.now, database)
        for receiver in receivers {
            try submit(1, of: run, to: receiver, for: cause(of: run.correlation), transaction)
        }
    }

    private func submit(
        _ chunk: Int, of run: ConsistencyStore.Run, to receiver: String, for cause: Cause,
        _ transaction: Transaction
    ) throws {
        let rows = try ConsistencyStore.rows(chunk: chunk, of: run, transaction.database)
        let records = rows.map { row -> JSONValue in
            .object(
                Dictionary(
                    uniqueKeysWithValues: IdentityStore.noticeItems.map { item in
                        (
                            item.rawValue,
                            (row[item.rawValue] as String?).map { .text($0) } ?? .null
                        )
                    }))
        }
        let fields: JSONFields = [
            "batchId": .text(run.id), "municipalityCode": .text(ownCode),
            "chunk": .integer(Int64(chunk)), "chunkCount": .integer(Int64(run.chunkCount)),
            "recordCount": .integer(Int64(run.recordCount)), "digest": .text(run.digest),
            "records": .array(records),
        ]
        try dispatch.send(
            Draft("consistency.check.submit/v1", fields).performing("B6-01"),
            to: ParticipantID(receiver), for: cause, transaction)
    }

    /// A chunk taken lets the next one go; a judgement ends this server's part.
    private func checked(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(CheckResult.self, from: message.payload)
        let database = transaction.database
        let name = message.envelope.source.family
        guard let run = try ConsistencyStore.find(result.batchId, database) else {
            throw Refuse("check-unknown")
        }
        let receiver = try ConsistencyStore.receivers(of: run.id, database)
            .first { $0.name == name && $0.state == "waiting" }
        guard run.state == "running", let receiver else { return }
        switch result.state {
        case "received":
            guard result.chunk == receiver.chunk, receiver.chunk < run.chunkCount else { return }
            let next = receiver.chunk + 1
            try ConsistencyStore.advance(name, of: run.id, to: next, database)
            try submit(next, of: run, to: name, for: Cause(message), transaction)
        default:
            try judged(result, by: name, run, message, transaction)
        }
    }

    private func judged(
        _ result: CheckResult, by name: String, _ run: ConsistencyStore.Run,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        let mismatches = result.mismatches ?? []
        for mismatch in mismatches {
            try ConsistencyStore.note(
                mismatch.juminhyoCode, kind: mismatch.kind, fields: mismatch.fields ?? [],
                run: run.id, receiver: name, database)
        }
        // What only the server has, a resend cannot correct: nobody here is that person.
        let foreign = mismatches.count { $0.kind == "onlyThere" }
        if foreign > 0 {
            try ManualCaseStore.open(
                "consistency-only-there", reference: "\(run.id):\(name)",
                details: ["count": .integer(Int64(foreign))], for: run.correlation, transaction)
        }
        if result.state == "refused" {
            try ManualCaseStore.open(
                "consistency-refused", reference: "\(run.id):\(name)",
                details: ["code": result.code.map { .text($0) } ?? .null], for: run.correlation,
                transaction)
        }
        try ConsistencyStore.judge(
            name, of: run.id, state: result.state, compared: result.comparedCount ?? 0,
            mismatches: result.mismatchCount ?? Int64(mismatches.count), database)
        let receivers = try ConsistencyStore.receivers(of: run.id, database)
        guard receivers.allSatisfy({ $0.state != "waiting" }) else { return }
        let states = Set(receivers.map(\.state))
        try finish(
            run,
            state: states.contains("refused")
                ? "failed" : states.contains("mismatch") ? "mismatch" : "clean", transaction)
    }

    private func finish(
        _ run: ConsistencyStore.Run, state: String, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try ConsistencyStore.finish(run.id, state: state, database)
        try dispatch.record(
            Evidence(
                "consistency.check", result: state == "failed" ? "failed" : "done", step: "B6-03",
                reference: run.id, count: run.recordCount), in: nil,
            for: cause(of: run.correlation), transaction)
        guard let asker = run.asker, let request = run.request else { return }
        let receivers = try ConsistencyStore.receivers(of: run.id, database)
            .filter { $0.state != "waiting" }
            .map { receiver -> JSONValue in
                .object([
                    "receiver": .text(receiver.name), "state": .text(receiver.state),
                    "comparedCount": .integer(Int64(receiver.compared)),
                    "mismatchCount": .integer(Int64(receiver.mismatches)),
                ])
            }
        var fields: JSONFields = [
            "batchId": .text(run.id),
            "result": .text(state == "failed" ? "refused" : "accepted"),
            "recordCount": .integer(Int64(run.recordCount)), "receivers": .array(receivers),
            "openMismatches": .integer(try ConsistencyStore.openCount(database)),
        ]
        if state == "failed" { fields["code"] = .text("check-failed") }
        let report = try Draft("consistency.check.report/v1", fields).performing("B6-03")
        let cause = Cause(
            zone: run.zone, causation: request, operatorID: nil, terminal: nil
        ) { _ in run.correlation }
        try dispatch.send(report, to: asker, for: cause, transaction)
    }
}

/// 整合性確認の開始.
private struct CheckStart: Decodable {
    let receivers: [String]?
}

/// 整合性確認結果 (B6-03).
private struct CheckResult: Decodable {
    struct Mismatch: Decodable {
        let juminhyoCode: String
        let kind: String
        let fields: [String]?
    }

    let batchId: String
    let chunk: Int
    let state: String
    let code: String?
    let comparedCount: Int64?
    let mismatchCount: Int64?
    let mismatches: [Mismatch]?
}
