import Messaging
import Participant
import ParticipantStore

/// 初期登録 of one household (SC-26): into the register at once, and to everybody who keeps something of it; no A1-04.
///
/// Idempotent per 住民票コード. A row that is refused leaves the others alone. Every look-up goes by an index, since a
/// city has three hundred thousand people.
struct PopulationImport {
    struct Request: Decodable {
        let batchId: String
        let residents: [JSONFields]
    }

    let request: Request
    let operatorID: OperatorID
    let ownMunicipality: String
    let settings: RegisterSettings
    let token: () -> UInt64
    private(set) var imported: [RegisterStore.Current] = []
    private(set) var unchanged = 0
    private(set) var refusals: [(row: Int, refusal: RowRefusal)] = []

    init(
        _ request: Request, by operatorID: OperatorID, ownMunicipality: String,
        settings: RegisterSettings, token: @escaping () -> UInt64
    ) {
        self.request = request
        self.operatorID = operatorID
        self.ownMunicipality = ownMunicipality
        self.settings = settings
        self.token = token
    }

    /// Registers the rows that can be.
    mutating func perform(_ transaction: Transaction) throws {
        let head = request.residents.first { $0["relationshipCode"]?.text == "世帯主" }
        var household = request.residents.lazy.compactMap { $0["householdNumber"]?.text }.first
        for (index, fields) in request.residents.enumerated() {
            do {
                var record = try PopulationRow(
                    fields: fields, ownMunicipality: ownMunicipality, today: transaction.now.day
                ).record()
                record[.householdHeadName] = record[.householdHeadName] ?? head?["nameKanji"]
                record[.householdHeadNameKana] =
                    record[.householdHeadNameKana] ?? head?["nameKana"]
                try take(record, household: &household, transaction)
            } catch let refusal as RowRefusal {
                refusals.append((index + 1, refusal))
            }
        }
    }

    private mutating func take(
        _ record: ResidentRecord, household: inout String?, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        var record = record
        let code = record.text(.juminhyoCode) ?? ""
        guard try RegisterStore.current(juminhyoCode: code, database) == nil else {
            unchanged += 1
            return
        }
        if let number = record.text(.addresseeNumber) {
            guard try RegisterStore.current(addresseeNumber: number, database) == nil else {
                throw RowRefusal("addressee-number-taken", [F1Item.addresseeNumber])
            }
        }
        if let number = record.text(.individualNumber),
            try RegisterStore.isOthers(
                individualNumber: number, than: record, database)
        {
            throw RowRefusal("individual-number-taken", [F1Item.individualNumber])
        }
        try number(&record, .addresseeNumber, "addressee", transaction)
        record[.householdNumber] = record[.householdNumber] ?? household.map { .text($0) }
        try number(&record, .householdNumber, "household", transaction)
        household = record.text(.householdNumber)
        let change = RegisterStore.Change(
            draftNumber: try RegisterStore.numbered(
                "I", on: transaction.now.day, digits: 7, database),
            receptionNumber: request.batchId, drafter: operatorID, approver: operatorID,
            verificationReference: nil, version: 1, at: transaction.now)
        let removed = record.text(.removalCategory) != "none"
        let current = RegisterStore.Current(
            record: record, version: 1,
            certificateSubjectID: "c\(Hexadecimal.text(token()))",
            state: removed ? .removed : .current)
        try RegisterStore.commit(
            record, state: current.state, certificateSubjectID: current.certificateSubjectID,
            change, database)
        if removed {
            try ArchiveStore.schedule(
                record.text(.addresseeNumber) ?? "",
                removedOn: record.date(.removalMoveDate)?.date ?? transaction.now.day,
                years: settings.archiveAfterYears, database)
        }
        imported.append(current)
    }

    /// Gives the next number, or keeps the counter above one that came with the row.
    private func number(
        _ record: inout ResidentRecord, _ item: F1Item, _ counter: String,
        _ transaction: Transaction
    ) throws {
        if let given = record.text(item) {
            guard let serial = Int64(given.dropLast()) else { return }
            try PopulationStore.raise(counter, to: serial, transaction.database)
            return
        }
        let serial = String(try RegisterStore.next(counter, transaction.database))
        let padded = String(repeating: "0", count: max(0, 9 - serial.count)) + serial
        record[item] = AddresseeNumber.completed(serial: padded).map { .text($0) }
    }
}

extension RegisterHandler {
    func importPopulation(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(PopulationImport.Request.self, from: message.payload)
        guard let operatorID = message.envelope.operatorID else { throw Refuse("operator-missing") }
        var population = PopulationImport(
            request, by: operatorID, ownMunicipality: organisation.rawValue, settings: settings,
            token: token)
        try population.perform(transaction)
        let cause = try crossing(message, transaction)
        for current in population.imported {
            try loadIdentity(current, for: cause, transaction)
            try announce(current, for: cause, transaction)
        }
        try reply(to: message, about: population, transaction)
    }

    private func reply(
        to message: ReceivedMessage, about population: PopulationImport, _ transaction: Transaction
    ) throws {
        let counts = (
            imported: population.imported.count, unchanged: population.unchanged,
            refused: population.refusals.count
        )
        let nothing = counts.imported + counts.unchanged == 0
        var reply: JSONFields = [
            "batchId": .text(population.request.batchId),
            "result": .text(nothing ? "refused" : "accepted"),
            "imported": .integer(Int64(counts.imported)),
            "unchanged": .integer(Int64(counts.unchanged)),
            "refused": .integer(Int64(counts.refused)),
        ]
        if nothing { reply["code"] = .text("no-valid-row") }
        if counts.refused > 0 {
            reply["refusals"] = .array(
                population.refusals.map { row, refusal in
                    .object([
                        "row": .integer(Int64(row)), "code": .text(refusal.code),
                        "items": .array(refusal.items.prefix(90).map { .text($0) }),
                    ])
                })
        }
        try dispatch.send(
            try Draft("population.import.reply/v1", reply), to: message.envelope.source,
            for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "population.import", result: nothing ? "refused" : "accepted",
                code: nothing ? "no-valid-row" : nil, reference: population.request.batchId,
                count: counts.imported),
            in: message.zone, for: Cause(message), transaction)
    }
}
