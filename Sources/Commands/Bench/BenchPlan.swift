/// What one measurement sends (測定条件).
struct BenchPlan: Sendable, Encodable {
    var name: String
    var messages: Int
    /// Messages sent before the clock starts.
    var warmUp: Int
    var payloadBytes: Int
    /// Persons; each has a lane of its own.
    var subjects: Int
    /// Messages a second; 0 sends as fast as credit lets it.
    var rate: Int
    /// Durable stores on both ends, instead of bare bus clients.
    var durable: Bool

    var total: Int { messages + warmUp }
}
