/// Which day's messages are compared (日次件数突合), a day in Japan as `YYYY-MM-DD`.
package struct CountQuery: Codable, Sendable {
    package var day: String
    package init(day: String) { self.day = day }
}

/// One day's messages as both ends have them (日次件数): what the sender was told is taken, and what the
/// receiver has told is done.
package struct DailyCounts: Codable, Sendable {
    package struct Row: Codable, Sendable {
        package var link: String?
        package var step: String?
        package var topic: String
        package var source: String
        package var recipient: String
        /// Acknowledged to the sender.
        package var admitted: UInt64
        /// Acknowledged by the receiver.
        package var settled: UInt64
        /// Ended otherwise: 期限切れ, 処理対象外, 保留解除.
        package var ended: UInt64

        package init(
            link: String?, step: String?, topic: String, source: String, recipient: String,
            admitted: UInt64, settled: UInt64, ended: UInt64
        ) {
            self.link = link
            self.step = step
            self.topic = topic
            self.source = source
            self.recipient = recipient
            self.admitted = admitted
            self.settled = settled
            self.ended = ended
        }

        /// Both ends have the same number.
        package var agrees: Bool { admitted == settled }
    }

    package var zone: String
    package var day: String
    package var rows: [Row]

    package init(zone: String, day: String, rows: [Row]) {
        self.zone = zone
        self.day = day
        self.rows = rows
    }
}
