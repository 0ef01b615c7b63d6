import BusProtocol
import Messaging

/// What one burst delivered, over all zones (受信束), in the order of arrival, until it is settled.
struct DeliveryBatch {
    struct Entry {
        let link: Int
        /// The session it came in; it is answered in no other.
        let epoch: UInt32
        let deliverySequence: UInt64
        let recordBytes: Int
    }

    private(set) var entries: [Entry] = []
    private(set) var messages: [ReceivedMessage] = []

    var count: Int { entries.count }

    mutating func append(_ entry: Entry, _ message: ReceivedMessage) {
        entries.append(entry)
        messages.append(message)
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
    }
}
