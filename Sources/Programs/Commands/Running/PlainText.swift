/// Texts that servers and containers have a hand in, as a line that a terminal shows and does not
/// obey.
enum PlainText {
    /// Ends of lines become blanks, other control characters `^`.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": line.append(" ")
            case let other where other.properties.generalCategory == .control: line.append("^")
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
