import Describing
import Testing

/// Known answers of Go's text/tabwriter with kubectl's settings.
@Suite struct AlignedTextTests {
    @Test(arguments: [
        ("", ""),
        ("a\tb\nlonger\tc\n", "a       b\nlonger  c\n"),
        ("a\tb\n\nlonger\tc\n", "a  b\n\nlonger  c\n"),
        ("a\tb\tc\naaaa\tb\n", "a     b  c\naaaa  b\n"),
        ("a\tb\nplain\nlonger\tc\n", "a  b\nplain\nlonger  c\n"),
        ("  a:\t\n  bb:\tx\n", "  a:   \n  bb:  x\n"),
        ("a\t\tb\n", "a    b\n"),
        ("ü\tb\nxx\tc", "ü   b\nxx  c"),
        ("k:\tv1\n\tv2\n", "k:  v1\n    v2\n"),
    ])
    func `a column is as wide as its widest cell`(_ text: String, _ aligned: String) {
        #expect(AlignedText.aligned(text) == aligned)
    }
}
