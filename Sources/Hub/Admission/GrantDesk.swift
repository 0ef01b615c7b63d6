package import Logging
package import Messaging
package import Platform

/// Whether the person at the terminal may do this now (操作権限の検査; R-060…R-063).
///
/// The file of grants is looked at before each human command and read again when it has changed, so that a right
/// taken away is gone at the next command. A file that cannot be read leaves what stood before, and is said
/// so once.
package struct GrantDesk: Sendable {
    private let path: String?
    private var version: FileVersion?
    private var operators: [String: Grants.Grantee] = [:]
    private var terminals: [String: Grants.Terminal] = [:]
    private let functions: [OperatorFunction]
    private let logger: Logger

    /// Throws where there is a path and its file is no grants, or grants a function that the catalogue has not.
    package init(
        path: String?, functions: [OperatorFunction], logger: Logger
    ) throws(ConfigurationError) {
        self.path = path
        self.functions = functions
        self.logger = logger
        guard let path else { return }
        version = FileVersion(of: path)
        take(try Self.read(path, functions))
    }

    /// Whether anybody is asked at all.
    package var isActive: Bool { path != nil }

    private static func read(
        _ path: String, _ functions: [OperatorFunction]
    ) throws(ConfigurationError) -> Grants {
        let grants = try Grants.load(path)
        let known = Set(functions.map(\.id))
        for (index, grantee) in grants.operators.enumerated() {
            guard let unknown = grantee.functions.first(where: { !known.contains($0) }) else {
                continue
            }
            throw ConfigurationError(
                file: path, field: "operators[\(index)].functions",
                problem: "利用機能 \(unknown) はありません",
                remedy: "Schemas/catalogue/functions.json を見てください")
        }
        return grants
    }

    private mutating func take(_ grants: Grants) {
        operators = Dictionary(
            grants.operators.map { ($0.id.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
        terminals = Dictionary(
            grants.terminals.map { ($0.id.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private mutating func refresh() {
        guard let path, let now = FileVersion(of: path), now != version else { return }
        version = now
        do throws(ConfigurationError) {
            take(try Self.read(path, functions))
            logger.notice("grants.read", metadata: ["file": "\(path)"])
        } catch {
            logger.critical("grants.unreadable", metadata: ["error": "\(error)"])
        }
    }

    /// What one human command names.
    package struct Command {
        package var operatorID: String
        package var terminal: String
        package var factor: AuthenticationFactor?
        package var type: MessageTypeName
        package var sender: ParticipantID
    }

    /// Refuses in this order: who may do it, whether still, from this terminal, and how they have shown who they are.
    package mutating func examine(_ command: Command, now: Instant) throws(Refusal) {
        guard isActive else { return }
        refresh()
        let wanted = functions.filter { $0.types.contains(command.type) }
        guard let grantee = operators[command.operatorID],
            let function = wanted.first(where: { grantee.functions.contains($0.id) })
        else { throw Refusal(.operatorNotGranted, pointer: "#operator") }
        guard isCurrent(grantee.from, grantee.to, now) else {
            throw Refusal(.grantExpired, pointer: "#operator")
        }
        guard let terminal = terminals[command.terminal], terminal.participant == command.sender,
            isCurrent(terminal.from, terminal.to, now)
        else { throw Refusal(.terminalNotRegistered, pointer: "#terminal") }
        if let demanded = function.factor {
            guard let factor = command.factor, factor.satisfies(demanded) else {
                throw Refusal(
                    .factorMissing, pointer: "#authfactor", detail: demanded.rawValue)
            }
        }
    }

    private func isCurrent(_ from: Instant?, _ to: Instant?, _ now: Instant) -> Bool {
        if let from, now < from { return false }
        if let to, now >= to { return false }
        return true
    }
}

extension AuthenticationFactor {
    /// 生体認証 stands for any other factor.
    fileprivate func satisfies(_ demanded: AuthenticationFactor) -> Bool {
        self == demanded || self == .biometric
    }
}
