import Synchronization
import ZeroMQ

/// What one thread leaves for another (受渡箱): a bounded queue and a wake descriptor.
///
/// A full mailbox is the poster's to handle: `post` says no, and nothing is dropped silently.
final class Mailbox<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    private let limit: Int
    let wake: WakeDescriptor

    init(limit: Int) throws {
        self.limit = limit
        wake = try WakeDescriptor()
    }

    @discardableResult
    func post(_ item: Item) -> Bool {
        let taken = items.withLock { items in
            guard items.count < limit else { return false }
            items.append(item)
            return true
        }
        if taken { wake.signal() }
        return taken
    }

    func takeAll() -> [Item] {
        wake.drain()
        return items.withLock { items in
            guard !items.isEmpty else { return [] }
            let taken = items
            items = []
            return taken
        }
    }
}
