import Foundation
import Messaging
import Platform
import Testing

@Suite("What one city configures: grants, hours, deadlines")
struct InstanceTests {
    private func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

    private func schedule(_ text: String) throws -> Schedule {
        let counterpart = try JSONDecoder().decode(
            OperatingHours.Counterpart.self, from: Data(text.utf8))
        return Schedule(counterpart)
    }

    private static let weekdays =
        #"{"id":"prefecturalServer","weekly":[{"days":["mon","tue","wed","thu","fri"],"from":"08:30","to":"17:15"}],"#
        + #""closedDays":["2025-10-13"],"outages":[{"from":"2025-10-08T10:00:00+09:00","to":"2025-10-08T12:00:00+09:00"}]}"#

    @Test(
        "SC-25: a counterpart is closed outside its hours, on its closed days and in planned outages",
        arguments: [
            ("2025-10-06T09:00:00+09:00", nil),
            ("2025-10-06T08:29:59+09:00", "2025-10-06T08:30:00+09:00"),
            ("2025-10-06T17:14:59+09:00", nil),
            ("2025-10-06T17:15:00+09:00", "2025-10-07T08:30:00+09:00"),
            ("2025-10-10T18:00:00+09:00", "2025-10-14T08:30:00+09:00"),
            ("2025-10-08T10:30:00+09:00", "2025-10-08T12:00:00+09:00"),
            ("2025-10-08T12:00:00+09:00", nil),
        ])
    func hours(at: String, opens: String?) throws {
        let schedule = try schedule(Self.weekdays)
        #expect(try schedule.closedUntil(instant(at)) == opens.map { try instant($0) })
    }

    @Test("Who names no weekly hours is open except in outages")
    func always() throws {
        let schedule = try schedule(
            #"{"id":"nationalServer","outages":[{"from":"2025-10-08T10:00:00+09:00","to":"2025-10-08T12:00:00+09:00"}]}"#
        )
        #expect(try schedule.closedUntil(instant("2025-10-05T03:00:00+09:00")) == nil)
        #expect(
            try schedule.closedUntil(instant("2025-10-08T11:00:00+09:00"))
                == instant("2025-10-08T12:00:00+09:00"))
    }

    @Test(
        "Hours that are none are refused",
        arguments: [
            #"{"id":"x","weekly":[{"days":["mon"],"from":"17:15","to":"08:30"}]}"#,
            #"{"id":"x","weekly":[{"days":[],"from":"08:30","to":"17:15"}]}"#,
            #"{"id":"x","weekly":[{"days":["mon"],"from":"8:30","to":"17:15"}]}"#,
            #"{"id":"x","outages":[{"from":"2025-10-08T12:00:00+09:00","to":"2025-10-08T10:00:00+09:00"}]}"#,
            #"{"id":"x","hours":[]}"#,
        ])
    func wrongHours(text: String) {
        #expect(throws: DecodingError.self) { try schedule(text) }
    }

    @Test("R-064: an id that several share, or that stands twice, is refused when grants are read")
    func sharedId() throws {
        let directory = try TemporaryDirectory()
        func load(_ operators: String) throws -> Grants {
            try Grants.load(
                directory.write("grants.json", #"{"operators":[\#(operators)],"terminals":[]}"#))
        }
        let own = #"{"id":"denshi-06","functions":["e-application.transfer"],"shared":false}"#
        #expect(try load(own).operators.count == 1)
        let shared = #"{"id":"madoguchi","functions":[],"shared":true}"#
        let error = #expect(throws: ConfigurationError.self) { try load(shared) }
        #expect(error?.field == "operators[0].shared")
        #expect(throws: ConfigurationError.self) { try load(own + "," + own) }
    }

    @Test("R-060: a production hub without grants is refused; a lab's may have none")
    func productionNeedsGrants() throws {
        let directory = try TemporaryDirectory()
        let text = ConfigurationTests.hub.replacing(#" "grantsFile": "grants.json","#, with: "")
        #expect(text != ConfigurationTests.hub)
        let error = #expect(throws: ConfigurationError.self) {
            try HubConfiguration.load(directory.write("hub.json", text))
        }
        #expect(error?.field == "grantsFile")
        let lab = text.replacing(
            #""limits": {"#, with: #""lab": {"clockFile": "clock"}, "limits": {"#)
        #expect(try HubConfiguration.load(directory.write("lab.json", lab)).grantsFile == nil)
    }

    @Test("A step's deadline is seconds of a step there can be")
    func deadlines() throws {
        func read(_ text: String) throws -> StepDeadlines {
            try JSONDecoder().decode(StepDeadlines.self, from: Data(text.utf8))
        }
        #expect(try read(#"{"seconds":{"A1-04":3600}}"#).seconds["A1-04"] == 3600)
        #expect(throws: DecodingError.self) { try read(#"{"seconds":{"Z":1}}"#) }
        #expect(throws: DecodingError.self) { try read(#"{"seconds":{"A1-04":0}}"#) }
    }
}
