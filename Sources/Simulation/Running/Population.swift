import FoundationEssentials
import Messaging
import Platform

/// Registers people before a scenario begins (初期登録): real `population.import.request` messages from the terminal of
/// 既存住基, a message a household, and a wait until nothing of it moves any more.
struct Population {
    private let runner: ScenarioRunner

    static let terminal = OutsideParties.identity("registerTerminal")
    private static let city: MunicipalityCode = {
        guard let code = try? MunicipalityCode("08201") else {
            preconditionFailure("水戸市's code has five digits.")
        }
        return code
    }()
    private static let topic = "population.import.request/v1"
    private static let reply = "population.import.reply"
    /// How long the register and everybody behind it may take.
    private static let limit = Duration.seconds(60)
    /// Nothing has moved for so long: what is in no hub's journal is in no outbox either.
    private static let calm = Duration.milliseconds(600)

    init(_ runner: ScenarioRunner) { self.runner = runner }

    /// Sentences about what did not become registered; empty when everybody is.
    func register(
        _ keys: [String], and drawn: GeneratedPopulation?
    ) throws -> [String] {
        var members: [String: [Person]] = [:]
        var order: [String] = []
        for key in keys {
            guard let person = runner.people.byKey[key] else { return ["nobody is called \(key)"] }
            let household = person.items["household"]?.string ?? key
            if members[household] == nil { order.append(household) }
            members[household, default: []].append(person)
        }
        let layout = try PopulationLayout(schemas: runner.lab.description.schemas)
        for household in order {
            try request(layout.record(of: members[household] ?? []), household)
        }
        var households = order.count
        if let drawn {
            let generator = PeopleGenerator(
                count: drawn.count, seed: drawn.seed, city: Self.city,
                today: runner.lab.clock.now().day)
            for household in generator {
                households += 1
                try request(.array(household), "\(households)")
            }
        }
        let failures = try answers(expecting: households)
        guard failures.isEmpty else { return failures }
        guard try runner.session.settle(calm: Self.calm, within: Self.limit) else {
            return ["the import does not settle"]
        }
        return []
    }

    private func request(_ residents: JSONValue, _ household: String) throws {
        let batch = JSONValue.string("setup-\(runner.run)-\(household)")
        _ = try runner.session.ask([
            "operation": "inject", "request": .string(runner.requestName()),
            "as": .string(Self.terminal.rawValue), "to": ["residentRegister"],
            "type": .string(Self.topic), "correlation": batch, "operator": "nyuryoku-01",
            "terminal": "RT-01",
            "payload": ["batchId": batch, "residents": residents],
        ])
    }

    /// What the register answered, once it has answered everything.
    private func answers(expecting count: Int) throws -> [String] {
        var answers: [JSONValue] = []
        let isComplete = try runner.session.wait(until: .now + Self.limit) {
            let received = try runner.session.ask([
                "operation": "received", "party": .string(Self.terminal.rawValue),
                "type": .string(Self.reply),
            ])
            let prefix = "setup-\(runner.run)-"
            answers = (received["messages"]?.array ?? []).compactMap { $0["payload"] }.filter {
                $0["batchId"]?.string?.hasPrefix(prefix) == true
            }
            return answers.count >= count
        }
        var failures: [String] = []
        if !isComplete {
            failures.append("\(answers.count) of \(count) households are answered")
            let refused = try runner.session.ask(["operation": "refusals"])
            for refusal in refused[Self.terminal.rawValue]?.array ?? [] {
                failures.append(
                    "refused: \(refusal["code"]?.string ?? "?") \(refusal["pointer"]?.string ?? "")"
                )
            }
        }
        for answer in answers where answer["refused"]?.integer != 0 {
            let rows = answer["refusals"]?.array ?? []
            failures += rows.map { row in
                let items = (row["items"]?.array ?? []).compactMap(\.string)
                return "row \(row["row"]?.integer ?? 0): \(row["code"]?.string ?? "?") \(items)"
            }
            if rows.isEmpty { failures.append("refused: \(answer["code"]?.string ?? "?")") }
        }
        return failures
    }
}

/// Which items a resident's record has (住民基本台帳ファイルの項目), as the layout of the import says.
private struct PopulationLayout {
    /// Item → whether it is a date that may be unknown.
    private let items: [String: Bool]

    init(schemas: String) throws {
        let schema = try JSONValue(
            parsing: FileText.bytes(
                schemas + "/messages/population.import.request/v1.schema.json"))
        let pointer = "/properties/residents/items/properties"
        let properties = schema.value(at: pointer)?.object ?? [:]
        items = properties.mapValues { property in
            var isFuzzy = false
            property.forEachScalar { text, _ in isFuzzy = isFuzzy || text == "#/$defs/fuzzyDate" }
            return isFuzzy
        }
        guard !items.isEmpty else {
            throw LabFault("schemas-unusable", "the layout of the import has no items")
        }
    }

    /// A household's records; the first 世帯主 is everybody's head.
    func record(of household: [Person]) -> JSONValue {
        let head = household.first { $0.items["relationship"] == "世帯主" } ?? household.first
        return .array(
            household.map { person in
                var record: [String: JSONValue] = [:]
                for (name, value) in derived(person, head).merging(
                    person.items.object ?? [:], uniquingKeysWith: { $1 })
                {
                    guard let isFuzzy = items[name] else { continue }
                    record[name] = isFuzzy ? Self.fuzzy(value) : value
                }
                if let birth = person.items["birthDateFuzzy"] { record["birthDate"] = birth }
                return .object(record)
            })
    }

    /// What follows from the items people are described by; an item of the file's own wins.
    private func derived(_ person: Person, _ head: Person?) -> [String: JSONValue] {
        let source = person.items
        var items: [String: JSONValue] = [
            "currentMunicipalityCode": "082015", "removalCategory": "none",
            "becameResidentDate": "2015-04-01", "becameResidentNotifiedDate": "2015-04-06",
            "addressFixedDate": "2015-04-01", "addressFixedNotifiedDate": "2015-04-06",
            "moveReason": "reformat",
        ]
        items["currentPostalCode"] = source["postalCode"]
        items["currentAddress"] = source["address"]
        items["currentTownAreaCode"] = source["townAreaCode"]
        items["relationshipCode"] = source["relationship"]
        items["householdHeadName"] = head?.items["nameKanji"]
        items["householdHeadNameKana"] = head?.items["nameKana"]
        return items
    }

    private static func fuzzy(_ value: JSONValue) -> JSONValue {
        guard let text = value.string else { return value }
        return ["kind": "exact", "date": .string(text)]
    }
}
