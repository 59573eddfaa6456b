import ResourceModel
import Testing

/// Go's strconv and fmt, byte for byte.
@Suite struct GoTextTests {
    private static let quoted: [(String, String)] = [
        ("", "\"\""), ("a\"b\\c", #""a\"b\\c""#),
        ("\n\r\t\u{7}\u{8}\u{b}\u{c}", #""\n\r\t\a\b\v\f""#),
        ("\u{1}\u{7f}", #""\x01\x7f""#), ("é€😀", "\"é€😀\""), ("\u{85}\u{a0}", #""\u0085\u00a0""#),
        ("\u{200b}\u{2028}\u{e000}", #""\u200b\u2028\ue000""#), ("\u{10ffff}", #""\U0010ffff""#),
    ]

    @Test(arguments: quoted)
    func `a text is quoted as Go quotes it`(_ text: String, _ quoted: String) {
        #expect(GoText.quoted(text) == quoted)
    }

    private static let numbers: [(Double, String)] = [
        (0, "0"), (1, "1"), (-1.5, "-1.5"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (0.0001, "0.0001"), (0.00001, "1e-05"), (1.25e-10, "1.25e-10"), (-2.5e100, "-2.5e+100"),
    ]

    @Test(arguments: numbers)
    func `a number is printed as Go prints it`(_ number: Double, _ text: String) {
        #expect(GoText.shortNumber(number) == text)
    }
}
