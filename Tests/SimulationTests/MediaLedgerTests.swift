import Messaging
import Simulation
import Testing

@Suite("媒体使用簿 and the users of the terminal")
struct MediaLedgerTests {
    private let now = Instant(secondsSince1970: 1_759_708_800)

    private func use(
        medium: String = "USB-01", purpose: String = "移行", approver: String? = "kanri-03",
        encrypted: Bool = true
    ) -> MediaLedger.Use {
        MediaLedger.Use(
            medium: medium, purpose: purpose, operatorID: "denshi-06", approver: approver,
            isEncrypted: encrypted)
    }

    private func fault(_ use: MediaLedger.Use, in ledger: MediaLedger) -> MediaLedger.Fault? {
        do throws(MediaLedger.Fault) {
            try ledger.check(use)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "R-067: a registered medium, a purpose, the approval of another person, and encryption")
    func rules() {
        let ledger = MediaLedger(registered: ["USB-01"])
        #expect(fault(use(), in: ledger) == nil)
        #expect(fault(use(medium: "USB-99"), in: ledger) == .unregistered)
        #expect(fault(use(purpose: ""), in: ledger) == .withoutPurpose)
        #expect(fault(use(approver: nil), in: ledger) == .unapproved)
        #expect(fault(use(approver: "denshi-06"), in: ledger) == .approvedByOperator)
        #expect(fault(use(encrypted: false), in: ledger) == .unencrypted)
    }

    @Test("R-098: a medium is not used a second time before an erase record closes the first use")
    func erasure() throws {
        var ledger = MediaLedger(registered: ["USB-01", "USB-02"])
        let first = ledger.open(use(), now: now)
        #expect(fault(use(), in: ledger) == .notErased)
        #expect(fault(use(medium: "USB-02"), in: ledger) == nil)
        let erasure = try ledger.erase("USB-01", now: now)
        #expect(ledger.entries.first?.erasure == erasure)
        #expect(fault(use(), in: ledger) == nil)
        #expect(ledger.open(use(), now: now).id != first.id)
        #expect(throws: MediaLedger.Fault.unused) { try ledger.erase("USB-02", now: now) }
    }

    private typealias Account = TerminalAccounts.Account

    @Test(
        "R-064: an ID that several people use is refused when the configuration is read",
        arguments: [
            [("shared", "電子申請担当")], [("kyoyo-01", "電子申請担当")], [("denshi-06", "")],
            [("denshi-06", "山田、鈴木")], [("denshi-06", "山田"), ("denshi-06", "鈴木")],
        ])
    func shared(accounts: [(String, String)]) {
        #expect(throws: TerminalAccounts.Fault.shared) {
            try TerminalAccounts(
                accounts.map { Account(id: $0.0, holder: $0.1, salt: "s", password: "p") })
        }
    }

    @Test("R-064: a user is let in by ID and password of his own, nobody else")
    func admission() throws {
        let accounts = try TerminalAccounts([
            Account(id: "denshi-06", holder: "山田", salt: "a", password: "one"),
            Account(id: "denshi-07", holder: "鈴木", salt: "b", password: "two"),
        ])
        try accounts.admit("denshi-06", password: "one")
        #expect(throws: TerminalAccounts.Denial.wrongPassword) {
            try accounts.admit("denshi-06", password: "two")
        }
        #expect(throws: TerminalAccounts.Denial.unknown) {
            try accounts.admit("denshi-08", password: "one")
        }
    }
}
