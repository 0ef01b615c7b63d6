internal import Operations
internal import Platform

/// Follows one case through every zone (案件追跡): asks every hub, and joins what belongs together.
///
/// A case's number is renewed at a zone's edge and only `residentRegister` keeps the pairing (design §3),
/// so the join asks it through ``CasePairing``; without that answer each zone's part is shown alone.
struct CaseTracer {
    let desk: HubDesk
    /// Nil: zones are not joined.
    let pairing: CasePairing?

    init(_ desk: HubDesk, joined: Bool) throws {
        self.desk = desk
        pairing = joined ? try CasePairing(context: desk.context, timeout: desk.timeout) : nil
    }

    /// How many numbers one case may have: three zones, and the cases a crossing may open in each.
    static let caseLimit = 64

    /// Messages of each zone looked at to find the newest.
    static let newestAmong = 200

    typealias ZoneCase = JoinedCase.ZoneCase

    /// What a person's `name` stands for: a case, or the case of a message.
    func cases(named name: String) throws -> [ZoneCase] {
        if name.contains("~") || name.contains(":") {
            let message = try MessageLocator(desk).find(name).summary
            return [ZoneCase(zone: message.zone, correlation: message.correlation)]
        }
        return desk.lines.map { ZoneCase(zone: $0.zone, correlation: name) }
    }

    /// The case of the newest message of any zone, the lab's own questions passed over.
    func newest() throws -> [ZoneCase] {
        let pages = try desk.answers(
            .messageList, MessageQuery(limit: Self.newestAmong), as: MessagePage.self)
        let newest = pages.answers.flatMap(\.answer.messages).filter { !$0.topic.hasPrefix("lab.") }
            .max { $0.time < $1.time }
        guard let newest else {
            throw CommandFailure(
                "nothing-yet", "電文がまだありません (no messages yet)",
                hint: "jukihub sim run Tests/Scenarios/SC-01.yaml", exit: .unknown)
        }
        return [ZoneCase(zone: newest.zone, correlation: newest.correlation)]
    }

    func trace(startingAt start: [ZoneCase]) throws -> JoinedCase {
        var open = start
        var asked: Set<ZoneCase> = []
        var traces: [CaseTrace] = []
        var complete = true
        // Parts whose numbers elsewhere are known, and those the keeper did not answer for.
        var joined: Set<ZoneCase> = []
        var unanswered: [ZoneCase] = []
        while let next = open.popLast(), asked.count < Self.caseLimit {
            guard asked.insert(next).inserted else { continue }
            let line = try desk.line(next.zone)
            switch line.result(
                .caseTrace, CaseReference(correlation: next.correlation), as: CaseTrace.self)
            {
            case .success(let trace) where !trace.hops.isEmpty:
                traces.append(trace)
                guard let pairing, CasePairing.mayCross(trace), !joined.contains(next),
                    unanswered.isEmpty
                else { continue }
                if let others = try pairing.numbers(of: next) {
                    joined.formUnion(others + [next])
                    open += others
                } else {
                    unanswered.append(next)
                }
            case .success: break
            case .failure(let failure) where failure.exit == .infrastructure:
                Printer.message("応答なし no answer: \(next.zone): \(failure.message)")
                complete = false
            case .failure: break
            }
        }
        for one in unanswered where !joined.contains(one) {
            Printer.message(
                "他区域の案件を結合できません not joined over zones: \(CasePairing.keeper) did not answer for \(one.zone)"
            )
        }
        guard !traces.isEmpty else {
            throw CommandFailure(
                "case-unknown", "案件が見つかりません (no zone knows this case)", hint: "jukihub msg ls",
                exit: complete ? .unknown : .infrastructure)
        }
        return JoinedCase(
            correlations: traces.map { ZoneCase(zone: $0.zone, correlation: $0.correlation) },
            state: Self.state(traces.map(\.state), complete: complete),
            hops: traces.flatMap(\.hops).sorted { ($0.time, $0.position) < ($1.time, $1.position) })
    }

    static func state(_ states: [String], complete: Bool) -> JoinedCase.State {
        if states.contains("stuck") { return .stuck }
        if !complete { return .unknown }
        return states.allSatisfy { $0 == "complete" } ? .complete : .waiting
    }
}
