import Foundation
import Messaging
import Simulation
import Testing

@Suite("署名検証: signatures of applications")
struct SignatureTests {
    private let authority: SigningAuthority
    private let trust: SignatureTrust
    private let now: Instant
    private let application: JSONValue = [
        "applicationNumber": "E20251020-00001", "plannedMoveOutDate": "2025-11-01",
        "applicant": ["nameKanji": "鈴木　三郎"],
    ]

    init() throws {
        authority = try SigningAuthority()
        trust = try authority.trust()
        now = try Instant(rfc3339: "2025-10-20T21:15:00+09:00")
    }

    private func fault(
        _ application: JSONValue, _ signature: JSONValue?, at time: Instant? = nil,
        under trust: SignatureTrust? = nil
    ) -> SignatureFault? {
        do throws(SignatureFault) {
            try (trust ?? self.trust).verify(application, signature, at: time ?? now)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "R-045: only a certificate that is valid, unrevoked and of the trusted authority signs",
        arguments: [
            (SigningAuthority.Standing.valid, SignatureFault?.none), (.expired, .expired),
            (.revoked, .revoked), (.notYetValid, .notYetValid), (.otherAuthority, .untrusted),
            (.otherPerson, .otherSigner), (.missing, .missing),
        ])
    func standings(standing: SigningAuthority.Standing, expected: SignatureFault?) throws {
        let signature = try authority.sign(application, as: "鈴木　三郎", with: standing)
        #expect(fault(application, signature) == expected)
    }

    @Test("R-045: a document changed in any member after it was signed is refused")
    func tampered() throws {
        let signature = try authority.sign(application, as: "鈴木　三郎", with: .valid)
        for (pointer, value) in [
            ("/plannedMoveOutDate", "2025-11-02" as JSONValue), ("/new", "x"),
            ("/applicationNumber", "E20251020-00002"),
        ] {
            var changed = application
            let isChanged = changed.set(value, at: pointer)
            #expect(isChanged)
            #expect(fault(changed, signature) == .tampered)
        }
    }

    @Test("R-045: a signature or certificate that cannot be read is refused as such")
    func malformed() throws {
        let signature = try #require(
            try authority.sign(application, as: "鈴木　三郎", with: .valid))
        for (name, value) in [
            ("algorithm", "rsa-sha1" as JSONValue), ("certificate", "AAAA"), ("value", "AAAA"),
        ] {
            var members = try #require(signature.object)
            members[name] = value
            #expect(fault(application, .object(members)) == .malformed)
        }
    }

    @Test("R-045: a certificate is looked at when the application comes, not when it was signed")
    func time() throws {
        let signature = try authority.sign(application, as: "鈴木　三郎", with: .expired)
        #expect(
            fault(application, signature, at: try Instant(rfc3339: "2024-06-01T00:00:00Z")) == nil)
        #expect(fault(application, signature) == .expired)
    }

    @Test("R-045: nothing is accepted on a revocation list that is another's, changed or too old")
    func revocations() throws {
        let signature = try authority.sign(application, as: "鈴木　三郎", with: .valid)
        let other = try SigningAuthority(named: "Other").trust()
        let foreign = SignatureTrust(authority: trust.authority, revocations: other.revocations)
        #expect(fault(application, signature, under: foreign) == .revocationUnknown)
        #expect(
            fault(application, signature, at: try Instant(rfc3339: "2019-01-01T00:00:00Z"))
                == .revocationUnknown)
        // Without the revoked serial the list no longer is what the authority signed.
        var text = String(decoding: try JSONEncoder().encode(trust), as: UTF8.self)
        let serial = try #require(trust.revocations.serials.first)
        text = text.replacing("\"\(serial)\"", with: "")
        let emptied = try JSONDecoder().decode(SignatureTrust.self, from: Data(text.utf8))
        let revoked = try authority.sign(application, as: "鈴木　三郎", with: .revoked)
        #expect(fault(application, revoked, under: emptied) == .revocationUnknown)
    }

    @Test("A signature stands for what the JSON says, not for how it is written")
    func canonical() throws {
        let value = try JSONValue(
            parsing: Array("{\"b\" : [1, true, null],\n \"a\":\"水戸\\u0001\\n\\\"\\/\"}".utf8))
        #expect(
            String(decoding: CanonicalJSON.bytes(of: value), as: UTF8.self)
                == "{\"a\":\"水戸\\u0001\\n\\\"/\",\"b\":[1,true,null]}")
    }

    @Test("An authority is the same again from its secret, and another without it")
    func secret() throws {
        let again = try SigningAuthority(secret: authority.secret)
        let signature = try again.sign(application, as: "鈴木　三郎", with: .valid)
        #expect(fault(application, signature) == nil)
        let stranger = try SigningAuthority()
        let other = try stranger.sign(application, as: "鈴木　三郎", with: .valid)
        #expect(fault(application, other) == .untrusted)
    }
}
