import Messaging
import ParticipantStore

/// 市町村通知 (A3-03): what a committed change of a 外国人住民 tells 法務省, 直ちに; one notice a file.
///
/// Not for 世帯 and 続柄 alone [P-17], and not for what 法務省 itself told (A3-02). It has no place for a 個人番号.
struct MunicipalNotice {
    /// The reception's type of a change that came from 法務省.
    static let ministryReception = "mojNotice"

    /// How the record changed, in the notice's words.
    enum Kind: String {
        case entry, removal, correction
    }

    /// A new file number, `MN-20251006-00001`.
    static func nextFileNumber(_ transaction: Transaction) throws -> String {
        let day = transaction.now.day.date8
        let serial = String(try RegisterStore.next("municipal-notice-\(day)", transaction.database))
        return "MN-\(day)-\(String(repeating: "0", count: max(0, 5 - serial.count)))\(serial)"
    }

    /// The notice of one change, or nil where none is due.
    ///
    /// `fileNumber` is the register's own, new for each notice; `receptionType` says where the change came from.
    static func draft(
        before: ResidentRecord?, after: ResidentRecord, receptionType: String, fileNumber: String,
        ownMunicipality: String, at: Instant
    ) throws -> Draft? {
        guard receptionType != ministryReception, let kind = kind(before, after) else { return nil }
        var notice = after.fields([
            .nameKanji, .residenceCardNumber, .moveReason, .currentMunicipalityCode,
            .currentPostalCode, .currentAddress, .currentAddressAnnex, .previousMunicipalityCode,
            .previousAddress,
        ])
        notice["birthDate"] = after[.foreignBirthDate] ?? after[.birthDate]
        notice["noticeSequence"] = .integer(1)
        notice["changeKind"] = .text(kind.rawValue)
        notice["changeDate"] = .text(date(of: kind, after) ?? at.day.iso)
        notice["changedAt"] = .text(at.rfc3339)
        let file: JSONFields = [
            "fileNumber": .text(fileNumber),
            "municipalityCode": .text(try MunicipalityCode(ownMunicipality).five),
            "notices": .array([.object(notice)]),
        ]
        return try Draft("municipal-notice.created/v1", file).performing("A3-03")
    }

    private static func kind(_ before: ResidentRecord?, _ after: ResidentRecord) -> Kind? {
        guard after[.article30_45Category] != nil || before?[.article30_45Category] != nil else {
            return nil
        }
        let removed = after.text(.removalCategory) ?? "none" != "none"
        guard let before, before.text(.removalCategory) ?? "none" == "none" else {
            return removed ? nil : .entry
        }
        if removed { return .removal }
        return notifiable.contains { before[$0] != after[$0] } ? .correction : nil
    }

    private static func date(of kind: Kind, _ record: ResidentRecord) -> String? {
        switch kind {
        case .entry: record.date(.becameResidentDate)?.date?.iso
        case .removal: record.date(.removalMoveDate)?.date?.iso
        case .correction: record.date(.addressFixedDate)?.date?.iso
        }
    }

    /// Items whose change is told (入管法61条の8の2, 施行令 [INF]).
    private static let notifiable: [F1Item] = [
        .nameKanji, .foreignLegalNameKanji, .foreignParallelNameKanji, .foreignAliasKanji,
        .birthDate, .foreignBirthDate, .sexCode, .nationalityCode, .residenceCardNumber,
        .residenceStatusCode, .article30_45Category, .periodOfStay, .periodOfStayExpiry,
        .currentMunicipalityCode, .currentPostalCode, .currentAddress, .currentAddressAnnex,
    ]
}
