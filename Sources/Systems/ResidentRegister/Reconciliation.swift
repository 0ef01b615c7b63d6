import GRDB
import Messaging
import Participant
import ParticipantStore

/// What the CS found in one chunk (C4).
struct ReconcileResult: Decodable {
    enum Kind: String, Decodable { case different, missingAtCS, missingAtRegister }

    struct Difference: Decodable {
        let juminhyoCode: String
        let kind: Kind
        let items: [String]?
    }

    let runId: String
    let chunk: Int
    let compared: Int
    let differences: [Difference]
}

/// 既存住基と市町村CSの整合処理 (C4, R-055): the register sends its people in rising 住民票コード, one chunk at a time, and
/// reports what differs when the last is answered. Started by an operator, or by the interval of the settings.
extension RegisterHandler {
    private static let firstCode = "00000000000"
    private static let lastCode = "99999999999"
    /// A run whose chunk nobody answers is given up after a day.
    private static let patience = Duration.seconds(86_400)

    /// F2-1 to F2-20 and 旧氏: what a single 異動 does not decide, and the register can say again at any time.
    private static let compared: Set<String> = [
        "juminhyoCode", "nameKanji", "nameGaijiCount", "nameFurigana", "nameFuriganaUnvoiced",
        "birthDate", "sex", "municipalityCode", "townAreaCode", "postalCode", "address",
        "addressGaijiCount", "individualNumber", "becameResidentDate", "addressFixedDate",
        "notifiedDate", "previousMunicipalityCode", "previousAddress",
        "previousAddressGaijiCount", "relationship", "formerSurnameKanji",
        "formerSurnameGaijiCount", "formerSurnameFurigana",
    ]

    // MARK: Starting

    func startReconciliation(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        guard try ReconcileStore.openRun(transaction.database) == nil else {
            let reply: JSONFields = ["result": .text("refused"), "code": .text("run-open")]
            try dispatch.send(
                try Draft("register-cs.reconcile.report/v1", reply).performing("C4"),
                to: message.envelope.source, for: Cause(message), transaction)
            return
        }
        try begin(
            asker: message.envelope.source, request: message.envelope.id,
            caseNumber: caseNumber(of: message, transaction), transaction)
    }

    /// Starts what is due and gives up what nobody answers.
    func tickReconciliation(_ transaction: Transaction) throws {
        let database = transaction.database
        if let open = try ReconcileStore.openRun(database) {
            guard open.startedAt + Self.patience <= transaction.now else { return }
            try ReconcileStore.finish(open.runID, state: "unanswered", database)
            try ManualCaseStore.open(
                "reconcile-unanswered", reference: open.runID,
                for: CorrelationID("c-\(open.runID)"), transaction)
            return
        }
        guard settings.reconcileDays > 0 else { return }
        let today = Int64(transaction.now.day.daysSince1970)
        guard let last = try PopulationStore.value("reconcile-day", database) else {
            // The first interval begins when the register does.
            try PopulationStore.raise("reconcile-day", to: today, database)
            return
        }
        guard today >= last + Int64(settings.reconcileDays) else { return }
        try begin(
            asker: ParticipantID("registerTerminal"), request: nil,
            caseNumber: Int64(RegisterStore.next("case", database)), transaction)
    }

    private func begin(
        asker: ParticipantID, request: MessageID?, caseNumber: Int64, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        let runID = try RegisterStore.numbered("K", on: transaction.now.day, database)
        try ReconcileStore.begin(
            runID, asker: asker.rawValue, request: request?.rawValue, caseNumber: caseNumber,
            at: transaction.now, database)
        try PopulationStore.raise(
            "reconcile-day", to: Int64(transaction.now.day.daysSince1970), database)
        try sendChunk(of: runID, transaction)
    }

    private func sendChunk(of runID: String, _ transaction: Transaction) throws {
        let database = transaction.database
        guard let run = try ReconcileStore.run(runID, database) else { return }
        let residents = try PopulationStore.residents(
            afterCode: run.through, limit: settings.reconcileChunk, database)
        let isLast = residents.count < settings.reconcileChunk
        let through =
            isLast ? Self.lastCode : residents.last?.record.text(.juminhyoCode) ?? Self.lastCode
        let body: JSONFields = [
            "runId": .text(runID), "chunk": .integer(Int64(run.chunk + 1)),
            "after": .text(run.through), "through": .text(through), "last": .flag(isLast),
            "residents": .array(try residents.map(identity)),
        ]
        try ReconcileStore.sent(
            runID, chunk: run.chunk + 1, through: through, isLast: isLast, database)
        try dispatch.send(
            try Draft("register-cs.reconcile.request/v1", body).performing("C4"),
            to: ParticipantID("municipalCS"),
            for: cause(caseNumber: run.caseNumber, of: nil, transaction), transaction)
    }

    private func identity(of current: RegisterStore.Current) throws -> JSONValue {
        let update = IdentityUpdate(
            record: current.record, sequence: 1, controlNumber: "C4",
            moveDate: try CivilDate(iso: "1970-01-01"))
        var fields = try update.fields().filter { Self.compared.contains($0.key) }
        // Where no item says it, the day of the 異動 stood in.
        if current.record[.addressFixedNotifiedDate] == nil { fields["notifiedDate"] = nil }
        fields["removed"] = .flag(current.state == .removed)
        return .object(fields)
    }

    // MARK: Answers

    /// An answer to another chunk than the one that is out is an old one.
    func takeReconcileResult(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(ReconcileResult.self, from: message.payload)
        let database = transaction.database
        guard let run = try ReconcileStore.run(result.runId, database), run.chunk == result.chunk
        else { return }
        try ReconcileStore.add(
            run.runID, compared: result.compared, differences: result.differences, database)
        if run.isLast {
            try report(run.runID, transaction)
        } else {
            try sendChunk(of: run.runID, transaction)
        }
    }

    private func report(_ runID: String, _ transaction: Transaction) throws {
        let database = transaction.database
        guard let run = try ReconcileStore.run(runID, database) else { return }
        let state = run.isClean ? "clean" : "mismatch"
        try ReconcileStore.finish(runID, state: state, database)
        let differences = try ReconcileStore.differences(runID, database).map { found in
            var row: JSONFields = [
                "kind": .text(found.kind), "items": .array(found.items.map { .text($0) }),
            ]
            row["addresseeNumber"] = found.addresseeNumber.map { .text($0) }
            return JSONValue.object(row)
        }
        let body: JSONFields = [
            "runId": .text(runID), "result": .text("accepted"), "state": .text(state),
            "compared": .integer(run.compared), "different": .integer(run.different),
            "missingAtCS": .integer(run.missingAtCS),
            "missingAtRegister": .integer(run.missingAtRegister),
            "differences": .array(differences),
        ]
        let zone = try ZoneID("number-use")
        let correlation = try CaseStore.correlation(
            of: run.caseNumber, in: zone, token: token, database)
        let cause = Cause(
            zone: zone, causation: try run.request.map { try MessageID($0) }, operatorID: nil,
            terminal: nil, correlation: { _ in correlation })
        try dispatch.send(
            try Draft("register-cs.reconcile.report/v1", body).performing("C4"),
            to: ParticipantID(run.asker), for: cause, transaction)
        try dispatch.record(
            Evidence(
                "register-cs.reconcile", result: "done", code: state, step: "C4", reference: runID,
                count: Int(run.different + run.missingAtCS + run.missingAtRegister)),
            in: zone, for: cause, transaction)
        guard !run.isClean else { return }
        try ManualCaseStore.open(
            "reconcile-mismatch", reference: runID,
            details: [
                "different": .integer(run.different), "missingAtCS": .integer(run.missingAtCS),
                "missingAtRegister": .integer(run.missingAtRegister),
            ], for: correlation, transaction)
    }
}
