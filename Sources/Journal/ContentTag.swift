/// The keyed mark by which a repeated number is compared with its original (内容照合符).
///
/// Sixteen bytes the hub computes under a key of its own; the journal only keeps and returns them.
/// Being keyed, it lets nobody who holds the evidence guess what the content was.
package struct ContentTag: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
