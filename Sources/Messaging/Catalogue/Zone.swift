/// A zone as the catalogue describes it (区画).
public struct Zone: Hashable, Sendable, Decodable {
    public let id: ZoneID
    public let ja: String
    public let text: String?
    public let basis: String?
}
