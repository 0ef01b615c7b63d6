/// What is wrong with a scenario, a people file or a lab's settings (シナリオの誤り).
///
/// It names places and rules, never a value.
package struct ScenarioFault: Error, Hashable, CustomStringConvertible {
    package let file: String
    /// JSON pointer or line, when known.
    package let place: String?
    package let text: String

    package init(file: String, line: Int? = nil, column: Int? = nil, _ text: String) {
        self.file = file
        place = line.map { "line \($0)" + (column.map { ":\($0)" } ?? "") }
        self.text = text
    }

    package init(file: String, pointer: String, _ text: String) {
        self.file = file
        place = pointer.isEmpty ? "/" : Self.withoutNumbers(pointer)
        self.text = text
    }

    /// Somebody's number may stand where a name belongs: a run of more than ten digits becomes one `*`.
    private static func withoutNumbers(_ pointer: String) -> String {
        var text = ""
        var run = ""
        for character in pointer + "/" {
            if character.unicodeScalars.allSatisfy({ $0.properties.numericType == .decimal }) {
                run.append(character)
                continue
            }
            text += run.count > 10 ? "*" : run
            run = ""
            text.append(character)
        }
        return String(text.dropLast())
    }

    package var description: String {
        [file, place, text].compactMap(\.self).joined(separator: ": ")
    }
}
