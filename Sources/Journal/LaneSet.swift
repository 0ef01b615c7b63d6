package import Messaging

/// The lanes one message stands in (順序列): none where it has no subject, two where numbers join.
package enum LaneSet: Hashable, Sendable {
    case none
    case one(LaneID)
    case many([LaneID])

    package init(_ lanes: [LaneID]) {
        switch lanes.count {
        case 0: self = .none
        case 1: self = .one(lanes[0])
        default: self = .many(lanes)
        }
    }

    package var count: Int {
        switch self {
        case .none: 0
        case .one: 1
        case .many(let lanes): lanes.count
        }
    }

    package var array: [LaneID] {
        switch self {
        case .none: []
        case .one(let lane): [lane]
        case .many(let lanes): lanes
        }
    }

    package func forEach(_ body: (LaneID) -> Void) {
        switch self {
        case .none: break
        case .one(let lane): body(lane)
        case .many(let lanes): lanes.forEach(body)
        }
    }
}
