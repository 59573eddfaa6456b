internal import ClusterAccess
internal import HTTPClient
internal import ResourceModel

/// Waits for something to become of an object.
struct Waiting {
    let session: Session
    private let clock = ContinuousClock()
    private let deadline: ContinuousClock.Instant?

    /// - Parameter timeout: nil for ever.
    init(_ session: Session, timeout: Duration?) {
        self.session = session
        deadline = timeout.map { ContinuousClock().now.advanced(by: $0) }
    }

    private var rest: Duration? { deadline.map { max($0 - clock.now, .zero) } }

    /// Whether the time is over.
    var isOver: Bool { rest == .zero }

    /// Follows an object until a condition holds for it; nil stands for an object that is not
    /// there.
    /// - Returns: whether it came to hold in time.
    func follow(
        _ place: ObjectPlace, until holds: @escaping (JSON?) throws -> Bool
    ) throws -> Bool {
        let fields = "metadata.name=\(place.name)"
        while true {
            let (items, version) = try session.list(
                place.kind, namespace: place.namespace, fields: fields)
            if try holds(items.first) { return true }
            guard !isOver else { return false }
            var request = ClusterClient.Request("GET", place.kind.path(namespace: place.namespace))
            request.query = [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("fieldSelector", fields),
                ("resourceVersion", version),
            ]
            var isDone = false
            do {
                try session.client.watch(request, timeout: rest) { type, object in
                    guard type != "BOOKMARK" else { return true }
                    isDone = try holds(type == "DELETED" ? nil : object)
                    return !isDone
                }
            } catch HTTPFailure.timedOut {
            } catch let failure as APIFailure where failure.reason == .expired {}
            if isDone { return true }
        }
    }
}
