import Primitives
import ResourceModel
import Testing

/// Texts must be those of Go's encoding/json, byte for byte.
@Suite struct JSONWriterTests {
    private static let values: [(JSON, String)] = [
        (.null, "null"), (true, "true"), (.integer(.min), "-9223372036854775808"), (0, "0"),
        (.number(3), "3"), (1.5, "1.5"), (.number(1e20), "100000000000000000000"),
        (.number(1e21), "1e+21"), (.number(1e-6), "0.000001"), (.number(1.5e-7), "1.5e-7"),
        (.number(-123_456.789), "-123456.789"), (.number(.leastNonzeroMagnitude), "5e-324"),
        (.number(.greatestFiniteMagnitude), "1.7976931348623157e+308"),
        ("a<b>&c", "\"a\\u003cb\\u003e\\u0026c\""), ("\u{8}\u{c}\n\r\t", #""\b\f\n\r\t""#),
        ("\u{1}\u{1f}\u{7f}", "\"\\u0001\\u001f\u{7f}\""), ("\"\\/", #""\"\\/""#),
        ("é€😀", "\"é€😀\""), ("\u{2028}\u{2029}\u{202a}", "\"\\u2028\\u2029\u{202a}\""),
        (["b": [1, "x"], "a": [:]], #"{"b":[1,"x"],"a":{}}"#),
        (
            "a long text without any escapes, then one: <",
            "\"a long text without any escapes, then one: \\u003c\""
        ),
    ]

    @Test(arguments: values)
    func `a value is written as Go writes it`(_ value: JSON, _ text: String) {
        #expect(value.encodedText == text)
    }

    @Test func `random values survive writing and reading`() throws {
        var random = SplitMix64(seed: 4)
        for _ in 0..<3000 {
            let value = randomValue(&random, depth: 0)
            #expect(try JSON(parsing: value.encoded) == value)
        }
    }

    private func randomValue(_ random: inout SplitMix64, depth: Int) -> JSON {
        switch random.below(depth < 4 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(random.chance(0.5))
        case 2: return .integer(Int64(bitPattern: random.next()) >> Int64(random.below(64)))
        case 3:
            let value = Double(bitPattern: random.next())
            // What is whole is read back as a whole number.
            return value.isFinite && value != value.rounded() ? .number(value) : .number(0.5)
        case 4, 5: return .string(randomText(&random))
        case 6:
            return .array(
                (0..<random.below(5)).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<random.below(24) {
                object[randomText(&random)] = randomValue(&random, depth: depth + 1)
            }
            return .object(object)
        }
    }

    private func randomText(_ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<random.below(24) {
            let limit = random.chance(0.7) ? 0x80 : 0x11_0000
            text.unicodeScalars.append(Unicode.Scalar(UInt32(random.below(limit))) ?? "?")
        }
        return text
    }
}
