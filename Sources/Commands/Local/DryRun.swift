internal import Messaging
internal import Platform
internal import Simulation

/// What can be said of scenarios without a lab (点検): files, people, steps, types and routes of the catalogue, and the
/// injected content against its layout.
struct DryRun {
    private let command: SimRunCommand
    private let printer: Printer

    init(_ command: SimRunCommand, _ printer: Printer) {
        self.command = command
        self.printer = printer
    }

    private struct Line: Encodable {
        let scenario: String
        let file: String
        let valid: Bool
        let problems: [String]
    }

    func check(_ plans: [ScenarioPlayPlan]) throws {
        let files = try command.making.schemas.files()
        let catalogue = try SchemaOptions.catalogue(files, withLab: true)
        var isClean = true
        for plan in plans where plan.repetition ?? 1 == 1 {
            let settings = try command.making.settings(command.lab.path, beside: plan.path)
            let people = try PeopleFile.read(settings.people)
            let problems = ScenarioRehearsal(
                plan.scenario, people: people, file: plan.path, catalogue: catalogue
            ).problems()
            isClean = isClean && problems.isEmpty
            let line = Line(
                scenario: plan.name, file: plan.file, valid: problems.isEmpty, problems: problems)
            try printer.item(line) {
                let mark =
                    line.valid
                    ? printer.style.dress("✓", .good) : printer.style.dress("✕", .bad)
                return
                    (["\(mark) \(plan.name)  \(plan.scenario.title)"]
                    + problems.map { "     \($0)" }).joined(separator: "\n")
            }
        }
        if !isClean { throw Finding(exit: .failure) }
    }
}
