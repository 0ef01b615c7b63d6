import JSONSchema
import Testing

@Suite("Numbers are exact")
struct NumberTests {
    @Test(
        "Bounds hold to the last digit",
        arguments: [
            (#"{"maximum":9007199254740992}"#, "9007199254740992", "9007199254740993"),
            (#"{"minimum":9007199254740993}"#, "9007199254740993.0", "9007199254740992"),
            (#"{"exclusiveMaximum":0.1}"#, "0.09999999999999999999999", "0.1000"),
            (#"{"exclusiveMinimum":0.1}"#, "0.10000000000000000000000000001", "1e-1"),
            (#"{"maximum":-1}"#, "-1.0", "-0.999999999999999999999"),
            (
                #"{"minimum":-123456789012345678901234567890}"#,
                "-123456789012345678901234567890", "-123456789012345678901234567891"
            ),
            (#"{"maximum":1e400}"#, "1e400", "1.0000000001e400"),
            (#"{"minimum":1e-400}"#, "1e-400", "9.9999e-401"),
            (#"{"minimum":0}"#, "-0.0e3", "-1e-9000"),
            (#"{"exclusiveMaximum":0}"#, "-1e-9000", "-0"),
            (#"{"maximum":100}"#, "1E2", "10000000001e-8"),
            (#"{"maximum":999999999999999999}"#, "999999999999999999", "1000000000000000000"),
            (#"{"minimum":-999999999999999999}"#, "-999999999999999999", "-1000000000000000000"),
            (#"{"maximum":0.00120}"#, "12e-4", "0.001200000001"),
        ])
    func bounds(schema: String, valid: String, invalid: String) throws {
        let schema = try compiled(schema)
        #expect(verdict(valid, schema) == .valid)
        #expect(!verdict(invalid, schema).isValid)
    }

    @Test(
        "Multiples are exact, whatever the exponents",
        arguments: [
            ("0.01", ["0.07", "19.99", "0", "-0.03", "1e5", "1.1", "4.35"], ["0.001", "19.995"]),
            ("0.1", ["0.3", "1.1", "7"], ["0.35", "1e-2"]),
            (
                "3", ["9", "3e0", "-12", "123456789012345678901234567890", "6e100"],
                ["1e100", "0.3"]
            ),
            ("1e3", ["5000", "1e9", "0"], ["500", "1e2", "1000.5"]),
            (
                "123456789012345678901", ["246913578024691357802", "123456789012345678901e3", "0"],
                ["246913578024691357803", "123456789012345678901e-1", "1"]
            ),
            ("7e-3", ["0.007", "7e3", "0.7"], ["0.001", "1"]),
            ("18446744073709551615", ["36893488147419103230"], ["36893488147419103231"]),
            ("999999999999999999", ["1999999999999999998e5"], ["1999999999999999997e5"]),
        ])
    func multiples(divisor: String, valid: [String], invalid: [String]) throws {
        let schema = try compiled("{\"multipleOf\":\(divisor)}")
        for number in valid { #expect(verdict(number, schema) == .valid, "\(number)") }
        for number in invalid { #expect(!verdict(number, schema).isValid, "\(number)") }
    }

    @Test("Numbers beyond the limits are malformed, not rounded")
    func limits() throws {
        #expect(try fault("1e9999".utf8) == nil)
        #expect(try fault("1e10000".utf8)?.code == .numberLimit)
        #expect(try fault("1e-10000".utf8)?.code == .numberLimit)
        #expect(try fault("1e99999999999999999999999".utf8)?.code == .numberLimit)
        #expect(try fault(String(repeating: "1", count: 1_000).utf8) == nil)
        #expect(try fault(String(repeating: "1", count: 1_001).utf8)?.code == .numberLimit)
    }
}
