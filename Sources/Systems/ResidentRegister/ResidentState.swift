/// The life of a 住民票 (住民票の状態; catalogue 6.0): `draft` and `archived` have tables of their own.
enum ResidentState: String, Sendable {
    /// 現に記載されている.
    case current
    /// 転出予定者: the 転出届 is committed, the day has not come; still a resident.
    case plannedMoveOut
    /// 消除 of a 住民票: 除票, kept with reason and date.
    case removed
}
