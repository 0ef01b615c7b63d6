import Messaging

/// By when steps are to be answered here (手順別の期限): seconds by step, in a hub's configuration.
///
/// What it does not name is due as the catalogue's `deadlineSeconds` says.
package struct StepDeadlines: Codable, Hashable, Sendable {
    package var seconds: [String: Int]

    package init(seconds: [String: Int] = [:]) { self.seconds = seconds }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case seconds
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        seconds = try container.decode([String: Int].self, forKey: .seconds)
        for (step, limit) in seconds {
            guard (try? StepID(step)) != nil, (1...31_536_000).contains(limit) else {
                throw container.corrupted(.seconds, "手順番号と秒数(1〜31536000)ではありません")
            }
        }
    }
}
