internal import ClusterAccess
internal import ResourceModel

/// Waits for something to become of an object.
struct Waiting {
    let session: Session
    private let deadline: ContinuousClock.Instant?

    /// - Parameter timeout: nil for ever.
    init(_ session: Session, timeout: Duration?) {
        self.session = session
        deadline = timeout.map { ContinuousClock().now.advanced(by: $0) }
    }

    /// Follows an object until a condition holds for it; nil stands for an object that is not
    /// there.
    /// - Returns: whether it came to hold in time.
    func follow(
        _ place: ObjectPlace, until holds: @escaping (JSON?) throws -> Bool
    ) throws -> Bool {
        let fields = "metadata.name=\(place.name)"
        let (items, version) = try session.list(
            place.kind, namespace: place.namespace, fields: fields)
        if try holds(items.first) { return true }
        let watch = CollectionWatch(
            session, place.kind, namespace: place.namespace, fields: fields, known: items,
            version: version)
        return try watch.run(until: deadline) { type, object in
            try !holds(type == "DELETED" ? nil : object)
        }
    }
}
