/// How far something is, on one line: on a terminal each state is written over the one before,
/// elsewhere each is a line of its own.
final class LiveLine {
    private let isInPlace = Standard.isTerminal && Standard.variable("TERM") != "dumb"
    /// Whether states are said elsewhere as well.
    private let isSaidOnPipes: Bool
    private var shown = ""

    init(isSaidOnPipes: Bool) {
        self.isSaidOnPipes = isSaidOnPipes
    }

    /// Says a state; nothing if it is as before.
    func show(_ text: String) {
        guard text != shown else { return }
        shown = text
        // Without wrapping: a second line could not be taken away.
        if isInPlace {
            Standard.write("\r\u{1B}[K\u{1B}[?7l\(Colour.dim(text))\u{1B}[?7h")
        } else if isSaidOnPipes {
            Standard.say(text)
        }
    }

    /// Ends the line with a last word, or as it is: how far something came stays to be read.
    func end(_ text: String? = nil) {
        if isInPlace, !shown.isEmpty {
            Standard.write("\r\u{1B}[K")
            if text == nil { Standard.say(shown) }
        }
        shown = ""
        if let text { Standard.say(Colour.green(text)) }
    }
}
