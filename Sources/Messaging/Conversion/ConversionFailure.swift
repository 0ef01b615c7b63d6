/// Why a message cannot be handed to a receiver of another version (版変換不能), with the places concerned,
/// never their values.
package struct ConversionFailure: Error, Hashable, Sendable {
    package enum Code: String, Hashable, Sendable {
        /// A value would be dropped, and the receiver is not registered as accepting the loss.
        case wouldLose = "conversion-would-lose"
        /// The older or newer version has no way to say this.
        case refused = "conversion-refused"
        /// The same, but the receiver answers it itself: it is delivered as it was sent.
        case leftToReceiver = "conversion-left-to-receiver"
        /// The registry has no converter between two neighbours on the way.
        case missing = "conversion-missing"
        /// What came out does not fit the receiver's layout.
        case invalid = "conversion-invalid"
    }

    package let code: Code
    /// JSON pointers into the content, at most ``pointerLimit``.
    package let pointers: [String]

    package static let pointerLimit = 8

    package init(_ code: Code, pointers: [String] = []) {
        self.code = code
        self.pointers = Array(pointers.prefix(Self.pointerLimit))
    }
}
