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

    /// What kind of change a reason makes (異動の区分).
    enum Kind {
        /// 記載 of somebody who has no 住民票 here.
        case entry
        /// 転出届: the 住民票 stays until the day.
        case moveOut
        /// 消除.
        case removal
        /// 修正.
        case amendment
        /// A new 個人番号 is asked for; the 住民票 changes when it comes (A1-07).
        case numberRequest
        /// A new 住民票コード from the pool.
        case codeChange
        /// 取消し, only by `register.change.cancel.request`.
        case cancellation
    }

    var kind: Kind {
        switch self {
        case .domesticMoveIn, .overseasMoveIn, .birth, .exOfficioEntryNaturalised,
            .exOfficioEntryNationalityLoss, .exOfficioEntry:
            .entry
        case .domesticMoveOut, .overseasMoveOut: .moveOut
        case .death, .exOfficioRemovalNaturalised, .exOfficioRemovalNationalityLoss,
            .exOfficioRemoval:
            .removal
        case .individualNumberChangeRequest, .individualNumberExOfficioCorrection,
            .individualNumberExOfficioEntry:
            .numberRequest
        case .juminhyoCodeChangeRequest, .juminhyoCodeExOfficioEntry: .codeChange
        case .cancelIncrease, .cancelDecrease, .cancelCorrection: .cancellation
        case .reformat, .reissue, .addressChange, .minorCorrection, .exOfficioCorrection,
            .clericalCorrection, .householdSplit, .householdMerge, .householdChange,
            .householdHeadChange, .formerSurnameEntry, .formerSurnameChange,
            .formerSurnameRemoval, .aliasEntry, .aliasRemoval:
            .amendment
        }
    }

    /// 除票区分 a removal for this reason leaves (F1-13).
    var removalCategory: String {
        switch self {
        case .domesticMoveOut, .overseasMoveOut: "movedOut"
        case .death: "deceased"
        case .exOfficioRemoval, .exOfficioRemovalNaturalised, .exOfficioRemovalNationalityLoss:
            "exOfficio"
        default: "other"
        }
    }

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
