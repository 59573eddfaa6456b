internal import Dispatch
package import Environment
internal import Glibc
internal import Primitives
package import Raft
package import StoreModel
internal import Synchronization

/// A `MemberService` on a thread of its own, behind a bounded inbox: the shell for tests,
/// benchmarks and embedding. (The network service runs the same `MemberService` on its event
/// loop instead.)
///
/// SAFETY: `@unchecked Sendable` because `service` and `jobResults` are used on the loop's thread
/// alone, from `run` to its end; everything other threads touch is behind `state`.
package final class MemberThread: @unchecked Sendable {
    /// Answers one request; called on the loop's thread.
    package typealias Completion =
        @Sendable (Result<ClientResponse, RequestError>) -> Void

    /// What arrived since the last turn.
    private struct Inbox {
        var items: [Item] = []
        var isSleeping = false
        var isStopping = false
    }

    private enum Item: Sendable {
        case request(ClientRequest, Completion)
        case input(MemberInput)
        case job(Result<MemberJobResult, MemberFailure>, Int)
    }

    /// Requests that may wait in the inbox; more are answered `.tooManyRequests` at once.
    package static let inboxMax = 16_384

    private let inbox = Mutex(Inbox())
    /// Signalled when something arrives while the loop sleeps.
    private let wakeUp = DispatchSemaphore(value: 0)
    private let tickNanoseconds: Int64
    private let ended = DispatchSemaphore(value: 0)
    private let peers: @Sendable ([PeerMessage]) -> Void
    private let watches: @Sendable ([WatchDelivery]) -> Void
    private let jobs = DispatchQueue(label: "keelson.member.jobs")
    private var service: MemberService?
    private var jobResults: [Int: (Result<MemberJobResult, MemberFailure>) -> Void] = [:]
    private var lastJob = 0
    private let stopReason = Mutex<MemberFailure?>(nil)

    /// Starts the loop for an opened member.
    /// - Parameters:
    ///   - peers: sends messages to other members; called on the loop.
    ///   - watches: receives watch deliveries; called on the loop.
    package init(
        member: consuming sending Member, tickNanoseconds: Int64,
        peers: @escaping @Sendable ([PeerMessage]) -> Void,
        watches: @escaping @Sendable ([WatchDelivery]) -> Void
    ) {
        self.tickNanoseconds = tickNanoseconds
        self.peers = peers
        self.watches = watches
        service = MemberService(member: member, delegate: self)
        DispatchQueue(label: "keelson.member.loop", qos: .userInteractive).async { self.run() }
    }

    /// Hands a request in from any thread; `completion` is called on the loop's thread.
    package func submit(
        _ request: ClientRequest, completion: @escaping Completion
    ) {
        let isRefused = inbox.withLock { inbox -> Bool in
            guard !inbox.isStopping, inbox.items.count < Self.inboxMax else { return true }
            inbox.items.append(.request(request, completion))
            return false
        }
        if isRefused {
            completion(.failure(.tooManyRequests))
        } else {
            wake()
        }
    }

    /// Hands any other input in from any thread. Messages of peers are dropped when the inbox
    /// is full: Raft repeats them.
    package func receive(_ input: MemberInput) {
        inbox.withLock { inbox in
            if case .peer = input, inbox.items.count >= Self.inboxMax { return }
            inbox.items.append(.input(input))
        }
        wake()
    }

    /// Ends the loop and closes the files; returns when that is done.
    package func stop() {
        inbox.withLock { $0.isStopping = true }
        wake()
        ended.wait()
    }

    /// Why the member ended by itself, if it did.
    package var failure: MemberFailure? { stopReason.withLock { $0 } }

    private func wake() {
        let mustWake = inbox.withLock { inbox in
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if mustWake { wakeUp.signal() }
    }

    /// The loop: everything that has arrived, one turn, and a tick when it is due.
    private func run() {
        guard let service else { return }
        var nextTick = Self.now().nanoseconds
        while true {
            var hasJobs = false
            let (items, isStopping) = inbox.withLock { inbox in
                defer { inbox.items = [] }
                return (inbox.items, inbox.isStopping)
            }
            for item in items {
                take(item, service, &hasJobs)
            }
            let now = Self.now()
            if now.nanoseconds >= nextTick {
                nextTick = now.nanoseconds + tickNanoseconds
                service.tick(now)
            } else if !items.isEmpty || service.hasWork {
                service.turn()
            }
            if isStopping && jobResults.isEmpty { break }
            sleep(until: nextTick, isBusy: service.hasWork)
        }
        service.close()
        self.service = nil
        ended.signal()
    }

    private func take(_ item: Item, _ service: MemberService, _ hasJobs: inout Bool) {
        switch item {
        case .request(let request, let completion):
            service.submit(request, completion: completion)
        case .input(let input): service.receive(input)
        case .job(let result, let number):
            jobResults.removeValue(forKey: number)?(result)
        }
    }

    private func sleep(until nextTick: Int64, isBusy: Bool) {
        let mustSleep = inbox.withLock { inbox in
            inbox.isSleeping = inbox.items.isEmpty && !isBusy
            return inbox.isSleeping
        }
        guard mustSleep else { return }
        let nanoseconds = max(0, nextTick - Self.now().nanoseconds)
        // A signal that comes after the time-out only makes the next sleep short.
        _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
        inbox.withLock { $0.isSleeping = false }
    }

    /// The machine's monotonic clock.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension MemberThread: MemberServiceDelegate {
    /// Hands messages to the sender given at the start.
    package func send(_ messages: [PeerMessage]) { peers(messages) }

    /// Hands deliveries to the receiver given at the start.
    package func deliver(_ deliveries: [WatchDelivery]) { watches(deliveries) }

    /// Raft's events interest nobody here.
    package func note(_ events: [RaftEvent]) {}

    /// Keeps the reason for `failure`.
    package func failed(_ failure: MemberFailure) {
        stopReason.withLock { $0 = failure }
    }

    /// Runs the work on the queue for jobs.
    package func run(
        _ work: @escaping @Sendable () -> Result<MemberJobResult, MemberFailure>,
        completion: @escaping (Result<MemberJobResult, MemberFailure>) -> Void
    ) {
        lastJob += 1
        let number = lastJob
        jobResults[number] = completion
        jobs.async { [self] in
            let result = work()
            inbox.withLock { $0.items.append(.job(result, number)) }
            wake()
        }
    }
}
