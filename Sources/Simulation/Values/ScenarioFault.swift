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
        // Somebody's number may stand where a name belongs.
        place = pointer.isEmpty ? "/" : MaskedText.masked(pointer)
        self.text = text
    }

    package var description: String {
        [file, place, text].compactMap(\.self).joined(separator: ": ")
    }
}
