/// Why a hub cannot start or must stop (連携基盤の誤り): what was tried, what is wrong; no personal data.
package struct HubError: Error, CustomStringConvertible {
    package enum Code: String, Sendable {
        case configuration = "hub-configuration"
        case catalogue = "hub-catalogue"
        case keys = "hub-keys"
        case endpoint = "hub-endpoint"
        /// The journal failed: nothing is acknowledged any more, the process ends non-zero (design §5).
        case journal = "hub-journal"
        case bus = "hub-bus"
    }

    package let code: Code
    package let what: String
    package let cause: String

    package init(_ code: Code, _ what: String, _ cause: String) {
        self.code = code
        self.what = what
        self.cause = cause
    }

    package var description: String { "\(code.rawValue): \(what): \(cause)" }
}
