package import Environment
internal import Primitives
package import Raft
package import StoreModel

/// What a `MemberService` gives its outputs to. Called on the service's loop, synchronously.
package protocol MemberServiceDelegate: AnyObject {
    /// Sends messages to other members; may drop them.
    func send(_ messages: [PeerMessage])
    /// Hands watch deliveries to their streams.
    func deliver(_ deliveries: [WatchDelivery])
    /// Raft events, for logs and metrics.
    func note(_ events: [RaftEvent])
    /// The member has ended; the process must end or replace it.
    func failed(_ failure: MemberFailure)
    /// Runs the work on another thread and calls `completion` back on the service's loop.
    func run(
        _ work: @escaping @Sendable () -> Result<MemberJobResult, MemberFailure>,
        completion: @escaping (Result<MemberJobResult, MemberFailure>) -> Void)
}

/// The loop's body around a `Member`: collects what has arrived, runs one turn, syncs the log
/// inline (DESIGN 3.2: a hop to another thread costs more than most syncs) and hands out what came
/// of it. Not thread-safe: it belongs to one event loop or thread, which calls `turn` after each
/// batch of inputs and `tick` at every tick.
package final class MemberService {
    /// Answers one request.
    package typealias Completion = (Result<ClientResponse, RequestError>) -> Void

    /// Read through `MemberService+Facts.swift`, which copies nothing.
    var member: Member
    private weak var delegate: (any MemberServiceDelegate)?
    private var completions: [RequestID: Completion] = [:]
    private var lastRequestID: UInt64 = 0
    private var hasFailed = false

    /// Wraps an opened member.
    package init(member: consuming Member, delegate: any MemberServiceDelegate) {
        self.member = member
        self.delegate = delegate
    }

    /// The member, for inspection.
    package var inspection: Member { member }

    /// Whether another turn would do something without any new input (lagging watches).
    package var hasWork: Bool { !hasFailed && member.hasWork }

    /// Takes a client's request into the present turn; `completion` is called exactly once, in
    /// this or a later turn. The member answers overload with `.tooManyRequests`.
    /// - Returns: a name with which the request can be forgotten.
    @discardableResult
    package func submit(
        _ request: ClientRequest, completion: @escaping Completion
    ) -> RequestID {
        lastRequestID += 1
        let id = RequestID(lastRequestID)
        completions[id] = completion
        member.receive(.request(id, request))
        return id
    }

    /// Nobody waits for this answer any more.
    package func forget(_ id: RequestID) {
        completions[id] = nil
        member.receive(.forget(id))
    }

    /// Takes any other input into the present turn.
    package func receive(_ input: MemberInput) {
        member.receive(input)
    }

    /// One tick of the clock; runs a turn.
    package func tick(_ now: MonotonicInstant) {
        member.receive(.tick(now))
        turn()
    }

    /// Ends the turn: proposes, writes, syncs, applies and answers.
    package func turn() {
        var output = member.finishTurn()
        while true {
            let needsSync = handOut(output)
            guard needsSync else { return }
            do {
                output = member.step(.jobDone(try member.perform(.syncLog)))
            } catch {
                fail(error)
                return
            }
        }
    }

    /// Closes the member's files and answers who still waits with `.stopped`. The service must not
    /// be used again.
    package func close() {
        member.close()
        let waiting = completions.values
        completions = [:]
        for completion in waiting { completion(.failure(.stopped)) }
    }

    /// Passes a turn's output on; answers whether the log waits for a sync.
    private func handOut(_ output: MemberOutput) -> Bool {
        if !output.messages.isEmpty { delegate?.send(output.messages) }
        if !output.events.isEmpty { delegate?.note(output.events) }
        for (id, result) in output.responses {
            completions.removeValue(forKey: id)?(result)
        }
        if !output.deliveries.isEmpty { delegate?.deliver(output.deliveries) }
        var needsSync = false
        for job in output.jobs {
            if case .syncLog = job {
                needsSync = true
            } else {
                start(job)
            }
        }
        if let failure = output.failure { fail(failure) }
        return needsSync && !hasFailed
    }

    private func start(_ job: MemberJob) {
        let runner = member.runner(for: job)
        delegate?.run(
            {
                do throws(MemberFailure) {
                    return .success(try runner.run())
                } catch {
                    return .failure(error)
                }
            },
            completion: { [weak self] result in
                guard let self else { return }
                switch result {
                case .success(let result):
                    self.member.receive(.jobDone(result))
                    self.turn()
                case .failure(let failure): self.fail(failure)
                }
            })
    }

    private func fail(_ failure: MemberFailure) {
        guard !hasFailed else { return }
        hasFailed = true
        member.fail(failure)
        let output = member.finishTurn()
        for (id, result) in output.responses {
            completions.removeValue(forKey: id)?(result)
        }
        delegate?.failed(failure)
    }
}
