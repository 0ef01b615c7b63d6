/// 異動事由 of the register (CL-1) and what each becomes at the CS (CL-6): our own identifiers.
enum Reason: String, Sendable {
    case domesticMoveIn, overseasMoveIn, birth, exOfficioEntryNaturalised
    case exOfficioEntryNationalityLoss, exOfficioEntry, reformat, reissue, cancelIncrease
    case domesticMoveOut, overseasMoveOut, death, exOfficioRemovalNaturalised
    case exOfficioRemovalNationalityLoss, exOfficioRemoval, cancelDecrease
    case addressChange, minorCorrection, exOfficioCorrection, clericalCorrection
    case individualNumberChangeRequest, individualNumberExOfficioCorrection
    case individualNumberExOfficioEntry, juminhyoCodeChangeRequest, juminhyoCodeExOfficioEntry
    case householdSplit, householdMerge, householdChange, householdHeadChange
    case formerSurnameEntry, formerSurnameChange, formerSurnameRemoval
    case aliasEntry, aliasRemoval, cancelCorrection

    /// 異動事由 of 本人確認情報 (F2-21).
    var atCS: String {
        switch self {
        case .domesticMoveIn, .overseasMoveIn: "moveIn"
        case .birth: "birth"
        case .exOfficioEntryNaturalised, .exOfficioEntryNationalityLoss, .exOfficioEntry,
            .reformat, .reissue, .cancelIncrease:
            "exOfficioEntry"
        case .domesticMoveOut, .overseasMoveOut: "moveOut"
        case .death: "death"
        case .exOfficioRemovalNaturalised, .exOfficioRemovalNationalityLoss, .exOfficioRemoval,
            .cancelDecrease:
            "exOfficioRemoval"
        case .addressChange: "addressChange"
        case .individualNumberChangeRequest, .individualNumberExOfficioCorrection,
            .individualNumberExOfficioEntry:
            "individualNumberChange"
        case .juminhyoCodeChangeRequest, .juminhyoCodeExOfficioEntry: "juminhyoCodeChange"
        case .minorCorrection, .householdSplit, .householdMerge, .householdChange,
            .householdHeadChange:
            "minorCorrection"
        case .exOfficioCorrection, .clericalCorrection, .formerSurnameEntry, .formerSurnameChange,
            .formerSurnameRemoval, .aliasEntry, .aliasRemoval, .cancelCorrection:
            "exOfficioCorrection"
        }
    }
}
