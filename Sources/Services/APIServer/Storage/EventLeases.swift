internal import Primitives
internal import ResourceModel
internal import StoreModel

/// Leases under which events vanish by themselves. One lease serves all events of some time, so
/// that there are few.
actor EventLeases {
    private let client: any KeyValueClient
    private let now: @Sendable () -> Int64
    private let ttlSeconds: Int64
    private var current: (lease: LeaseID, untilSeconds: Int64)?

    /// Seconds for which a lease is given to new events.
    private static let reuseSeconds: Int64 = 60

    init(client: any KeyValueClient, ttlSeconds: Int64, now: @escaping @Sendable () -> Int64) {
        self.client = client
        self.ttlSeconds = ttlSeconds
        self.now = now
    }

    /// A lease with at least the time to live left.
    func lease() async throws(APIFailure) -> LeaseID {
        let time = now()
        if let current, current.untilSeconds > time { return current.lease }
        do throws(KeyValueFailure) {
            let lease = try await client.grantLease(ttlSeconds: ttlSeconds + Self.reuseSeconds)
            current = (lease, time + Self.reuseSeconds)
            return lease
        } catch {
            throw APIFailure(error)
        }
    }
}
