/// A control request that was not carried out (制御要求の誤り): a stable code and a sentence, no value.
package struct ControlFault: Error, Hashable, CustomStringConvertible {
    package let code: String
    package let text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { "\(code): \(text)" }
}
