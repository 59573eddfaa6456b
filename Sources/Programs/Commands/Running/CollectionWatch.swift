internal import ClusterAccess
internal import HTTPClient
internal import ResourceModel

/// Follows a collection through ends of its connection and restarts of its server: it goes on
/// behind the last event, and where the server has forgotten what was there, the collection is
/// read anew and only differences count.
final class CollectionWatch {
    /// How long a server may stay away, unless `--request-timeout` says otherwise.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(200)

    private let session: Session
    private let kind: ResourceKind
    private var request: ClusterClient.Request
    private let selectors: [(String, String)]
    /// What is known already ends here.
    private var version: String
    /// What is there, by namespace and name: objects, or rows of tables.
    private var known: [String: JSON] = [:]
    private let clock = ContinuousClock()

    /// - Parameters:
    ///   - known: objects or rows that were read.
    ///   - version: of the collection when they were.
    init(
        _ session: Session, _ kind: ResourceKind, namespace: String, labels: String = "",
        fields: String = "", accept: String = "application/json", known: [JSON], version: String
    ) {
        self.session = session
        self.kind = kind
        self.version = version
        selectors = [("labelSelector", labels), ("fieldSelector", fields)]
        request = ClusterClient.Request("GET", kind.path(namespace: namespace))
        request.accept = accept
        for element in known { self.known[Self.name(element)] = element }
    }

    /// Hands on events until the receiver wants no more or the time is over.
    /// - Returns: whether the receiver wanted no more.
    /// - Throws: why the server cannot be reached, when it has not been for long.
    func run(
        until deadline: ContinuousClock.Instant? = nil,
        onEvent: @escaping (_ type: String, _ object: JSON) throws -> Bool
    ) throws -> Bool {
        var isDone = false
        var isExpired = false
        var awaySince: ContinuousClock.Instant?
        while deadline.map({ clock.now < $0 }) ?? true {
            do {
                if isExpired { isDone = try readAnew(onEvent) }
                isExpired = false
                guard !isDone else { return true }
                request.query = selectors + [
                    ("watch", "true"), ("allowWatchBookmarks", "true"),
                    ("resourceVersion", version),
                ]
                // No time at all would mean for ever.
                let rest = deadline.map { max($0 - clock.now, .milliseconds(1)) }
                try session.client.watch(request, timeout: rest) {
                    awaySince = nil
                } onEvent: { type, object in
                    self.note(type, object)
                    guard type != "BOOKMARK" else { return true }
                    isDone = try !onEvent(type, object)
                    return !isDone
                }
            } catch let failure as APIFailure where failure.code == 410 {
                isExpired = true
            } catch where Self.mayPass(error) {
                let patience = session.client.requestTimeout ?? Self.patience
                let isOver = deadline.map { clock.now >= $0 } ?? false
                let since = awaySince ?? clock.now
                awaySince = since
                guard isOver || clock.now - since < patience else { throw error }
            }
            guard !isDone else { return true }
            Standard.pause(Self.pause)
        }
        return false
    }

    /// Whether a failure may be over soon: a server that starts again.
    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case HTTPFailure.refused, HTTPFailure.unreachable, HTTPFailure.lost,
            HTTPFailure.timedOut:
            true
        case let failure as APIFailure: [429, 503, 504].contains(failure.code)
        default: false
        }
    }

    private func note(_ type: String, _ object: JSON) {
        let element = object["rows"][0] ?? object
        let metadata = Self.metadata(element)
        if let version = metadata["resourceVersion"].stringValue, !version.isEmpty {
            self.version = version
        }
        guard type != "BOOKMARK" else { return }
        known[Self.name(element)] = type == "DELETED" ? nil : element
    }

    /// Reads the collection and hands on what is new, other or gone as events.
    /// - Returns: whether the receiver wants no more.
    private func readAnew(_ onEvent: (String, JSON) throws -> Bool) throws -> Bool {
        var gone = known
        var events: [(type: String, object: JSON)] = []
        var token = ""
        repeat {
            request.query = selectors + [("limit", "500"), ("continue", token)]
            var page = try session.client.json(request)
            version = page["metadata"]["resourceVersion"].stringValue ?? version
            token = page["metadata"]["continue"].stringValue ?? ""
            let rows = page["rows"].arrayValue
            for element in rows ?? page["items"].arrayValue ?? [] {
                let before = gone.removeValue(forKey: Self.name(element))
                guard before.flatMap(Self.version) != Self.version(element) else { continue }
                page["rows"] = rows == nil ? nil : [element]
                events.append((
                    before == nil ? "ADDED" : "MODIFIED", rows == nil ? kind.naming(element) : page
                ))
            }
        } while !token.isEmpty
        let isTable = request.accept != "application/json"
        events += gone.sorted { $0.key < $1.key }.map {
            ("DELETED", isTable ? ["rows": [$0.value]] : kind.naming($0.value))
        }
        for event in events {
            let version = version
            note(event.type, event.object)
            self.version = version
            guard try onEvent(event.type, event.object) else { return true }
        }
        return false
    }

    private static func metadata(_ element: JSON) -> JSON? {
        element["object"]["metadata"] ?? element["metadata"]
    }

    private static func name(_ element: JSON) -> String {
        let metadata = metadata(element)
        return "\(metadata["namespace"].stringValue ?? "")/\(metadata["name"].stringValue ?? "")"
    }

    private static func version(_ element: JSON) -> String? {
        metadata(element)["resourceVersion"].stringValue
    }
}
