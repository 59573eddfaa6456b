package import APIClient
internal import Environment
package import Logging
internal import Planning
internal import ResourceModel
internal import Synchronization

/// Sees to it that one of several processes is active at a time, by a Lease object, as client-go
/// does: whoever holds it renews it; who does not, takes it once it has not changed for its
/// duration by the own clock.
package struct LeaderElection: Sendable {
    /// How it is held.
    package struct Settings: Sendable {
        /// The lease's namespace.
        package var namespace = "kube-system"
        /// The lease's name.
        package var name: String
        /// Who this is. A process that comes back under its old name goes on at once.
        package var identity: String
        /// Others take over when the lease has not been renewed for so long.
        package var leaseMilliseconds: Int64 = 15_000
        /// The holder stops when it could not renew the lease for so long; less than the above.
        package var renewMilliseconds: Int64 = 10_000
        /// The time between attempts.
        package var retryMilliseconds: Int64 = 2_000

        /// Names the lease and the candidate.
        package init(name: String, identity: String) {
            self.name = name
            self.identity = identity
        }
    }

    private let settings: Settings
    private let client: ObjectClient
    private let clockwork: Clockwork
    private let log: Logger

    /// A candidate.
    package init(_ settings: Settings, client: ObjectClient, clockwork: Clockwork, log: Logger) {
        self.settings = settings
        self.client = client
        self.clockwork = clockwork
        self.log = log
    }

    /// Runs `body` whenever this process leads, and cancels it when it does not any more; until
    /// the task is cancelled. The body asks its `Leadership` before each write.
    package func run(_ body: @escaping @Sendable (Leadership) async -> Void) async {
        var seen: (lease: JSON, since: MonotonicInstant)?
        while !Task.isCancelled {
            let leadership = Leadership(clockwork)
            if await attempt(&seen, leadership) {
                log.info("leads", metadata: ["lease": "\(settings.name)"])
                await lead(&seen, leadership, body)
                log.info("leads no more", metadata: ["lease": "\(settings.name)"])
            }
            await clockwork.pause(milliseconds: settings.retryMilliseconds)
        }
    }

    private func lead(
        _ seen: inout (lease: JSON, since: MonotonicInstant)?, _ leadership: Leadership,
        _ body: @escaping @Sendable (Leadership) async -> Void
    ) async {
        let renewal = Task.isCancelled ? nil : seen
        seen = await withTaskGroup(
            of: (lease: JSON, since: MonotonicInstant)?.self,
            returning: (lease: JSON, since: MonotonicInstant)?.self
        ) { group in
            group.addTask {
                await body(leadership)
                return nil
            }
            var seen = renewal
            while !Task.isCancelled, leadership.isHeld {
                await clockwork.pause(milliseconds: settings.retryMilliseconds)
                _ = await attempt(&seen, leadership)
            }
            leadership.end()
            group.cancelAll()
            return seen
        }
    }

    /// Takes or renews the lease; answers whether it is held.
    private func attempt(
        _ seen: inout (lease: JSON, since: MonotonicInstant)?, _ leadership: Leadership
    ) async -> Bool {
        let start = clockwork.monotonic()
        let address = ObjectClient.Address(
            .leaseResource, namespace: settings.namespace, name: settings.name)
        do throws(APIFailure) {
            do throws(APIFailure) {
                let lease = try await client.get(address)
                if seen?.lease != lease { seen = (lease, start) }
                let isFree = (lease.value(at: "spec.holderIdentity").stringValue ?? "").isEmpty
                let isOurs =
                    lease.value(at: "spec.holderIdentity").stringValue == settings.identity
                let age = start.nanoseconds(since: seen?.since ?? start) / 1_000_000
                guard isFree || isOurs || age >= settings.leaseMilliseconds else {
                    leadership.end()
                    return false
                }
                let taken = try await client.update(renewed(lease, isOurs: isOurs), at: address)
                seen = (taken, start)
            } catch where error.reason == .notFound {
                var collection = address
                collection.name = ""
                let made = try await client.create(renewed(nil, isOurs: false), at: collection)
                seen = (made, start)
            }
            leadership.extend(until: start.adding(milliseconds: settings.renewMilliseconds))
            return true
        } catch {
            log.debug("no lease", metadata: ["reason": "\(error.message)"])
            return false
        }
    }

    private func renewed(_ lease: JSON?, isOurs: Bool) -> JSON {
        let now = JSON.string(
            Timestamp.text(microseconds: clockwork.wall().seconds * 1_000_000))
        var spec = lease?["spec"] ?? .emptyObject
        if !isOurs {
            spec["holderIdentity"] = .string(settings.identity)
            spec["acquireTime"] = now
            let changes = spec["leaseTransitions"].integerValue ?? -1
            spec["leaseTransitions"] = .integer(changes + 1)
        }
        spec["leaseDurationSeconds"] = .integer(max(1, settings.leaseMilliseconds / 1_000))
        spec["renewTime"] = now
        var renewed: JSON =
            lease ?? [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": [
                    "name": .string(settings.name), "namespace": .string(settings.namespace),
                ],
            ]
        renewed["spec"] = spec
        return renewed
    }
}

/// Whether this process leads. Ends by itself when it is not extended in time.
package final class Leadership: Sendable {
    private let clockwork: Clockwork
    private let deadline: Mutex<MonotonicInstant?> = Mutex(nil)

    init(_ clockwork: Clockwork) {
        self.clockwork = clockwork
    }

    /// Whether it is held at this moment.
    package var isHeld: Bool {
        let now = clockwork.monotonic()
        return deadline.withLock { $0.map { now < $0 } ?? false }
    }

    func extend(until instant: MonotonicInstant) {
        deadline.withLock { $0 = instant }
    }

    func end() {
        deadline.withLock { $0 = nil }
    }
}
