/// What kept a lab from being made, started or asked (検証環境の障害): infrastructure, not the scenario.
package struct LabFault: Error, Hashable, CustomStringConvertible {
    package let code: String
    package let text: String

    package init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { "\(code): \(text)" }
}
