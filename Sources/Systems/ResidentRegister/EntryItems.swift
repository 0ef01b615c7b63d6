/// Which items the counter may enter for which 異動 (届出の様式; R-032): what a form has no place for is not taken.
enum EntryItems {
    static func allowed(for reason: Reason) -> Set<F1Item> {
        switch reason.kind {
        case .entry: entry
        case .moveOut: moveOut
        case .removal: [.removalMoveDate, .removalNotifiedDate, .remarks]
        case .numberRequest, .codeChange, .cancellation: [.remarks]
        case .amendment: amendment(reason)
        }
    }

    private static func amendment(_ reason: Reason) -> Set<F1Item> {
        switch reason {
        case .addressChange: address.union(household)
        case .householdSplit, .householdMerge, .householdChange, .householdHeadChange: household
        case .formerSurnameEntry, .formerSurnameChange:
            [.formerSurnameKana, .formerSurnameKanji, .remarks]
        case .formerSurnameRemoval: [.remarks]
        case .aliasEntry, .aliasRemoval: [.foreignAliasKana, .foreignAliasKanji, .remarks]
        default: correction
        }
    }

    private static let household: Set<F1Item> = [
        .householdNumber, .householdHeadName, .householdHeadNameKana, .relationshipCode, .remarks,
    ]

    private static let address: Set<F1Item> = [
        .administrativeDistrictCode, .currentPostalCode, .currentMunicipalityCode,
        .currentTownAreaCode, .currentAddress, .currentAddressAnnexCode, .currentAddressAnnex,
        .addressFixedDate, .addressFixedNotifiedDate, .foreignAddressFixedDate,
        .foreignAddressFixedNotifiedDate, .residenceNotificationFlag,
    ]

    private static let moveOut: Set<F1Item> = [
        .plannedMoveOutMunicipalityCode, .plannedMoveOutPostalCode, .plannedMoveOutAddress,
        .plannedMoveOutAddressAnnex, .plannedMoveOutHouseholdHeadName, .removalNotifiedDate,
        .remarks,
    ]

    /// Never by hand: numbers of persons, the reasons that follow from the 異動, what a 転入通知 confirms, legacy.
    private static let derived: Set<F1Item> = [
        .juminhyoCode, .addresseeNumber, .moveReason, .removalCategory, .addressFixedReason,
        .addressFixedNotifiedReason, .removalMoveReason, .removalNotifiedReason,
        .confirmedMoveOutMunicipalityCode, .confirmedMoveOutPostalCode, .confirmedMoveOutAddress,
        .confirmedMoveOutAddressAnnex, .confirmedMoveOutHouseholdHeadName,
        .formerSurnameLegacyKanji,
    ]

    private static let entry = Set(F1Item.allCases).subtracting(derived)
        .subtracting(moveOut.subtracting([.remarks])).subtracting([.removalMoveDate])

    /// 職権修正 and the like may touch everything a person may enter, but not the 個人番号 (A1-07 alone writes it).
    private static let correction = Set(F1Item.allCases).subtracting(derived)
        .subtracting([.individualNumber, .removalMoveDate, .removalNotifiedDate])
}
