import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know of the interfaces beside the 異動 (試験用の状態); counts, flags and codes only.
///
/// * `imported`: people of 初期登録; `restrictions`, `restricted` (the subject): 支援措置
/// * `certificatesIssued`, `certificatesRefused`, `certificatesWithNumber`: of the subject or of all
/// * `mojNoticesDrafted`, `mojNoticesManual`, `municipalNoticesAccepted`, `municipalNoticesRefused`
/// * `residenceCardEnding` (last two letters), `periodOfStay`: of the subject
/// * `applications`, `mediaRefused`, `mediaErased` (uses closed by an erase record): 電子申請
/// * `reconcileState` (none, open, clean, mismatch, unanswered), `reconcileCompared`, `reconcileDifferences`: of the latest run
/// * `replicaDifferences`: of the worst 副本照合; `resyncRunning`; `foreignColumns`: columns of the register that are no item of F1
enum InterfaceFactsStore {
    static func add(
        to facts: inout JSONFields, about person: RegisterStore.Current?, _ database: Database
    ) throws {
        let addressee = person?.record.text(.addresseeNumber)
        func set(_ name: String, _ value: Int) { facts[name] = .integer(Int64(value)) }
        set("imported", try PopulationStore.imported(database))
        set("restrictions", try RestrictionStore.count(database))
        facts["restricted"] = .flag(
            try addressee.map { try RestrictionStore.isRestricted($0, database) } ?? false)
        let issues = try IssueStore.counts(addressee, database)
        set("certificatesIssued", issues.issued)
        set("certificatesRefused", issues.refused)
        set("certificatesWithNumber", issues.withNumber)
        set("mojNoticesDrafted", try MojNoticeStore.count("drafted", database))
        set("mojNoticesManual", try MojNoticeStore.count("manual", database))
        set("municipalNoticesAccepted", try MojNoticeStore.municipalNotices("accepted", database))
        set("municipalNoticesRefused", try MojNoticeStore.municipalNotices("refused", database))
        facts["residenceCardEnding"] = .text(
            String((person?.record.text(.residenceCardNumber) ?? "").suffix(2)))
        facts["periodOfStay"] = .text(person?.record.text(.periodOfStay) ?? "")
        let applications = try ApplicationStore.counts(database)
        set("applications", applications.applications)
        set("mediaRefused", applications.refusedTransfers)
        set("mediaErased", applications.erasedMedia)
        let run = try ReconcileStore.latest(database)
        facts["reconcileState"] = .text(run?.state ?? "none")
        facts["reconcileCompared"] = .integer(run?.compared ?? 0)
        facts["reconcileDifferences"] = .integer(run?.found ?? 0)
        facts["replicaDifferences"] = .integer(
            try PopulationStore.value("replica-differences", database) ?? 0)
        facts["resyncRunning"] = .flag(try ResyncStore.running(database) != nil)
        set("foreignColumns", try PopulationStore.foreignColumns(database).count)
    }
}
