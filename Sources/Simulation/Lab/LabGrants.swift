import Messaging
package import Platform

extension LabCast {
    /// Who acts in a lab, from which terminals (検証環境の権限).
    ///
    /// Entry and confirmation may do the same things, so that it is the systems' own rule of two persons that
    /// parts them; `taishoku-99` has left, and may do nothing any more.
    package static let grants: Grants = {
        let counter = [
            "register.accept", "register.draft", "register.commit", "register.import",
            "register.restrict", "register.reconcile", "mailing.extract", "certificate.issue",
            "manual-case.decide", "identity.verify", "identity.search", "certificate-request.send",
            "card.manage", "cs.correct", "cs.confirm", "cs.check", "cs.export", "moj.notify",
            "moj.import",
        ]
        let replica = ["replica.session", "replica.decide", "replica.export", "replica.purge"]
        return Grants(
            operators: [
                grantee("nyuryoku-01", counter),
                grantee("kakunin-02", counter),
                grantee("kanri-03", counter + ["cs.permit", "cs.approve"] + replica),
                grantee(
                    "madoguchi-04",
                    ["certificate.issue", "identity.verify", "identity.search"]),
                grantee("chukan-05", replica),
                grantee("denshi-06", ["e-application.transfer", "moj.notify", "moj.import"]),
                grantee("taishoku-99", counter, to: "2020-04-01T00:00:00+09:00"),
            ],
            terminals: [
                terminal("RT-01", "registerTerminal"), terminal("RT-02", "registerTerminal"),
                terminal("IT-01", "integratedTerminal"), terminal("IT-02", "integratedTerminal"),
                terminal("IX-01", "intermediateTerminal"),
                terminal("IX-02", "intermediateTerminal"),
                terminal("LG-01", "lgwanTerminal"), terminal("MJ-01", "mojTerminal"),
            ])
    }()

    private static func grantee(
        _ id: StaticString, _ functions: [String], to end: String? = nil
    ) -> Grants.Grantee {
        guard let id = try? OperatorID(id.description) else {
            preconditionFailure("An operator's id follows the grammar.")
        }
        return Grants.Grantee(
            id: id, functions: functions, to: end.flatMap { try? Instant(rfc3339: $0) })
    }

    private static func terminal(
        _ id: StaticString, _ participant: StaticString
    ) -> Grants.Terminal {
        guard let id = try? TerminalID(id.description) else {
            preconditionFailure("A terminal's id follows the grammar.")
        }
        return Grants.Terminal(id: id, participant: OutsideParties.identity(participant))
    }
}
