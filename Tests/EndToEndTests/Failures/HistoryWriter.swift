import Glibc
import Primitives
import StoreModel
import Synchronization
import Verification

/// A client that puts and gets without end and remembers what it was told. Each value is put
/// once, so that what became of a put can always be seen.
final class HistoryWriter: Sendable {
    private let client: Int
    private let ports: [Int]
    private let history = Mutex<[Operation]>([])

    init(client: Int, ports: [Int]) {
        self.client = client
        self.ports = ports
    }

    /// Everything that it did.
    var operations: [Operation] { history.withLock { $0 } }

    /// How many of its puts were acknowledged.
    var acknowledged: Int {
        operations.count {
            if case .put = $0.request, case .completed = $0.outcome { true } else { false }
        }
    }

    /// Works until it is told to stop, on one member after the other as they fail.
    func run(until isStopped: borrowing Atomic<Bool>) {
        var place = client
        var count = 0
        while !isStopped.load(ordering: .relaxed) {
            place += 1
            // Refused if the member is down: the next one is tried.
            guard let connection = try? GRPCConnection(port: ports[place % ports.count]) else {
                poll(nil, 0, 10)
                continue
            }
            while !isStopped.load(ordering: .relaxed) {
                count += 1
                let isRead = count % 5 == 0
                let isAnswered =
                    isRead
                    ? get(key(count), on: connection)
                    : put(key(count), "\(client)-\(count)", on: connection, within: .seconds(3))
                guard isAnswered else { break }
                // A steady load and not the heaviest: the machine has other tests to run.
                poll(nil, 0, 4)
            }
        }
    }

    /// Puts a value; whether that was acknowledged.
    @discardableResult
    func put(
        _ key: String, _ value: String, on connection: GRPCConnection, within duration: Duration
    ) -> Bool {
        var request = PutRequest(key: Bytes(key.utf8), value: Bytes(value.utf8))
        request.wantsPrevious = true
        return record(.put(request)) { () throws(CallFailure) in
            let (revision, previous) = try connection.put(request, within: duration)
            return (revision, .put(previous))
        }
    }

    private func get(_ key: String, on connection: GRPCConnection) -> Bool {
        let request = RangeRequest(KeyRange(key: Bytes(key.utf8)))
        return record(.range(request, isSerializable: false)) { () throws(CallFailure) in
            let (revision, response) = try connection.range(request, within: .seconds(3))
            return (revision, .range(response))
        }
    }

    /// Some keys are this client's own, some are everybody's.
    private func key(_ count: Int) -> String {
        count % 2 == 0 ? "shared/\(count % 7)" : "own/\(client)"
    }

    private func record(
        _ request: HistoryRequest,
        _ body: () throws(CallFailure) -> (Revision, HistoryResponse)
    ) -> Bool {
        let began = Deadline.now
        var outcome = Operation.Outcome.unknown
        do throws(CallFailure) {
            let (revision, response) = try body()
            outcome = .completed(at: Deadline.now, revision: revision, response)
        } catch {
            // Refused or cut off, the request may have had its effect nonetheless.
        }
        let operation = Operation(
            client: client, request: request, invokedAt: began, outcome: outcome)
        history.withLock { $0.append(operation) }
        return outcome != .unknown
    }
}
