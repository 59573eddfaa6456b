import APIClient
import Planning
import Primitives
import ResourceModel
import Synchronization

@testable import copier

/// Counts how often its one key is planned, whatever changes; writes when it is told to.
final class Counting: Planner {
    static let name = "counting"
    static let reads = TwoKinds.reads
    static let configMap: JSON = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": "a", "namespace": "default"],
    ]
    static let secret: JSON = [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s", "namespace": "default"],
    ]

    let count = Mutex(0)
    let failures = Mutex(0)
    let wantsWrite = Mutex(false)
    private let plans: AsyncStream<Int>
    private let plan: AsyncStream<Int>.Continuation

    init() {
        (plans, plan) = AsyncStream.makeStream()
    }

    /// Waits until it was planned so often.
    func planned(_ count: Int) async {
        if self.count.withLock({ $0 }) >= count { return }
        for await number in plans where number >= count { break }
    }

    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        [ObjectReference(ConfigMapCopier.configMap, "default", "a")]
    }

    func plan(_ reference: ObjectReference, in observed: Observed, at now: WallTime) -> Plan {
        if observed.failures[reference] != nil { failures.withLock { $0 += 1 } }
        let number = count.withLock { count in
            count += 1
            return count
        }
        defer { plan.yield(number) }
        var plan = Plan()
        let isWritten = observed.object(reference)?.annotation("written") != nil
        if wantsWrite.withLock({ $0 }), !isWritten {
            plan.append(.patch(reference, ["metadata": ["annotations": ["written": "yes"]]]))
        }
        plan.append(.requeue(afterSeconds: 60))
        return plan
    }
}

/// Notes how much there is of each of two kinds.
final class TwoKinds: Planner {
    static let name = "two-kinds"
    static let reads = [
        ConfigMapCopier.configMap, GroupVersionKind(group: "", version: "v1", kind: "Secret"),
    ]

    let kinds = Mutex<[[Int]]>([])
    private let plans: AsyncStream<Void>
    private let plan: AsyncStream<Void>.Continuation

    init() {
        (plans, plan) = AsyncStream.makeStream()
    }

    func planned() async { for await _ in plans { break } }

    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        [ObjectReference(Self.reads[0], "", "one")]
    }

    func plan(_ reference: ObjectReference, in observed: Observed, at now: WallTime) -> Plan {
        kinds.withLock { $0.append(Self.reads.map { observed[$0].count }) }
        plan.yield()
        return Plan()
    }
}

/// Holds one request back until it is opened.
final class GatedTransport: APITransport {
    private let api: FakeAPI
    private let gated: String
    private let (asks, ask) = AsyncStream<Void>.makeStream()
    private let (openings, opening) = AsyncStream<Void>.makeStream()

    init(_ api: FakeAPI, gated: String) {
        self.api = api
        self.gated = gated
    }

    func asked() async { for await _ in asks { break } }

    func open() { opening.finish() }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        if request.target.hasPrefix(gated) {
            ask.yield()
            for await _ in openings {}
        }
        return try await api.send(request)
    }
}

/// Holds creations back until so many of them wait together, those aside that come first.
final class CrowdTransport: APITransport {
    private let api: FakeAPI
    private let crowd: Int
    private let state: Mutex<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ api: FakeAPI, free: Int, crowd: Int) {
        self.api = api
        self.crowd = crowd
        state = Mutex((free, []))
    }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        if request.method == "POST" { await wait() }
        return try await api.send(request)
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                if state.free > 0 {
                    state.free -= 1
                    return [continuation]
                }
                state.waiting.append(continuation)
                guard state.waiting.count == crowd else { return [] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in released { continuation.resume() }
        }
    }
}
