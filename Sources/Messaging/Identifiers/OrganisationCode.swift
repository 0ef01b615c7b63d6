/// The six digits of a local government (全国地方公共団体コード), e.g. `082015` for 水戸市.
public struct OrganisationCode: TextIdentifier {
    public let rawValue: String

    /// Accepts six ASCII digits; the check digit is ``MunicipalityCode``'s affair.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, { Grammar.isDigits($0, $1, count: 6) }) else {
            throw InvalidIdentifier(kind: "OrganisationCode", rule: "six digits")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
