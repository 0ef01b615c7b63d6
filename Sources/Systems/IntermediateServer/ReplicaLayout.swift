import ParticipantStore

/// What a 副本 may hold: 世帯情報 by the items of 番号法, and nothing else of a 住民票.
enum ReplicaLayout {
    private static let items: Set<String> = [
        "householdNumber", "householdHeadName", "nameKanji", "nameKana", "sexCode", "birthDate",
        "relationshipCode", "currentPostalCode", "currentMunicipalityCode", "currentAddress",
        "currentAddressAnnex", "becameResidentDate", "addressFixedDate", "moveReason",
        "removalCategory", "removalMoveDate", "formerSurnameKana", "formerSurnameKanji",
    ]

    /// The format check before an import: the first item that does not belong here.
    static func stranger(in fields: JSONFields) -> String? {
        fields.keys.filter { !items.contains($0) }.min()
    }
}
