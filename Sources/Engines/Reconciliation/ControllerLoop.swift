public import APIClient
internal import Environment
public import Logging
public import Planning
public import ResourceModel

/// Runs planners: keeps the caches that they read, plans what may have something to do, performs
/// the plans, and comes back to what failed or has to wait.
///
/// A key is never planned twice at a time, and not before the caches show what its last plan
/// wrote. Nothing is written once `mayWrite` says no.
public actor ControllerLoop {
    /// Plans that are performed at a time.
    private static let performedMax = 8

    /// A key of one planner.
    struct Work: Hashable, Comparable, Sendable {
        var planner: Int
        var key: ObjectReference

        static func < (left: Work, right: Work) -> Bool {
            (left.planner, left.key) < (right.planner, right.key)
        }
    }

    private let planners: [any Planner]
    private let kinds: [GroupVersionKind]
    private let client: ObjectClient
    let clockwork: Clockwork
    private let log: Logger
    private let mayWrite: @Sendable () -> Bool

    var observed = Observed()
    /// Kinds that no list has come of yet: nothing is planned before.
    var unlisted: Set<GroupVersionKind>
    var queue = WorkQueue<Work>()
    private var expectations: [Expectations]
    /// What waits for its own writes to be seen.
    var blocked: Set<Work> = []
    var performed = 0
    private let events: EventRecorder
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private var alarms = Alarms()
    /// Why the last attempt at a plan failed.
    private var failures: [Work: APIFailure] = [:]

    /// - Parameters:
    ///   - kinds: what is watched beside what the planners read.
    ///   - instance: where this runs, for events.
    ///   - mayWrite: asked before every write; once it has said no it stays with that.
    public init(
        _ planners: [any Planner], watching kinds: [GroupVersionKind] = [],
        client: ObjectClient, instance: String, clockwork: Clockwork, log: Logger,
        mayWrite: @escaping @Sendable () -> Bool = { true }
    ) {
        self.planners = planners
        let read = Set(planners.flatMap { type(of: $0).reads } + kinds)
        self.kinds = read.sorted { $0.description < $1.description }
        self.client = client
        self.clockwork = clockwork
        self.log = log
        self.mayWrite = mayWrite
        unlisted = read
        expectations = planners.map { _ in Expectations() }
        events = EventRecorder(
            client: client, instance: instance, clockwork: clockwork, log: log)
        // One wake-up stands for any number of them.
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for kind in kinds {
                let informer = Informer(client, kind, clockwork: clockwork, log: log)
                group.addTask { await informer.run { await self.learn($0, kind) } }
            }
            for await _ in wakes {
                while performed < Self.performedMax,
                    let work = queue.take(now: clockwork.monotonic())
                {
                    performed += 1
                    group.addTask { await self.work(on: work) }
                }
                if let next = queue.nextDeadline, alarms.add(next) {
                    group.addTask { await self.sleep(until: next) }
                }
            }
        }
    }

    private func sleep(until instant: MonotonicInstant) async {
        await clockwork.wait(instant)
        alarms.remove(instant)
        wake.yield()
    }
}

/// What the informers bring.
extension ControllerLoop {
    private func learn(_ news: Informer.News, _ kind: GroupVersionKind) {
        for change in observed[kind].take(news) { enqueue(change) }
        if case .list = news, unlisted.remove(kind) != nil, unlisted.isEmpty {
            enqueueEverything()
        }
        let now = clockwork.monotonic()
        for work in blocked
        where expectations[work.planner].areMet(for: work.key, in: observed, now: now) {
            blocked.remove(work)
            queue.add(work)
        }
        wake.yield()
    }

    private func enqueue(_ change: ObjectCache.Change) {
        guard unlisted.isEmpty else { return }
        switch change {
        case .added(let object), .removed(let object): enqueue(object)
        case .changed(let old, let new):
            enqueue(old)
            enqueue(new)
        case .stale: break
        }
    }

    private func enqueue(_ object: Resource) {
        for (index, planner) in planners.enumerated() {
            let reads = type(of: planner).reads
            guard reads.isEmpty || reads.contains(object.kind) else { continue }
            for key in planner.keys(affectedBy: object, in: observed) {
                queue.add(Work(planner: index, key: key))
            }
        }
    }

    private func enqueueEverything() {
        for kind in kinds {
            for object in observed[kind].all { enqueue(object) }
        }
    }
}

/// Planning and performing.
extension ControllerLoop {
    private func work(on work: Work) async {
        await perform(work)
        queue.finish(work)
        performed -= 1
        wake.yield()
    }

    private func perform(_ work: Work) async {
        guard !isBlocked(work) else { return }
        let planner = planners[work.planner]
        // What failed is the business of the planner that failed, not of others with this key.
        observed.failures = failures[work].map { [work.key: $0] } ?? [:]
        let plan = planner.plan(work.key, in: observed, at: clockwork.wall())
        let performer = PlanPerformer(client.asManager(type(of: planner).name))
        do throws(APIFailure) {
            for stage in plan.stages {
                guard try await perform(stage, for: work, performer) else { return }
            }
        } catch {
            if !Task.isCancelled { failed(work, error) }
            return
        }
        failures[work] = nil
        queue.forgetFailures(of: work)
        if let seconds = plan.requeueAfterSeconds {
            queue.add(work, at: clockwork.monotonic().adding(seconds: seconds))
        }
        // It is planned again when its writes are seen, whatever else happens: until there is
        // nothing to do.
        _ = isBlocked(work)
    }

    /// Takes the steps of a stage at the same time.
    /// - Returns: whether all of them were allowed.
    /// - Throws: what was said of one that was refused, once all have ended.
    private func perform(
        _ stage: [Plan.Step], for work: Work, _ performer: PlanPerformer
    ) async throws(APIFailure) -> Bool {
        var isAllowed = true
        var failure: APIFailure?
        await withTaskGroup(of: APIFailure?.self) { group in
            for step in stage {
                isAllowed = mayWrite()
                guard isAllowed else { break }
                group.addTask { await self.take(step, for: work, performer) }
            }
            for await problem in group { failure = failure ?? problem }
        }
        if let failure { throw failure }
        return isAllowed
    }

    /// - Returns: why the write was refused.
    private func take(
        _ step: Plan.Step, for work: Work, _ performer: PlanPerformer
    ) async -> APIFailure? {
        if let write = step.write {
            do throws(APIFailure) {
                let sign = try await performer.perform(write, on: known(write))
                if let sign, canBeSeen(sign) {
                    expectations[work.planner].expect(
                        sign, for: work.key, now: clockwork.monotonic())
                }
            } catch {
                return error
            }
        }
        for note in step.notes where mayWrite() { await events.tell(note) }
        return nil
    }

    /// Whether a key has to wait for its own writes; then it comes back by itself.
    private func isBlocked(_ work: Work) -> Bool {
        let now = clockwork.monotonic()
        guard !expectations[work.planner].areMet(for: work.key, in: observed, now: now) else {
            return false
        }
        blocked.insert(work)
        if let deadline = expectations[work.planner].deadline(for: work.key) {
            queue.add(work, at: deadline)
        }
        return true
    }

    /// The object whose status an action replaces, if it still is as it was planned on.
    private func known(_ action: Action) -> JSON? {
        guard case .updateStatus(let reference, _, let version) = action,
            let object = observed.object(reference), object.resourceVersion == version
        else { return nil }
        return object.json
    }

    /// What is not watched is never seen.
    private func canBeSeen(_ sign: Expectations.Sign) -> Bool {
        switch sign {
        case .version(let kind, _), .gone(let kind, _): kinds.contains(kind)
        case .assigned: kinds.contains(.pod)
        }
    }

    private func failed(_ work: Work, _ failure: APIFailure) {
        // Somebody else was faster: the caches will show it.
        let isRace = [.conflict, .notFound, .alreadyExists].contains(failure.reason)
        if !isRace {
            failures[work] = failure
            log.warning(
                "a plan could not be performed",
                metadata: ["key": "\(work.key)", "reason": "\(failure.message)"])
        }
        queue.addAfterFailure(work, now: clockwork.monotonic())
    }
}
