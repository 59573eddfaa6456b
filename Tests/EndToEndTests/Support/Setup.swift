import Testing

/// A kind of cluster.
struct Setup: Hashable, Sendable, CustomTestStringConvertible {
    var memberCount: Int
    /// TLS with certificates on both sides, for clients and among members.
    var isSecure: Bool

    static let all = [1, 3].flatMap { count in
        [false, true].map { Setup(memberCount: count, isSecure: $0) }
    }

    var testDescription: String {
        "\(memberCount) member\(memberCount == 1 ? "" : "s")\(isSecure ? " with TLS" : "")"
    }
}

/// What serves.
enum Contender: Hashable, Sendable {
    case keelson
    case etcd

    var command: [String] {
        switch self {
        case .keelson: [Programs.keelson, "store"]
        case .etcd: [Programs.etcd!.path]
        }
    }
}
