import Messaging

/// What 情報提供ネットワークシステム keeps: 符号, and the requests it has passed on with what came back.
struct ProvisionBook: PartyState {
    /// One 情報照会 and what became of it.
    struct Asked: Hashable, Sendable {
        let person: String?
        let itemSet: [String]
        /// Of the invented 情報照会者, X25519.
        let privateKey: [UInt8]
        var answers = 0
        var reason: String?
        /// The answer, opened; nil while there is none or it does not open.
        var items: JSONValue?
        var isManual = false
    }

    /// From the schema directory; nil where a test has none.
    var lists: PermissionLists?
    private(set) var published: [String] = []
    private(set) var asked: [String: Asked] = [:]
    /// Answers that a key other than the requester's opened: none, or the encryption is not one.
    private(set) var openedByAnotherKey = 0
    private var lastRequest = 0
    /// By 処理通番.
    private var byProcessing: [String: String] = [:]
    /// By 住民票コード: a 符号 derives from that.
    private var byPerson: [String: String] = [:]

    init(people: People) {}

    /// Ed25519, the lab network's own; the published lists announce its public half.
    static let permitKey = [UInt8]("jukihub lab permit signing key 1".utf8)
    /// Signs permits nobody should accept.
    static let foreignKey = [UInt8]("jukihub lab permit signing key 2".utf8)

    // MARK: 符号

    var linkCodes: Int { Set(byPerson.values).count }

    func linkCode(of juminhyoCode: String) -> String? { byPerson[juminhyoCode] }

    /// The 符号 for one 処理通番: the same for the same 住民票コード, however often it is acquired.
    mutating func issue(for processing: String, of juminhyoCode: String) -> (String, serial: Int) {
        let code =
            byProcessing[processing] ?? byPerson[juminhyoCode]
            ?? "XLAB-SYNTHETIC-" + MediaLedger.digits(byPerson.count + 1, 8)
        byProcessing[processing] = code
        byPerson[juminhyoCode] = code
        return (code, byProcessing.count)
    }

    // MARK: 情報照会

    mutating func publish(_ version: String) { published.append(version) }

    mutating func nextRequest(_ day: CivilDate) -> String {
        lastRequest += 1
        return "IR\(day.date8)-" + MediaLedger.digits(lastRequest, 4)
    }

    /// Remembers a request; one asked again keeps what it has been answered.
    mutating func note(_ requestId: String, person: String?, itemSet: [String]) -> [UInt8] {
        let key = Array((requestId + "-requester-key-of-an-invented-body").utf8.prefix(32))
        if asked[requestId] == nil {
            asked[requestId] = Asked(person: person, itemSet: itemSet, privateKey: key)
        }
        return key
    }

    mutating func refused(_ requestId: String, _ reason: String) {
        asked[requestId]?.answers += 1
        asked[requestId]?.reason = reason
    }

    /// Opens an answer with the requester's key, and tries another.
    mutating func answered(_ requestId: String, _ sealed: SealedContent, isManual: Bool) {
        guard var request = asked[requestId] else { return }
        request.answers += 1
        request.isManual = isManual
        if let plain = try? sealed.open(
            with: request.privateKey, for: .infoProvision, reference: requestId)
        {
            request.items = (try? JSONValue(parsing: plain))?["items"]
        }
        if (try? sealed.open(with: Self.foreignKey, for: .infoProvision, reference: requestId))
            != nil
        {
            openedByAnotherKey += 1
        }
        asked[requestId] = request
    }
}
