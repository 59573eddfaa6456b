internal import EtcdAPI
internal import NIOCore
internal import Primitives
internal import StoreModel
internal import Transport
internal import Wire

/// Renews leases over one stream that all share. Belongs to the event loop.
///
/// SAFETY: `@unchecked Sendable` because everything but `renew` runs on the link's event loop.
final class LeaseRenewals: @unchecked Sendable {
    private typealias Done = (Result<Int64, GRPCEnding>) -> Void

    private let link: RemoteLink
    private var stream: RenewalStream?

    init(_ link: RemoteLink) {
        self.link = link
    }

    /// Renews a lease, over another connection if one fails; a renewal may be repeated. Answers
    /// with the seconds left, 0 if the lease is gone.
    func renew(_ lease: LeaseID) async throws(GRPCEnding) -> Int64 {
        let deadline = NIODeadline.now() + link.settings.callTimeout
        while true {
            let result: Result<Int64, GRPCEnding> = await withCheckedContinuation { continuation in
                let isIn = link.gate.enter {
                    self.attempt(lease, until: deadline) { continuation.resume(returning: $0) }
                }
                if !isIn { continuation.resume(returning: .failure(RemoteLink.closed)) }
            }
            switch result {
            case .success(let seconds): return seconds
            case .failure(let ending):
                let next = NIODeadline.now() + .milliseconds(100)
                guard ending.status.code == .unavailable, next < deadline, !Task.isCancelled,
                    ending != RemoteLink.closed
                else { throw ending }
            }
            // A cancelled task gets the answer of its last attempt, at once.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func attempt(_ lease: LeaseID, until deadline: NIODeadline, _ done: @escaping Done) {
        if let stream, stream.isOpen {
            stream.renew(lease, until: deadline, done)
            return
        }
        link.connect { [self] connected in
            switch connected {
            case .failure(let ending): done(.failure(ending))
            case .success(let connection):
                if stream?.isOpen != true {
                    stream = RenewalStream(connection, link) { [self] in link.leave(connection) }
                }
                stream?.renew(lease, until: deadline, done)
            }
        }
    }
}

/// One stream of renewals; it answers in the order in which it was asked, for each lease.
private final class RenewalStream: GRPCAnswerReceiver {
    private struct Waiting {
        var done: (Result<Int64, GRPCEnding>) -> Void
        var timer: Scheduled<Void>
    }

    private let loop: any EventLoop
    private let failed: () -> Void
    private var call: GRPCClientCall?
    private var waiting: [LeaseID: [Waiting]] = [:]

    init(_ connection: GRPCClientConnection, _ link: RemoteLink, _ failed: @escaping () -> Void) {
        loop = link.loop
        self.failed = failed
        call = connection.start(
            "/etcdserverpb.Lease/LeaseKeepAlive", metadata: link.metadata, self)
    }

    var isOpen: Bool { call?.isOver == false }

    func renew(
        _ lease: LeaseID, until deadline: NIODeadline,
        _ done: @escaping (Result<Int64, GRPCEnding>) -> Void
    ) {
        guard isOpen else {
            done(.failure(GRPCEnding(GRPCStatus(.unavailable, "no stream"), mayHaveRun: false)))
            return
        }
        // One late answer would be taken for the next: the whole stream is given up.
        let timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.call?.cancel()
            self?.ended(
                GRPCEnding(
                    GRPCStatus(.deadlineExceeded, "context deadline exceeded"), mayHaveRun: true))
        }
        waiting[lease, default: []].append(Waiting(done: done, timer: timer))
        var writer = GRPCCall.messageWriter()
        WireLeaseQuestion(lease).encode(into: &writer)
        call?.send(writer)
    }

    func received(_ message: ProtobufReader) {
        do {
            let answer = try WireLeaseGrant(answer: message)
            guard var list = waiting.removeValue(forKey: answer.id), !list.isEmpty else { return }
            let first = list.removeFirst()
            if !list.isEmpty { waiting[answer.id] = list }
            first.timer.cancel()
            first.done(.success(answer.ttlSeconds))
        } catch {
            call?.cancel()
            ended(GRPCEnding(GRPCStatus(.internal, "\(error)"), mayHaveRun: true))
        }
    }

    func ended(_ ending: GRPCEnding) {
        let all = waiting.values.flatMap { $0 }
        waiting = [:]
        call = nil
        failed()
        // A stream that ends well while renewals wait has not done them.
        let code = ending.status.code == .ok ? .unavailable : ending.status.code
        let failure = GRPCEnding(
            GRPCStatus(code, ending.status.message), mayHaveRun: ending.mayHaveRun)
        for waiting in all {
            waiting.timer.cancel()
            waiting.done(.failure(failure))
        }
    }
}
