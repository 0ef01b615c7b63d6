/// What a frame asks or tells (動詞); the second byte of the control frame.
package enum Verb: UInt8, CaseIterable, Sendable {
    case hello = 1
    case welcome = 2
    case pub = 3
    case puback = 4
    case pubnak = 5
    case subscribe = 6
    case credit = 7
    case deliver = 8
    case ack = 9
    case nak = 10
    case term = 11
    case progress = 12
    case ping = 13
    case pong = 14
    case request = 15
    case reply = 16
    case bye = 17
    case fault = 18

    /// Whether record 0 describes the frame (PUBACK's anchor, DELIVER's floor) instead of being one
    /// of the things it carries.
    package var hasHead: Bool {
        switch self {
        case .puback, .deliver: true
        case .hello, .welcome, .pub, .pubnak, .subscribe, .credit, .ack, .nak, .term, .progress,
            .ping, .pong, .request, .reply, .bye, .fault:
            false
        }
    }

    /// How many records such a frame holds, its head included.
    package var recordCounts: ClosedRange<Int> {
        switch self {
        case .hello, .welcome, .credit, .request, .reply, .bye, .fault: 1...1
        case .subscribe: 1...2
        case .ping, .pong: 0...0
        case .pub, .pubnak, .ack, .nak, .term, .progress: 1...WireLimits.recordsPerFrame
        case .puback: 2...WireLimits.recordsPerFrame + 1
        case .deliver: 1...WireLimits.recordsPerFrame + 1
        }
    }

    /// The verb's name in documents and vectors, in capitals.
    package var name: String {
        "\(self)".uppercased()
    }
}
