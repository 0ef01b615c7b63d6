import Messaging
import Participant

/// What the operator of 電子申請 does at the LGWAN terminal (端末の操作): each with an ID of his own, at this terminal.
///
/// An operation that is not allowed changes nothing, is recorded and told as `result: refused` with its code.
extension LGWANTerminal {
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        let operation = try Operation(arguments, party)
        do throws(PartyRefusal) {
            if !operation.isForced { try operation.admit(in: world[LGWANBook.self].equipment) }
            switch verb {
            case "download": return try list(operation, in: &world)
            case "verify": return try verify(operation, in: &world, now: now)
            case "transfer": return try transfer(operation, in: &world, now: now)
            case "erase": return try erase(operation, in: &world, now: now)
            case "purge": return try purge(operation, in: &world)
            default: throw .verbUnknown
            }
        } catch {
            guard error != .verbUnknown, error != .argumentMissing else { throw error }
            world[LGWANBook.self].noteRefusal(error.code)
            world.told["result"] = "refused"
            world.told["code"] = .string(error.code)
            return [try operation.record(verb, code: error.code, step: "A6-02")]
        }
    }

    /// One request of an operator.
    private struct Operation {
        let arguments: JSONValue
        let party: ParticipantID
        let operatorID: String
        let terminal: String
        /// Whether the terminal's own checks are left out, for a test of the register's.
        let isForced: Bool

        init(_ arguments: JSONValue, _ party: ParticipantID) throws(PartyRefusal) {
            operatorID = arguments["operator"]?.string ?? "denshi-06"
            terminal = arguments["terminal"]?.string ?? LGWANTerminal.terminal
            isForced = arguments["force"]?.bool ?? false
            var members = arguments.object ?? [:]
            members["operator"] = .string(operatorID)
            members["terminal"] = .string(terminal)
            self.arguments = .object(members)
            self.party = party
        }

        func admit(in equipment: ElectronicApplicationEquipment?) throws(PartyRefusal) {
            guard let equipment else { throw PartyRefusal(code: "equipment-missing") }
            guard terminal == LGWANTerminal.terminal else {
                throw PartyRefusal(code: "terminal-unregistered")
            }
            do throws(TerminalAccounts.Denial) {
                try equipment.accounts.admit(
                    operatorID,
                    password: arguments["password"]?.string
                        ?? ElectronicApplicationFiles.labPassword)
            } catch {
                throw PartyRefusal(code: error.rawValue)
            }
        }

        func number() throws(PartyRefusal) -> String {
            guard let number = arguments["application"]?.string else { throw .argumentMissing }
            return number
        }

        func record(
            _ operation: String, code: String? = nil, step: StaticStep
        ) throws(PartyRefusal) -> Dispatch {
            var payload: [String: JSONValue] = [
                "operation": .string("e-application." + operation),
                "result": code == nil ? "done" : "refused",
                "step": .string(step.step.rawValue),
            ]
            payload["reference"] = arguments["application"] ?? arguments["medium"]
            payload["code"] = code.map(JSONValue.string)
            return try Dispatch.begin(
                party, "audit.record/v1", to: LGWANTerminal.hub, step: step, arguments,
                .object(payload))
        }
    }

    private func list(
        _ operation: Operation, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        let book = world[LGWANBook.self]
        world.told["applications"] = .array(
            book.numbers.compactMap { number in
                guard let chain = book[number] else { return nil }
                return [
                    "applicationNumber": .string(number), "version": .integer(chain.newest),
                    "stored": .bool(!chain.isPurged),
                ]
            })
        return [try operation.record("listed", step: "A6-01")]
    }

    /// Verifies once more what is stored: a certificate may have been revoked meanwhile.
    private func verify(
        _ operation: Operation, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        let number = try operation.number()
        guard let chain = world[LGWANBook.self][number] else {
            throw PartyRefusal(code: "application-unknown")
        }
        guard let version = chain[chain.newest] else { throw .argumentInvalid }
        try Self.check(version, in: world, now: now)
        world.told["result"] = "verified"
        return [try operation.record("verified", step: "A6-01")]
    }

    /// The newest version, its signature holding now: only that may go onto a medium.
    private static func check(
        _ version: ApplicationChain.Version, in world: OutsideWorld, now: Instant
    ) throws(PartyRefusal) {
        switch version.state {
        case .verified, .refused: break
        case .rejected(let code): throw PartyRefusal(code: code)
        case .onMedium: throw PartyRefusal(code: "already-on-medium")
        case .imported: throw PartyRefusal(code: "already-imported")
        }
        // Gone only when the ledger is read again: then it was there when this was done.
        guard let content = version.content else { return }
        guard let equipment = world[LGWANBook.self].equipment else {
            throw PartyRefusal(code: "equipment-missing")
        }
        do throws(SignatureFault) {
            try equipment.trust.verify(
                content["application"] ?? .null, content["signature"], at: now)
        } catch {
            throw PartyRefusal(code: error.rawValue)
        }
    }

    // MARK: - A6-02

    private func transfer(
        _ operation: Operation, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        let number = try operation.number()
        let arguments = operation.arguments
        guard let chain = world[LGWANBook.self][number] else {
            throw PartyRefusal(code: "application-unknown")
        }
        let number1 = arguments["version"]?.integer ?? chain.newest
        guard let version = chain[number1] else { throw PartyRefusal(code: "version-unknown") }
        let use = MediaLedger.Use(
            medium: arguments["medium"]?.string ?? "USB-01",
            purpose: arguments["purpose"]?.string ?? "電子申請データの移行",
            operatorID: operation.operatorID, approver: arguments["approver"]?.string,
            isEncrypted: arguments["encrypted"]?.bool ?? true)
        if !operation.isForced {
            guard number1 == chain.newest else {
                world.told["newestVersion"] = .integer(chain.newest)
                throw PartyRefusal(code: "version-superseded")
            }
            try Self.check(version, in: world, now: now)
            do throws(MediaLedger.Fault) {
                try world[LGWANBook.self].media.check(use)
            } catch {
                throw PartyRefusal(code: error.rawValue)
            }
        }
        let entry = world[LGWANBook.self].open(use, now: now)
        let digest = try write(version.content, for: entry, in: &world)
        world[LGWANBook.self][number]?[number1]?.state = .onMedium(entry: entry.id)
        world.told["ledgerEntryId"] = .string(entry.id)
        world.told["result"] = "done"
        return [
            try operation.record("media-transfer", step: "A6-02"),
            try announce(entry, digest, number, version.correlation, operation, now: now),
        ]
    }

    /// Puts the application onto the medium and tells the digest of the file.
    private func write(
        _ content: JSONValue?, for entry: MediaLedger.Entry, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> String {
        guard let writer = world[LGWANBook.self].equipment?.medium else {
            throw PartyRefusal(code: "equipment-missing")
        }
        let application = content?["application"] ?? .null
        let file: [UInt8]
        if entry.use.isEncrypted {
            guard let sealed = try? writer.seal(application, for: entry.id) else {
                throw PartyRefusal(code: "medium-unwritable")
            }
            file = sealed
        } else {
            file = CanonicalJSON.bytes(of: application)
        }
        world.effects.writes[writer.path(of: entry.id)] = file
        return MediumWriter.digest(file)
    }

    /// What the bus carries of it: the entry of the book, and no application data (corrections 10).
    private func announce(
        _ entry: MediaLedger.Entry, _ digest: String, _ number: String,
        _ correlation: CorrelationID,
        _ operation: Operation, now: Instant
    ) throws(PartyRefusal) -> Dispatch {
        var payload: [String: JSONValue] = [
            "ledgerEntryId": .string(entry.id), "mediumId": .string(entry.use.medium),
            "digest": .string(digest), "applicationNumber": .string(number),
        ]
        if let approver = entry.use.approver {
            payload["approverId"] = .string(approver)
            payload["approvedAt"] = .string(now.rfc3339)
        }
        let dispatch = try Dispatch.begin(
            operation.party, "e-application.media-transfer/v1", to: Self.register, step: "A6-02",
            operation.arguments, .object(payload))
        var message = dispatch.message
        // The case the application came in, unless the test names another.
        if message.correlation.rawValue.hasPrefix("act-") { message.correlation = correlation }
        message.authFactor = .password
        return Dispatch(sender: dispatch.sender, zone: dispatch.zone, message: message)
    }

    // MARK: - Destroying by hand

    private func erase(
        _ operation: Operation, in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let medium = operation.arguments["medium"]?.string else { throw .argumentMissing }
        guard let erasure = Self.erase(medium, now: now, in: &world) else {
            throw PartyRefusal(code: MediaLedger.Fault.unused.rawValue)
        }
        world.told["eraseRecordId"] = .string(erasure.record)
        return [try operation.record("medium-erased", step: "A6-02")]
    }

    private func purge(
        _ operation: Operation, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        let number = try operation.number()
        guard var chain = world[LGWANBook.self][number], !chain.isPurged else {
            throw PartyRefusal(code: "application-unknown")
        }
        Self.purge(&chain, number, in: &world)
        world[LGWANBook.self][number] = chain
        return [try operation.record("copy-purged", step: "A6-02")]
    }

    // MARK: - Facts

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[LGWANBook.self]
        let chains = book.chains(of: person?.key)
        var facts: [String: JSONValue] = [
            "applications": .integer(chains.count),
            "downloaded": .integer(chains.reduce(0) { $0 + $1.versions.count }),
            "applicationsStored": .integer(chains.reduce(0) { $0 + $1.stored }),
            "superseded": .integer(chains.reduce(0) { $0 + max(0, $1.versions.count - 1) }),
        ]
        guard person != nil else {
            facts["ledgerEntries"] = .integer(book.media.entries.count)
            facts["mediaInUse"] = .integer(book.media.registered.count { book.media.isInUse($0) })
            facts["eraseRecords"] = .integer(book.media.entries.count { $0.erasure != nil })
            facts["refusedOperations"] = .integer(book.refusals.count)
            facts["lastRefusal"] = book.refusals.last.map(JSONValue.string) ?? .null
            return facts
        }
        guard let chain = chains.last, let newest = chain[chain.newest] else { return facts }
        return facts.merging(Self.facts(of: chain, newest, book)) { $1 }
    }

    /// Of the application that came last.
    private static func facts(
        of chain: ApplicationChain, _ newest: ApplicationChain.Version, _ book: LGWANBook
    ) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [
            "version": .integer(chain.newest), "verified": true, "rejectedBy": .null,
            "refusedBy": .null, "onMedium": false, "imported": false,
            "purged": .bool(chain.isPurged),
            "mediumErased": .bool(
                book.media.entries.allSatisfy {
                    $0.erasure != nil
                } && !book.media.entries.isEmpty),
        ]
        switch newest.state {
        case .verified: break
        case .rejected(let code):
            facts["verified"] = false
            facts["rejectedBy"] = .string(code)
        case .onMedium: facts["onMedium"] = true
        case .imported: facts["imported"] = true
        case .refused(let code): facts["refusedBy"] = .string(code)
        }
        return facts
    }
}
