import Messaging

/// One scenario in a lab of its own (シナリオの独立実行): made, started, played, ended.
package enum ScenarioPlay {
    /// Blocks until the lab is gone again; its directory stays, for whoever looks into it.
    package static func run(
        scenario path: String, _ settings: LabSettings,
        _ observe: (ScenarioEvent) -> Void = { _ in }
    ) throws -> ScenarioReport {
        let people = try PeopleFile.read(settings.people)
        let scenario = try ScenarioFile.read(path, schemas: settings.schemas, people: people)
        let lab = try Lab.create(settings.with(scenario))
        defer { lab.stop() }
        try lab.start()
        let session = try LabSession(lab)
        defer { session.close() }
        try LabReadiness.wait(for: lab, session)
        return try ScenarioRunner(
            scenario, file: path, lab: lab, session: session, people: people
        ).run(observe)
    }
}
