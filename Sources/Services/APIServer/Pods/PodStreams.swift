package import ResourceModel

/// Reaches into running pods, wherever they run.
package protocol PodStreams: Sendable {
    /// Reads the log of a container, giving it away in pieces.
    /// - Throws: in kubelet's words if there is no such log; whatever `give` throws.
    func readLog(
        of pod: JSON, _ query: PodLogQuery, _ give: ([UInt8]) async throws -> Void
    ) async throws
    /// The container of a pod in which processes can be started.
    /// - Throws: in kubelet's words if it does not run.
    func runningContainer(of pod: JSON, named name: String) async throws(APIFailure) -> String
    /// Starts a process in a running container.
    func start(_ command: PodCommand, inContainer id: String) async throws -> any PodProcess
    /// A running container itself: what it says from now on.
    func attach(toContainer id: String) async throws -> any PodProcess
    /// - Throws: if there is no way to the node of a pod.
    func checkReach(of pod: JSON) async throws(APIFailure)
    /// Connects to a port of a pod.
    func connect(to pod: JSON, port: Int) async throws -> any PodConnection
}

/// Which part of which log of a pod is wanted: the options of `pods/NAME/log`.
package struct PodLogQuery: Sendable, Equatable {
    /// The container's name.
    package var container: String
    /// Whether the log of its last run but one is wanted.
    package var isPrevious = false
    /// Whether to wait for more as long as the container runs.
    package var isFollowing = false
    /// Whether each line begins with its time.
    package var hasTimestamps = false
    /// The last lines; nil for all.
    package var tailLines: Int64?
    /// Nothing that was said before; seconds since 1970.
    package var sinceSeconds: Int64?
    /// Bytes after which the answer ends.
    package var bytesMax: Int64?

    /// Reads the options of a request.
    init(_ query: QueryParameters, container: String, nowSeconds: Int64) throws(APIFailure) {
        self.container = container
        isPrevious = try query.flag("previous") ?? false
        isFollowing = try query.flag("follow") ?? false
        hasTimestamps = try query.flag("timestamps") ?? false
        tailLines = try Self.count("tailLines", in: query, least: 0)
        bytesMax = try Self.count("limitBytes", in: query, least: 1)
        let age = try Self.count("sinceSeconds", in: query, least: 1)
        let since = query["sinceTime"] ?? ""
        if age != nil, !since.isEmpty {
            throw .invalidOptions(
                "PodLogOptions",
                [.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified")])
        }
        sinceSeconds = age.map { nowSeconds - $0 }
        if !since.isEmpty {
            guard let seconds = Timestamp.seconds(since) else {
                throw .badRequest("invalid value \(GoText.quoted(since)) of sinceTime")
            }
            sinceSeconds = seconds
        }
    }

    private static func count(
        _ name: String, in query: QueryParameters, least: Int64
    ) throws(APIFailure) -> Int64? {
        guard let number = try query.number(name) else { return nil }
        guard number >= least else {
            throw .invalidOptions(
                "PodLogOptions",
                [
                    .invalid(
                        name, .integer(number), "must be greater than or equal to \(least)")
                ])
        }
        return number
    }
}

/// The way to pods of a server that has none.
package struct NoPodStreams: PodStreams {
    /// Leads nowhere.
    package init() {}

    /// Refuses.
    package func readLog(
        of pod: JSON, _ query: PodLogQuery, _ give: ([UInt8]) async throws -> Void
    ) async throws {
        throw Self.noWay
    }

    /// Refuses.
    package func runningContainer(
        of pod: JSON, named name: String
    ) async throws(APIFailure) -> String {
        throw Self.noWay
    }

    /// Refuses.
    package func start(
        _ command: PodCommand, inContainer id: String
    ) async throws -> any PodProcess {
        throw Self.noWay
    }

    /// Refuses.
    package func attach(toContainer id: String) async throws -> any PodProcess {
        throw Self.noWay
    }

    /// Refuses.
    package func checkReach(of pod: JSON) async throws(APIFailure) {
        throw Self.noWay
    }

    /// Refuses.
    package func connect(to pod: JSON, port: Int) async throws -> any PodConnection {
        throw Self.noWay
    }

    private static let noWay = APIFailure.serviceUnavailable("this server has no way to the nodes")
}
