/// Puts the lines of heads together. Before the answer itself there may be others: of redirects
/// that are followed, and with status 1xx.
struct HeadParser {
    /// Whether an answer that redirects is only on the way to the real one.
    var followsRedirects: Bool
    /// Whether status 101 is an answer, behind which another protocol begins.
    var endsWithUpgrade: Bool
    private var head = HTTPHead(status: 0, headers: [])
    private var isDone = false

    init(followsRedirects: Bool, endsWithUpgrade: Bool = false) {
        self.followsRedirects = followsRedirects
        self.endsWithUpgrade = endsWithUpgrade
    }

    /// Takes a line with its end; answers with the head that it completes.
    mutating func take(_ line: String) -> HTTPHead? {
        let text = Self.trimmed(line[...])
        if text.hasPrefix("HTTP/") {
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first
            head = HTTPHead(status: status.flatMap { Int($0) } ?? 0, headers: [])
        } else if text.isEmpty {
            // What comes behind the body is no head.
            let isUpgrade = endsWithUpgrade && head.status == 101
            guard !isDone, head.status >= 200 || isUpgrade else { return nil }
            let isOnTheWay =
                followsRedirects && (300..<400).contains(head.status) && head["location"] != nil
            guard !isOnTheWay else { return nil }
            isDone = true
            return head
        } else if !isDone, let colon = text.firstIndex(of: ":") {
            head.headers.append(
                HTTPHeader(
                    text[..<colon].lowercased(),
                    String(Self.trimmed(text[text.index(after: colon)...]))))
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.drop { $0.isWhitespace }
    }
}

extension HTTPFailure {
    /// The host and port of an address.
    static func place(of address: String) -> String {
        let behind = address.split(separator: "://", maxSplits: 1).last ?? ""
        return String(behind.prefix { !"/?#".contains($0) })
    }
}

extension Duration {
    /// Rounded up, so that a short time is not none at all, which would mean for ever.
    var milliseconds: Int {
        let longest = Duration.seconds(1 << 20)
        let (seconds, attoseconds) = min(max(self, .zero), longest).components
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let rest = (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
        return max(1, Int(seconds * 1_000 + rest))
    }
}
