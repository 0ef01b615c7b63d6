import Messaging

/// What the LGWAN terminal keeps (LGWAN接続端末の保有データ).
struct LGWANBook: PartyState {
    /// Nil where a stage has none: then no signature can be verified and no medium be written.
    private(set) var equipment: ElectronicApplicationEquipment?
    private(set) var media = MediaLedger(registered: [])
    private var chains: [String: ApplicationChain] = [:]
    /// 受付番号 in the order they came first.
    private var order: [String] = []
    private(set) var refusals: [String] = []

    /// Codes remembered of refused operations.
    private static let refusalLimit = 1_000

    init(people: People) {}

    mutating func equip(_ equipment: ElectronicApplicationEquipment) {
        self.equipment = equipment
        media = MediaLedger(registered: equipment.media)
    }

    subscript(number: String) -> ApplicationChain? {
        get { chains[number] }
        set {
            if chains[number] == nil, newValue != nil { order.append(number) }
            chains[number] = newValue
        }
    }

    /// The chain with a version on a medium under that entry.
    func chain(on entry: String) -> (number: String, version: Int)? {
        for number in order {
            if let version = chains[number]?.version(on: entry) { return (number, version) }
        }
        return nil
    }

    var numbers: [String] { order }

    func chains(of person: String?) -> [ApplicationChain] {
        order.compactMap { chains[$0] }.filter { person == nil || $0.person == person }
    }

    mutating func noteRefusal(_ code: String) {
        refusals.append(code)
        if refusals.count > Self.refusalLimit { refusals.removeFirst() }
    }

    mutating func open(_ use: MediaLedger.Use, now: Instant) -> MediaLedger.Entry {
        media.open(use, now: now)
    }

    mutating func erase(
        _ medium: String, now: Instant
    ) throws(MediaLedger.Fault) -> MediaLedger.Erasure {
        try media.erase(medium, now: now)
    }
}
