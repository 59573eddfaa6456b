import Glibc
import Primitives
import StoreModel
import Synchronization
import Verification

/// A client that watches without end: when its member dies it goes on at another one, behind the
/// last revision that it has seen.
final class HistoryWatcher: Sendable {
    private struct State {
        var watches: [ObservedWatch] = []
        var seen = Revision.zero
        var refusals: [String] = []
    }

    private let client: Int
    private let ports: [Int]
    private let range: KeyRange
    private let state = Mutex(State())

    init(client: Int, ports: [Int], range: KeyRange) {
        self.client = client
        self.ports = ports
        self.range = range
    }

    /// Each connection's watch.
    var watches: [ObservedWatch] { state.withLock { $0.watches } }

    /// The revision of the last event.
    var seen: Revision { state.withLock { $0.seen } }

    /// How often a server has ended a watch.
    var refusals: [String] { state.withLock { $0.refusals } }

    /// Watches until it is told to stop.
    func run(until isStopped: borrowing Atomic<Bool>) {
        var place = client
        while !isStopped.load(ordering: .relaxed) {
            place += 1
            // Refused if the member is down: the next one is tried.
            guard let connection = try? GRPCConnection(port: ports[place % ports.count]) else {
                poll(nil, 0, 10)
                continue
            }
            follow(connection, until: isStopped)
        }
    }

    private func follow(_ connection: GRPCConnection, until isStopped: borrowing Atomic<Bool>) {
        let seen = seen
        var request = WatchRequest(
            range, startRevision: seen == .zero ? Revision(2) : seen.next)
        request.wantsPrevious = client % 2 == 0
        state.withLock {
            $0.watches.append(
                ObservedWatch(client: client, request: request, alreadySeen: seen))
        }
        do throws(CallFailure) {
            try connection.watch(request)
            while !isStopped.load(ordering: .relaxed) {
                guard let delivery = try connection.nextDelivery(Deadline(.milliseconds(500)))
                else { return }
                take(delivery)
            }
        } catch {
            // Silence or the end of the member: go on elsewhere.
        }
    }

    private func take(_ delivery: WatchDelivery) {
        state.withLock { state in
            state.watches[state.watches.count - 1].deliveries.append(delivery)
            switch delivery.body {
            case .events(let events, _):
                state.seen = events.last?.keyValue.modRevision ?? state.seen
            case .cancelled(_, let reason): state.refusals.append(reason)
            case .created, .progress: break
            }
        }
    }
}
