import Primitives
import Testing

@testable import Admission

/// The common part of RE2's syntax.
@Suite struct PatternTests {
    private static let table: [(String, [String], [String])] = [
        ("^abc$", ["abc"], ["ab", "xabc", "abcx", ""]), ("b", ["abc"], ["ac"]),
        ("", ["", "x"], []),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]), ("^(a|bc)+$", ["a", "bca", "abcbc"], ["", "b"]),
        ("^a*$", ["", "aaa"], ["b"]), ("^a+?$", ["a", "aa"], [""]),
        ("^ab?c$", ["ac", "abc"], ["abbc"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]), ("^a{2,}$", ["aa", "aaaa"], ["a"]),
        ("^a{1,3}$", ["a", "aaa"], ["", "aaaa"]), ("^a{,3}$", ["a{,3}"], ["a"]),
        ("^(ab){0,2}c$", ["c", "abc", "ababc"], ["abababc"]),
        ("^[a-c_]+$", ["abc_"], ["d", ""]), ("^[^a-c]$", ["d", "\n"], ["a"]),
        ("^[]a-]+$", ["]a-"], ["b"]), ("^[\\d\\-x]+$", ["1-x"], ["a"]),
        ("^[^\\D5]$", ["1"], ["5", "a"]), ("^[[:alpha:]]+$", ["aZ"], ["1"]),
        ("^\\w+\\s\\S\\W$", ["a_1 x-"], ["a x x"]), ("^.$", ["a", "é", "😀"], ["\n", "ab"]),
        ("(?s)^.$", ["\n"], []), ("(?i)^AbC[x-z]$", ["abcX", "ABCy"], ["abcw"]),
        ("^(?:a(?i:b)c)$", ["aBc", "abc"], ["aBC"]), ("(?m)^b$", ["a\nb\nc"], ["ab"]),
        ("\\bfoo\\b", ["a foo b", "foo"], ["afoo", "foob"]), ("a\\Bb", ["ab"], ["a b"]),
        ("\\Aab\\z", ["ab"], ["ab\n"]), ("^\\x41\\x{1F600}$", ["A😀"], ["B"]),
        ("^\\.\\*\\$$", [".*$"], ["x"]), ("^(?P<name>a)(?<b>b)$", ["ab"], ["a"]),
        ("^(a|b|c|dd)$", ["a", "b", "c", "dd"], ["d"]), ("^(|a)b$", ["b", "ab"], ["a"]),
        (
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            ["example.com", "a"], ["-a", "a..b", "A"]
        ),
        ("^\\d{4}-\\d\\d-\\d\\d$", ["2026-11-25"], ["2026-11-2"]),
    ]

    @Test(arguments: table)
    func `texts match or not`(_ pattern: String, _ good: [String], _ bad: [String]) throws {
        let compiled = try Pattern(pattern)
        for text in good { #expect(compiled.matches(text), "\(pattern) on \(text)") }
        for text in bad { #expect(!compiled.matches(text), "\(pattern) on \(text)") }
    }

    private static let mistakes: [(String, String)] = [
        ("(", "error parsing regexp: missing closing ): `(`"),
        (")", "error parsing regexp: unexpected ): `)`"),
        ("[a", "error parsing regexp: missing closing ]: `[a`"),
        ("*a", "error parsing regexp: missing argument to repetition operator: `*`"),
        ("a**", "error parsing regexp: invalid nested repetition operator: `*`"),
        ("a{2,1}", "error parsing regexp: invalid repeat count: `{2,1}`"),
        ("a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
        ("[z-a]", "error parsing regexp: invalid character class range: `[z-a`"),
        ("\\", "error parsing regexp: trailing backslash at end of expression: ``"),
        ("(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
        ("\\p{Greek}", "error parsing regexp: invalid escape sequence: `\\p`"),
        (
            "((a{1000}){1000}){1000}",
            "error parsing regexp: expression too large:"
                + " `(a{1000}){1000}`"
        ),
    ]

    @Test(arguments: mistakes)
    func `what is no expression is refused`(_ pattern: String, _ message: String) {
        let error = #expect(throws: Pattern.Failure.self) { try Pattern(pattern) }
        #expect(error?.description == message)
    }

    /// Backtracking would take more steps than there are atoms in the world.
    @Test func `no expression takes exponential time`() throws {
        let text = String(repeating: "a", count: 2000)
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y", "^(.*.*.*)*!$"] {
            let compiled = try Pattern(pattern)
            #expect(!compiled.matches(text + "!b"))
        }
    }

    @Test func `random texts never trap the compiler`() {
        var random = SplitMix64(seed: 9)
        let alphabet = Array("ab()[]{}*+?|^$\\.-,:123?P<>dwx")
        for _ in 0..<20_000 {
            let text = String(
                (0..<random.below(12)).map { _ in alphabet[random.below(alphabet.count)] })
            // Most of these are no expressions; that is an answer too.
            guard let pattern = try? Pattern(text) else { continue }
            _ = pattern.matches("ab1(a)b-")
        }
    }
}
