package import Messaging

/// The book every use of a flash memory is written into (媒体使用簿, R-067, R-098).
///
/// Only registered media; a purpose, and the approval of another person, before the use; encrypted; and erased, with a
/// record of it, before the medium is used again.
package struct MediaLedger: Hashable, Sendable {
    /// Why a use of a medium was not allowed; its raw value is the stable code.
    package enum Fault: String, Error, Hashable, Sendable {
        case unregistered = "medium-unregistered"
        case unapproved = "approval-missing"
        case approvedByOperator = "approver-is-operator"
        case withoutPurpose = "purpose-missing"
        case unencrypted = "medium-unencrypted"
        case notErased = "medium-not-erased"
        case unused = "medium-not-in-use"
    }

    /// What somebody wants to use a medium for.
    package struct Use: Hashable, Sendable {
        let medium: String
        let purpose: String
        let operatorID: String
        /// 所属長 or 責任者 who approved it beforehand (AMB-30).
        let approver: String?
        let isEncrypted: Bool

        package init(
            medium: String, purpose: String, operatorID: String, approver: String?,
            isEncrypted: Bool
        ) {
            self.medium = medium
            self.purpose = purpose
            self.operatorID = operatorID
            self.approver = approver
            self.isEncrypted = isEncrypted
        }
    }

    package struct Entry: Hashable, Sendable {
        /// 媒体使用簿の番号.
        package let id: String
        let use: Use
        let usedAt: Instant
        package internal(set) var erasure: Erasure?
    }

    /// The proof that a medium was erased (消去記録).
    package struct Erasure: Hashable, Sendable {
        let record: String
        let at: Instant
    }

    let registered: Set<String>
    package private(set) var entries: [Entry] = []

    package init(registered: [String]) { self.registered = Set(registered) }

    package func check(_ use: Use) throws(Fault) {
        guard registered.contains(use.medium) else { throw .unregistered }
        guard !use.purpose.isEmpty else { throw .withoutPurpose }
        guard let approver = use.approver, !approver.isEmpty else { throw .unapproved }
        guard approver != use.operatorID else { throw .approvedByOperator }
        guard use.isEncrypted else { throw .unencrypted }
        guard !isInUse(use.medium) else { throw .notErased }
    }

    /// Writes a use into the book; one that ``check(_:)`` does not allow only for a test that wants a wrong transfer.
    package mutating func open(_ use: Use, now: Instant) -> Entry {
        let entry = Entry(
            id: "L\(now.day.date8)-\(Self.digits(entries.count + 1, 4))", use: use, usedAt: now)
        entries.append(entry)
        return entry
    }

    /// Closes every open entry of a medium by an erase record.
    package mutating func erase(_ medium: String, now: Instant) throws(Fault) -> Erasure {
        guard isInUse(medium) else { throw .unused }
        let erasure = Erasure(
            record:
                "ER\(now.day.date8)-\(Self.digits(entries.count(where: { $0.erasure != nil }) + 1, 4))",
            at: now)
        for index in entries.indices
        where entries[index].use.medium == medium && entries[index].erasure == nil {
            entries[index].erasure = erasure
        }
        return erasure
    }

    func isInUse(_ medium: String) -> Bool { !open(on: medium).isEmpty }

    /// The entries of a medium that no erase record has closed.
    func open(on medium: String) -> [Entry] {
        entries.filter { $0.use.medium == medium && $0.erasure == nil }
    }

    static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
