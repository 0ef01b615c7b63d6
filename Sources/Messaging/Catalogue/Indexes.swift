/// A family's number in one loaded catalogue (区分の索引). Not to be stored.
public struct FamilyIndex: Hashable, Sendable {
    public let rawValue: UInt16
    init(_ value: Int) { rawValue = UInt16(value) }
}

/// A zone's number in one loaded catalogue (区画の索引). Not to be stored.
public struct ZoneIndex: Hashable, Sendable {
    public let rawValue: UInt16
    init(_ value: Int) { rawValue = UInt16(value) }
}

/// A topic's number in one loaded catalogue (電文種別・版の索引). Not to be stored.
public struct TopicIndex: Hashable, Sendable {
    public let rawValue: UInt16
    init(_ value: Int) { rawValue = UInt16(value) }
}
