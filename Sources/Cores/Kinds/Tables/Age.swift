import ResourceModel

extension JSON? {
    /// How long before `nowSeconds` the RFC 3339 time in this text was, as `kubectl get` shows it;
    /// `<unknown>` if there is none.
    func age(at nowSeconds: Int64) -> String {
        guard let seconds = timeSeconds else { return "<unknown>" }
        return Age.text(seconds: nowSeconds - seconds)
    }

    /// The RFC 3339 time in this text in seconds since 1970, parts of a second cut off.
    var timeSeconds: Int64? {
        stringValue.flatMap(Timestamp.seconds)
    }
}

/// Durations as texts.
enum Age {
    /// A duration with the two units that matter, as Kubernetes prints it: `5s`, `3m20s`, `4h`,
    /// `2d3h`, `40d`, `3y10d`.
    static func text(seconds: Int64) -> String {
        let minutes = seconds / 60
        let hours = minutes / 60
        let days = hours / 24
        switch seconds {
        case ..<(-1): return "<invalid>"
        case ..<0: return "0s"
        case ..<120: return "\(seconds)s"
        case ..<600: return pair(minutes, "m", seconds % 60, "s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return pair(hours, "h", minutes % 60, "m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return pair(days, "d", hours % 24, "h")
        case ..<63_072_000: return "\(days)d"
        case ..<252_288_000: return pair(days / 365, "y", days % 365, "d")
        default: return "\(days / 365)y"
        }
    }

    private static func pair(
        _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String
    ) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
