import Messaging
import Platform

/// What a scenario has the outside do (外部世界の操作): messages as anybody, acts and behaviours of parties.
extension ScenarioRunner {
    func inject(_ injection: Injection) throws -> Outcome {
        if let system = LabCast.systems.first(where: { $0.participant == injection.sender }) {
            return try injectAsSystem(injection, system)
        }
        var request = try request(injection)
        request["operation"] = "inject"
        request["request"] = .string(requestName())
        do {
            let answer = try session.ask(.object(request))
            guard let code = injection.refused, let id = answer["id"]?.string else {
                return Outcome()
            }
            return try expectRefusal(code, of: id, from: injection)
        } catch let fault as ControlFault where fault.code != "timeout" {
            return Outcome(failures: [fault.description])
        }
    }

    private func request(_ injection: Injection) throws -> [String: JSONValue] {
        var request: [String: JSONValue] = [
            "as": .string(injection.sender.rawValue),
            "type": .string(injection.topic.rawValue),
            "to": .array(injection.recipients.map { .string($0.rawValue) }),
            "correlation": .string(try filled(injection.correlation)),
            "payload": try filled(injection.payload),
        ]
        request["zone"] = (injection.zone?.rawValue).map(JSONValue.string)
        request["step"] = (injection.step?.rawValue).map(JSONValue.string)
        request["operator"] = (injection.operatorID?.rawValue).map(JSONValue.string)
        request["terminal"] = (injection.terminal?.rawValue).map(JSONValue.string)
        request["factor"] = injection.factor.map(JSONValue.string)
        request["businessTask"] = injection.businessTask.map(JSONValue.string)
        request["legalBasis"] = injection.legalBasis.map(JSONValue.string)
        if let cause = injection.causation { request["causation"] = .string(try filled(cause)) }
        if let lifetime = injection.expiresIn {
            request["expiry"] = .string((lab.clock.now() + lifetime).rfc3339)
        }
        return request
    }

    /// Waits for the hub's answer to one injected message.
    private func expectRefusal(
        _ code: String, of id: String, from injection: Injection
    ) throws -> Outcome {
        var answer: JSONValue = .null
        _ = try session.wait(until: .now + injection.within) {
            answer = try session.ask([
                "operation": "outcome", "party": .string(injection.sender.rawValue),
                "id": .string(id),
            ])
            return answer["state"]?.string != "waiting"
        }
        return Self.judge(
            expected: code, state: answer["state"]?.string ?? "waiting",
            code: answer["code"]?.string, pointer: answer["pointer"]?.string)
    }

    private static func judge(
        expected: String, state: String, code: String?, pointer: String?
    ) -> Outcome {
        if state == "refused", code == expected { return Outcome() }
        let found = state == "refused" ? "\(code ?? "?") at \(pointer ?? "-")" : state
        return Outcome(failures: ["refused with \(expected) expected, \(found)"])
    }

    /// A system's own process makes way for a client with its key, and comes back.
    private func injectAsSystem(_ injection: Injection, _ system: LabCast.System) throws -> Outcome
    {
        let zone = injection.zone ?? system.zones[0]
        guard system.zones.contains(zone) else {
            return Outcome(failures: ["\(system.participant) has no session in \(zone)"])
        }
        var request = try request(injection)
        request["operation"] = "inject"
        guard case .inject(let dispatch, _) = try ControlRequest(.object(request)) else {
            return Outcome(failures: ["no message"])
        }
        try lab.stop(system.process)
        let refusals: [(code: String, pointer: String?)]
        do {
            let client = try SystemClient(lab, system.participant, zone)
            defer { client.close() }
            refusals = try client.send(dispatch.message, within: injection.within)
        } catch {
            try lab.start(system.process)
            throw error
        }
        try lab.start(system.process)
        try LabReadiness.wait(for: system.process, of: lab, session)
        guard let code = injection.refused else {
            return Outcome(failures: refusals.map { "refused: \($0.code)" })
        }
        return Self.judge(
            expected: code, state: refusals.isEmpty ? "admitted" : "refused",
            code: refusals.last?.code, pointer: refusals.last?.pointer)
    }

    func carryOut(_ act: PartyAct) throws -> Outcome {
        do {
            let answer = try session.ask([
                "operation": "act", "request": .string(requestName()),
                "as": .string(act.party.rawValue), "do": .string(act.verb),
                "with": try filled(act.with),
            ])
            if let code = act.refused { return Outcome(failures: ["\(code) expected, done"]) }
            return Outcome(failures: capture(act.captures, out: answer))
        } catch let fault as ControlFault where fault.code != "timeout" {
            return Outcome(
                failures: fault.code == act.refused ? [] : [MaskedText.masked(fault.description)])
        }
    }

    func behave(_ behaviour: JSONValue) throws -> Outcome {
        guard var request = behaviour.object else { return Outcome(failures: ["no behaviour"]) }
        request["operation"] = "behave"
        request["request"] = .string(requestName())
        do {
            _ = try session.ask(.object(request))
            return Outcome()
        } catch let fault as ControlFault where fault.code != "timeout" {
            return Outcome(failures: [fault.description])
        }
    }

    /// Keeps what stands at each pointer; a sentence for each that leads nowhere.
    func capture(_ captures: [String: String], out answer: JSONValue?) -> [String] {
        captures.sorted { $0.key < $1.key }.compactMap { name, pointer in
            guard let value = answer?.value(at: pointer) else {
                return "nothing stands at \(pointer)"
            }
            self.captures[name] = value
            return nil
        }
    }
}
