/// SUBSCRIBE's records (受信開始): the first credit, and the versions this receiver speaks.
///
/// A type that is not named is delivered in the newest version of the catalogue.
package struct SubscribeRequest: Hashable, Sendable {
    package let grant: CreditGrant
    /// The major version by type name, 1…999.
    package let majors: [String: Int]

    package init(grant: CreditGrant, majors: [String: Int] = [:]) {
        self.grant = grant
        self.majors = majors
    }

    /// Reads record 0, the grant, and record 1, `{"majors":{"identity.update.notice":1}}`, where there is one.
    package init(_ control: ControlFrame, body: Span<UInt8>) throws(ProtocolFault) {
        var reader = try BodyReader(control, body: body)
        guard let first = reader.next(in: body) else {
            throw .malformed("SUBSCRIBE begins with a credit")
        }
        grant = try CreditGrant(parsing: body, at: first)
        guard let second = reader.next(in: body) else {
            majors = [:]
            return
        }
        let spoken = try WireJSON.decode(
            Versions.self, from: body.copied(second), limit: WireLimits.sessionJSONBytes)
        guard spoken.majors.values.allSatisfy({ (1...999).contains($0) }) else {
            throw .malformed("a major version is 1 to 999")
        }
        majors = spoken.majors
    }

    private struct Versions: Codable {
        let majors: [String: Int]
    }
}

extension FrameWriter {
    /// SUBSCRIBE, whole.
    package mutating func writeSubscribe(_ request: SubscribeRequest, epoch: UInt32) {
        begin(.subscribe, epoch: epoch, sequence: 0)
        appendCredit(request.grant)
        if !request.majors.isEmpty {
            appendRecord(WireJSON.encode(["majors": request.majors]))
        }
        finish()
    }
}
