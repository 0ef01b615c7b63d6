import Messaging
import ParticipantStore

/// A date that may be 不詳 or not in the calendar (不詳のある日付; DT-2) and must still be carried.
struct FuzzyDate: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Sendable { case exact, nonCalendar, unknown }

    let kind: Kind
    let date: CivilDate?
    let text: String?

    init(_ date: CivilDate) {
        kind = .exact
        self.date = date
        text = nil
    }

    /// Eight digits for the CS; unknown digits are 0 (INF).
    var date8: String { date?.date8 ?? "00000000" }

    /// As it stands in messages and in the register.
    var json: JSONValue {
        var members: JSONFields = ["kind": .text(kind.rawValue)]
        if let date { members["date"] = .text(date.iso) }
        if let text { members["text"] = .text(text) }
        return .object(members)
    }

    /// Reads what `json` writes; nil for anything else.
    init?(_ json: JSONValue?) {
        guard let kind = json?["kind"]?.text.flatMap(Kind.init(rawValue:)) else { return nil }
        self.kind = kind
        if let text = json?["date"]?.text {
            guard let date = try? CivilDate(iso: text) else { return nil }
            self.date = date
        } else {
            date = nil
        }
        text = json?["text"]?.text
    }
}
