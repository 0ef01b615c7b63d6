/// A configuration a process cannot start with (設定誤り): which file, which field, and what to do.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let file: String
    /// As a path in the document, e.g. `zones[0].endpoint`; empty for the whole.
    package let field: String
    package let problem: String
    /// What the operator does about it.
    package let remedy: String

    package init(file: String, field: String, problem: String, remedy: String) {
        self.file = file
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String {
        let place = field.isEmpty ? "設定ファイル \(file)" : "設定ファイル \(file) の項目 \(field)"
        return "\(place): \(problem)。\(remedy)。"
    }
}
