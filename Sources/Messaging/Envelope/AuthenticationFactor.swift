/// By what else than an id a person has shown who they are (認証要素; ).
public enum AuthenticationFactor: String, Hashable, Sendable, Codable, CaseIterable {
    /// 生体認証
    case biometric
    case password
    /// 暗証番号
    case pin
}
