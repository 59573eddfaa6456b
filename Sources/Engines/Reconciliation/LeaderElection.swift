public import APIClient
internal import Environment
public import Logging
internal import Planning
internal import ResourceModel

/// Sees to it that one of several processes is active at a time, by a Lease object, as client-go
/// does: whoever holds it renews it; who does not, takes it once it has not changed for its
/// duration by the own clock.
public struct LeaderElection: Sendable {
    /// How it is held.
    public struct Settings: Sendable {
        /// The lease's namespace.
        public var namespace = "kube-system"
        /// The lease's name.
        public var name: String
        /// Who this is. A process that comes back under its old name goes on at once.
        public var identity: String
        /// Others take over when the lease has not been renewed for so long.
        public var leaseMilliseconds: Int64 = 15_000
        /// The holder stops when it could not renew the lease for so long; less than the above.
        public var renewMilliseconds: Int64 = 10_000
        /// The time between attempts.
        public var retryMilliseconds: Int64 = 2_000

        /// Names the lease and the candidate.
        public init(name: String, identity: String) {
            self.name = name
            self.identity = identity
        }
    }

    private let settings: Settings
    private let client: ObjectClient
    private let clockwork: Clockwork
    private let log: Logger

    /// A candidate.
    public init(_ settings: Settings, client: ObjectClient, clockwork: Clockwork, log: Logger) {
        self.settings = settings
        self.client = client
        self.clockwork = clockwork
        self.log = log
    }

    /// Runs `body` whenever this process leads, and cancels it when it does not any more. The body
    /// asks its `Leadership` before each write. Ends when something comes from `stop`, or when it
    /// ends; then the lease is released, so that another process takes over at once. Ends also
    /// when the task is cancelled, but then the lease just runs out.
    public func run(
        until stop: AsyncStream<Void>,
        _ body: @escaping @Sendable (Leadership) async -> Void
    ) async {
        let hasLed = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await compete(body) }
            group.addTask {
                for await _ in stop { break }
                return false
            }
            var hasLed = false
            for await result in group {
                hasLed = hasLed || result
                group.cancelAll()
            }
            return hasLed
        }
        guard hasLed, !Task.isCancelled else { return }
        await first(
            of: { await release() },
            { await clockwork.pause(milliseconds: Self.releaseMilliseconds) })
    }

    /// The release of the lease may take so long.
    private static let releaseMilliseconds: Int64 = 2_000

    /// The lease as it was seen last, and since when it has been so.
    private typealias Sighting = (lease: JSON, since: MonotonicInstant)

    /// Until the task is cancelled.
    /// - Returns: whether it led then.
    private func compete(_ body: @escaping @Sendable (Leadership) async -> Void) async -> Bool {
        var seen: Sighting?
        while !Task.isCancelled {
            let leadership = Leadership(clockwork)
            let attempt = await timelyAttempt(seen, leadership)
            seen = attempt.seen
            if attempt.isHeld {
                log.info("leads", metadata: ["lease": "\(settings.name)"])
                await lead(leadership, body)
                log.info("leads no more", metadata: ["lease": "\(settings.name)"])
                if Task.isCancelled { return true }
                seen = nil
            }
            await clockwork.pause(milliseconds: settings.retryMilliseconds)
        }
        return false
    }

    /// An attempt that is given up when it takes too long.
    private func timelyAttempt(
        _ seen: Sighting?, _ leadership: Leadership
    ) async -> (isHeld: Bool, seen: Sighting?) {
        await withTaskGroup { group in
            group.addTask {
                var seen = seen
                let isHeld = await attempt(&seen, leadership)
                return (isHeld, seen)
            }
            group.addTask {
                await clockwork.pause(milliseconds: settings.renewMilliseconds)
                return (false, seen)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? (false, seen)
        }
    }

    /// Runs the body until it ends, the lease is lost or could not be renewed in time, or the task
    /// is cancelled; also when a renewal hangs.
    private func lead(
        _ leadership: Leadership, _ body: @escaping @Sendable (Leadership) async -> Void
    ) async {
        await first(
            of: { await body(leadership) },
            {
                var seen: Sighting?
                while leadership.isHeld {
                    await clockwork.pause(milliseconds: settings.retryMilliseconds)
                    if Task.isCancelled { return }
                    _ = await attempt(&seen, leadership)
                }
            },
            {
                while !Task.isCancelled, let deadline = leadership.deadline {
                    await clockwork.wait(deadline)
                }
            })
        leadership.end()
    }

    /// Does several things until one of them ends, and cancels the others.
    private func first(of things: @Sendable () async -> Void...) async {
        await withTaskGroup { group in
            for thing in things { group.addTask { await thing() } }
            await group.next()
            group.cancelAll()
        }
    }

    private var address: ObjectClient.Address {
        ObjectClient.Address(
            .leaseResource, namespace: settings.namespace, name: settings.name)
    }

    /// Takes or renews the lease; answers whether it is held.
    private func attempt(_ seen: inout Sighting?, _ leadership: Leadership) async -> Bool {
        let start = clockwork.monotonic()
        do throws(APIFailure) {
            do throws(APIFailure) {
                let lease = try await client.get(address)
                // Not before the answer: the holder may have renewed it while the request was on
                // its way, and would then hold it for longer than is waited for here.
                let now = clockwork.monotonic()
                if seen?.lease != lease { seen = (lease, now) }
                let holder = lease.value(at: "spec.holderIdentity").stringValue ?? ""
                let isOurs = holder == settings.identity
                let age = now.nanoseconds(since: seen?.since ?? now) / 1_000_000
                guard holder.isEmpty || isOurs || age >= settings.leaseMilliseconds else {
                    leadership.end()
                    return false
                }
                _ = try await client.update(renewed(lease, isOurs: isOurs), at: address)
            } catch where error.reason == .notFound {
                var collection = address
                collection.name = ""
                _ = try await client.create(renewed(nil, isOurs: false), at: collection)
            }
            leadership.extend(until: start.adding(milliseconds: settings.renewMilliseconds))
            return leadership.isHeld
        } catch {
            log.debug("no lease", metadata: ["reason": "\(error.message)"])
            return false
        }
    }

    /// Leaves the lease to whoever comes first.
    private func release() async {
        do throws(APIFailure) {
            var lease = try await client.get(address)
            guard lease.value(at: "spec.holderIdentity").stringValue == settings.identity else {
                return
            }
            lease["spec", default: .emptyObject]["holderIdentity"] = ""
            _ = try await client.update(lease, at: address)
        } catch {
            log.debug("the lease was not released", metadata: ["reason": "\(error.message)"])
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
