internal import Messaging
internal import Operations

/// One step of 別添1 as the catalogue routes it, with what the hubs have counted (手順).
struct FlowStep: Encodable {
    struct Route: Encodable {
        let link: String
        let zone: String
        let from: String
        let to: String
        let type: String
        let typeText: String
        /// Empty: the type has no layout yet and cannot be published.
        let majors: [Int]
        let noIndividualNumber: Bool
        let legalBasis: Bool
        let operatorNeeded: Bool
        let messages: UInt64?
    }

    struct Successor: Encodable {
        let step: String
        let conditional: Bool
        let when: String?
    }

    let step: String
    /// As printed: `B3-⑤`.
    let number: String
    let group: String
    /// The exact words; `<br>` where the assessment breaks the line.
    let text: String
    let kind: String
    let timer: String?
    /// ※特定個人情報を含まない, where it is printed.
    let mark: String?
    let basis: String?
    let tag: String
    let routes: [Route]
    let next: [Successor]
    /// Messages the hubs have counted for this step; nil when none answered.
    let messages: UInt64?

    init(_ step: Step, _ catalogue: Catalogue, _ traffic: FlowTraffic?) {
        self.step = step.id.rawValue
        number = step.number
        group = step.group
        text = step.ja
        kind = step.kind
        timer = step.timer
        mark = step.mark
        basis = step.basis
        tag = step.tag.rawValue
        routes = catalogue.links.flatMap { link in
            link.types.filter { $0.steps.contains(step.id) }.map { message in
                let type = catalogue.type(message.type)
                return Route(
                    link: link.id.rawValue, zone: link.zone.rawValue, from: link.from, to: link.to,
                    type: message.type.rawValue, typeText: type?.ja ?? "",
                    majors: type?.majors ?? [], noIndividualNumber: message.noIndividualNumber,
                    legalBasis: message.legalBasis, operatorNeeded: message.operator,
                    messages: traffic?.count(
                        step: step.id.rawValue, from: link.from, to: link.to,
                        type: message.type.rawValue))
            }
        }
        next = step.next.map {
            Successor(step: $0.step.rawValue, conditional: $0.conditional, when: $0.when)
        }
        messages = traffic?.count(step: step.id.rawValue)
    }
}

/// What the hubs that answer have counted per step and route (通過数).
struct FlowTraffic {
    let flows: [FlowTotals.Flow]

    /// Nil when no hub answers: a catalogue is worth reading without one.
    init?(_ lab: LabOptions) {
        guard let desk = try? HubDesk(lab) else { return nil }
        let replies = desk.askAll(.flowTotals, NoArguments(), as: FlowTotals.self)
        let answers = replies.compactMap { try? $0.result.get() }
        guard !answers.isEmpty else { return nil }
        flows = answers.flatMap(\.flows)
    }

    func count(step: String, from: String? = nil, to: String? = nil, type: String? = nil) -> UInt64
    {
        flows.reduce(0) { sum, flow in
            guard flow.step == step, Self.belongs(flow.source, to: from),
                Self.belongs(flow.recipient, to: to),
                type.map({ flow.topic == $0 || flow.topic.hasPrefix($0 + "/") }) ?? true
            else { return sum }
            return sum + flow.messages
        }
    }

    private static func belongs(_ participant: String, to family: String?) -> Bool {
        family.map { participant == $0 || participant.hasPrefix($0 + "/") } ?? true
    }
}

/// A step for a person's eyes (手順の表示).
enum FlowText {
    static func lines(_ row: FlowStep, _ style: Style) -> [String] {
        let total = row.messages.map { "  \(Figures.grouped($0))件" } ?? ""
        var lines = [
            style.dress("\(row.number)  \(words(row.text, indent: 7))", .strong)
                + style.dress(total, .good),
            "  種類 kind  \(row.kind)",
        ]
        if let mark = row.mark { lines.append("  印 mark    \(mark)") }
        if let timer = row.timer { lines.append("  期限 timer \(timer)") }
        if let basis = row.basis { lines.append("  根拠 basis \(basis)") }
        if row.routes.isEmpty {
            lines.append("  内部の手順 internal: 証跡のみ、電文なし (evidence only, no message)")
        } else {
            lines += table(row.routes).lines(style).map { "  " + $0 }
        }
        for next in row.next {
            let condition = next.conditional ? "  (\(next.when ?? "条件による conditional"))" : ""
            lines.append("  次 then    \(next.step)\(condition)")
        }
        return lines
    }

    /// The assessment's own line breaks as lines.
    static func words(_ text: String, indent: Int) -> String {
        let lines = text.split(separator: "<br>").flatMap { $0.split(whereSeparator: \.isNewline) }
        return lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return String(line)
        }.joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    private static func table(_ routes: [FlowStep.Route]) -> TextTable {
        var table = TextTable([
            .init(heading: "経路 link"), .init(heading: "区域 zone"), .init(heading: "送信元 → 宛先"),
            .init(heading: "電文 type"), .init(heading: "版"), .init(heading: "条件 demands"),
            .init(heading: "通過 count", right: true),
        ])
        for route in routes {
            let demands = [
                route.noIndividualNumber ? "個人番号なし" : nil, route.legalBasis ? "根拠" : nil,
                route.operatorNeeded ? "操作者・端末" : nil,
            ].compactMap { $0 }.joined(separator: " ")
            table.add([
                .init(route.link), .init(route.zone), .init("\(route.from) → \(route.to)"),
                .init("\(route.typeText) \(route.type)"),
                .init(
                    route.majors.isEmpty
                        ? "未定" : route.majors.map { "v\($0)" }.joined(separator: " ")),
                .init(demands), .init(route.messages.map(Figures.grouped) ?? "-"),
            ])
        }
        return table
    }
}
