/// Why a message or a frame was not taken (受付拒否): a stable code, never the value.
///
/// The codes in the order in which admission asks (design §6). Each has a test; the texts are what the
/// sender's operators read.
package enum RefusalCode: String, Sendable, CaseIterable {
    /// A CURVE key this hub does not know, or knows as revoked.
    case unknownKey = "unknown-key"
    case envelopeMalformed = "envelope-malformed"
    /// `source` is not the authenticated identity.
    case sourceForged = "source-forged"
    /// `id` is not this session's incarnation and number.
    case numberMismatch = "number-mismatch"
    /// A number was skipped.
    case sequenceGap = "sequence-gap"
    /// A known number came again with other content.
    case sequenceReused = "sequence-reused"
    case organisationMismatch = "organisation-mismatch"
    case typeUnknown = "type-unknown"
    case versionUnknown = "version-unknown"
    case recipientUnknown = "recipient-unknown"
    /// One of X-01…X-12; the text names it.
    case linkForbidden = "link-forbidden"
    /// No link of the catalogue allows it: deny by default.
    case linkNotAllowed = "link-not-allowed"
    /// The step is not one that this link realises with this type.
    case stepNotOnLink = "step-not-on-link"
    case operatorMissing = "operator-missing"
    case terminalMissing = "terminal-missing"
    /// Nobody has granted this operator the function.
    case operatorNotGranted = "operator-not-granted"
    /// The grant is not in force yet, or not any more.
    case grantExpired = "grant-expired"
    /// Not a registered terminal of this participant.
    case terminalNotRegistered = "terminal-not-registered"
    /// The function demands another factor of authentication.
    case factorMissing = "factor-missing"
    case legalBasisMissing = "legal-basis-missing"
    /// The basis is not one under which this link may carry this type.
    case legalBasisNotOnLink = "legal-basis-not-on-link"
    /// The basis is not in force today (施行日).
    case legalBasisNotInForce = "legal-basis-not-in-force"
    case messageTooLarge = "message-too-large"
    case payloadMalformed = "payload-malformed"
    case payloadInvalid = "payload-invalid"
    /// A valid 個人番号 where the assessment says ※特定個人情報を含まない.
    case individualNumberPresent = "individual-number-present"
    case expired
    /// More messages wait behind this receiver's held lanes than its limit.
    case receiverHeldFull = "receiver-held-full"

    /// What is wrong, for people; Japanese first.
    package var text: String {
        switch self {
        case .unknownKey: "登録のない鍵による接続 (unknown or revoked key)"
        case .envelopeMalformed: "電文ヘッダーを解釈できません (the envelope cannot be read)"
        case .sourceForged: "発信元が認証された識別名と一致しません (source is not the authenticated identity)"
        case .numberMismatch: "電文IDが発信番号と一致しません (id is not this session's number)"
        case .sequenceGap: "発信番号に欠番があります (a number was skipped)"
        case .sequenceReused: "同じ番号で異なる内容です (a known number came with other content)"
        case .organisationMismatch: "団体コードが一致しません (organisation is not this hub's)"
        case .typeUnknown: "電文定義にない種別です (type is not in the catalogue)"
        case .versionUnknown: "電文定義にない版です (version is not in the catalogue)"
        case .recipientUnknown: "宛先が登録されていません (recipient is not registered in this zone)"
        case .linkForbidden: "禁止された経路です (forbidden link)"
        case .linkNotAllowed: "連携定義にない経路です (no link of the catalogue allows this)"
        case .stepNotOnLink: "この経路の事務の流れにない手順番号です (step does not belong to this link)"
        case .operatorMissing: "操作者がありません (operator is required here)"
        case .terminalMissing: "操作端末がありません (terminal is required here)"
        case .operatorNotGranted: "操作者にこの機能の権限がありません (the operator is not granted this function)"
        case .grantExpired: "操作者の権限が有効期間外です (the operator's grant is not in force)"
        case .terminalNotRegistered: "登録されていない端末です (not a registered terminal of this system)"
        case .factorMissing: "本人の認証要素がありません (the operator's authentication factor is missing)"
        case .legalBasisMissing: "法的根拠がありません (legalbasis is required here)"
        case .legalBasisNotOnLink:
            "この経路の法的根拠ではありません (this link does not carry this type on that legal basis)"
        case .legalBasisNotInForce: "この日に有効な法的根拠ではありません (the legal basis is not in force today)"
        case .messageTooLarge: "電文が大きすぎます (message exceeds the limit)"
        case .payloadMalformed: "電文がJSONではありません (payload is not JSON)"
        case .payloadInvalid: "電文が様式に合いません (payload does not match its schema)"
        case .individualNumberPresent:
            "特定個人情報を含まない電文に個人番号があります (an individual number where none may be)"
        case .expired: "有効期限を過ぎています (expirytime has passed)"
        case .receiverHeldFull: "宛先の保留が上限に達しています (receiver's held messages are at their limit)"
        }
    }

    /// What to do next.
    package var hint: String {
        switch self {
        case .unknownKey: "jukihub keys new; register the public key in the hub's configuration"
        case .envelopeMalformed: "compare with Schemas/envelope.md"
        case .sourceForged: "send with the key of the participant that source names"
        case .numberMismatch:
            "derive id from source, incarnation and number: source~incarnation~number"
        case .sequenceGap: "send the missing number first; WELCOME tells the last committed one"
        case .sequenceReused: "a number is used once; after a restore use a new incarnation"
        case .organisationMismatch: "use the organisation of the configuration"
        case .typeUnknown, .versionUnknown: "jukihub schema ls"
        case .recipientUnknown: "jukihub flow ls; register the participant"
        case .linkForbidden, .linkNotAllowed, .stepNotOnLink, .legalBasisNotOnLink:
            "jukihub flow show"
        case .operatorMissing, .terminalMissing:
            "name operator and terminal in the envelope (R-070)"
        case .operatorNotGranted, .grantExpired, .terminalNotRegistered:
            "grants.json of this hub (R-060, R-061, R-062)"
        case .factorMissing: "name authfactor in the envelope (R-060)"
        case .legalBasisMissing: "name legalbasis in the envelope (R-071)"
        case .legalBasisNotInForce: "Schemas/catalogue/legal-bases.json: validFrom, validTo"
        case .messageTooLarge: "split the group, or raise maxMessageBytes"
        case .payloadMalformed, .payloadInvalid: "jukihub schema validate; see pointer"
        case .individualNumberPresent: "remove the number; R-020"
        case .expired: "check the clock, or issue the request again"
        case .receiverHeldFull: "jukihub dead-letter ls; repair the receiver's lanes"
        }
    }
}

/// One refusal with what belongs to it.
package struct Refusal: Error, Sendable {
    package var code: RefusalCode
    /// A JSON pointer into the payload, or an envelope attribute as `#attribute`.
    package var pointer: String?
    /// Without personal data: the link's id, the keyword, an envelope error's code.
    package var detail: String?

    package init(_ code: RefusalCode, pointer: String? = nil, detail: String? = nil) {
        self.code = code
        self.pointer = pointer
        self.detail = detail
    }

    package var text: String { detail.map { "\(code.text): \($0)" } ?? code.text }
}
