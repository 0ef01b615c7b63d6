import Crypto
import Messaging

/// Who may work at the LGWAN terminal (端末の利用者, R-064): each with an ID of his own and a password.
package struct TerminalAccounts: Hashable, Sendable {
    /// One user as the configuration names him.
    package struct Account: Codable, Hashable, Sendable {
        let id: String
        /// The person the ID belongs to, exactly one.
        let holder: String
        /// HMAC-SHA256 of the password under the salt, both hexadecimal digits.
        let salt: String
        let passwordDigest: String

        package init(id: String, holder: String, salt: String, password: String) {
            self.id = id
            self.holder = holder
            self.salt = salt
            passwordDigest = Self.digest(password, salt: salt)
        }

        fileprivate static func digest(_ password: String, salt: String) -> String {
            HMAC<SHA256>.authenticationCode(
                for: Array(password.utf8), using: SymmetricKey(data: Array(salt.utf8))
            ).map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
        }
    }

    /// A set of users that is not accepted; its raw value is the stable code.
    package enum Fault: String, Error, Hashable, Sendable {
        /// One ID for several people, or for nobody in particular.
        case shared = "account-shared"
        case none = "accounts-missing"
    }

    /// Why somebody was not let in; its raw value is the stable code.
    package enum Denial: String, Error, Hashable, Sendable {
        case unknown = "operator-unknown"
        case wrongPassword = "password-wrong"
    }

    /// IDs that say by themselves that several people use them.
    private static let common = [
        "shared", "common", "kyoyo", "kyotsu", "guest", "admin", "user", "staff", "tanto",
    ]

    private let accounts: [String: Account]

    /// Throws ``Fault`` where an ID is shared.
    package init(_ accounts: [Account]) throws(Fault) {
        guard !accounts.isEmpty else { throw .none }
        var known: [String: Account] = [:]
        for account in accounts {
            let word = account.id.split(separator: "-").first.map(String.init) ?? ""
            guard known[account.id] == nil, !account.holder.isEmpty,
                !account.holder.contains(where: { ",、・/".contains($0) }),
                !Self.common.contains(word)
            else { throw .shared }
            known[account.id] = account
        }
        self.accounts = known
    }

    package func admit(_ id: String, password: String) throws(Denial) {
        guard let account = accounts[id] else { throw .unknown }
        guard Account.digest(password, salt: account.salt) == account.passwordDigest else {
            throw .wrongPassword
        }
    }
}
