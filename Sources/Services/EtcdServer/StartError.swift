internal import Environment
internal import ReplicatedStore

/// Why a node cannot start.
package enum StartError: Error, Equatable, Sendable, CustomStringConvertible {
    case nameMissing(String)
    case otherURLs(String, given: [String], advertised: [String])
    case sameURLs
    case noCluster(String)
    case notListed([String])
    case cannotListen(ServerURL, String)
    case removed
    /// The engine, a file or a certificate refused.
    case other(String)

    /// Gives whatever went wrong a text for the operator.
    init(_ error: any Error) {
        switch error {
        case let error as StartError: self = error
        case let error as MemberFailure: self = .other(error.text)
        case let error as DiskError: self = .other(MemberFailure.disk(error).text)
        default: self = .other("\(error)")
        }
    }

    /// For the operator.
    package var description: String {
        switch self {
        case .nameMissing(let name):
            "couldn't find local name \"\(name)\" in the initial cluster configuration: "
                + "--initial-cluster must name this member too"
        case .otherURLs(let name, let given, let advertised):
            "--initial-cluster has \(name)=\(given.joined(separator: ",")) but "
                + "--initial-advertise-peer-urls=\(advertised.joined(separator: ","))"
        case .sameURLs: "--initial-cluster gives two members the same URLs"
        case .noCluster(let problem):
            "cannot fetch cluster info from the peers in --initial-cluster: \(problem)"
        case .notListed(let urls):
            "no member of the cluster has the peer URLs \(urls.joined(separator: ",")): add this "
                + "member first (etcdctl member add)"
        case .other(let text): text
        case .cannotListen(let url, let problem): "cannot listen on \(url): \(problem)"
        case .removed:
            "the member has been permanently removed from the cluster; to join again, remove its "
                + "data and add it as a new member"
        }
    }
}
