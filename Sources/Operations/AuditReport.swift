/// Which day is looked into, and what is out of the ordinary here (操作ログの分析条件; R-076).
package struct AuditQuery: Codable, Sendable {
    /// A day in Japan, `YYYY-MM-DD`.
    package var day: String
    /// Office hours, `08:30` and `17:15`.
    package var from: String
    package var to: String
    /// Searches of one operator within an hour from which on they are listed.
    package var searchesAnHour: Int
    package init(day: String, from: String, to: String, searchesAnHour: Int) {
        self.day = day
        self.from = from
        self.to = to
        self.searchesAnHour = searchesAnHour
    }
}

/// What stands out in a day's evidence (操作ログの分析結果): counts and accounts, never who was looked at.
package struct AuditReport: Codable, Sendable {
    package struct Finding: Codable, Sendable, Hashable {
        package enum Kind: String, Codable, Sendable, Hashable {
            /// 時間外の操作: a command outside office hours, or on a Saturday or Sunday.
            case offHours
            /// 認証・権限の失敗: an unknown key, a missing factor, a grant or terminal that is not there.
            case loginFailure
            /// 大量検索
            case bulkSearch
        }
        package var kind: Kind
        /// The operator, or the participant whose attempt it was.
        package var who: String
        package var terminal: String?
        /// A message type, or a refusal's code.
        package var what: String
        package var count: UInt64
        /// The first time that day.
        package var first: String
        package init(
            kind: Kind, who: String, terminal: String?, what: String, count: UInt64, first: String
        ) {
            self.kind = kind
            self.who = who
            self.terminal = terminal
            self.what = what
            self.count = count
            self.first = first
        }
    }

    package var zone: String
    package var day: String
    package var findings: [Finding]

    package init(zone: String, day: String, findings: [Finding]) {
        self.zone = zone
        self.day = day
        self.findings = findings
    }
}
