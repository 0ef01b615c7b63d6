/// Reads the file of invented people (人物ファイル).
package enum PeopleFile {
    /// Throws `ScenarioFault` and `FileFailure`.
    package static func read(_ path: String) throws -> People {
        try People(yaml: FileText.text(path), file: path)
    }
}
