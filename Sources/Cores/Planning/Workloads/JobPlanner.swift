package import ResourceModel

/// Runs pods until enough of them have succeeded, or too many have failed.
package struct JobPlanner: Planner {
    /// Its name.
    package static let name = "job-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.job, .pod]

    /// Makes a planner.
    package init() {}

    /// The job itself, or that of a pod; also one that is gone, if the pod still waits for it.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        if object.kind == .job { return [object.reference] }
        let owners = observed[.job].owners(of: object, kind: .job)
        guard owners.isEmpty, object.finalizers.contains(Job.trackingFinalizer),
            let name = object.labels[Job.nameLabel].stringValue
        else { return owners }
        return [ObjectReference(.job, object.namespace, name)]
    }

    /// One step of a job.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let object = observed.object(reference) else {
            return releaseStrays(of: reference, in: observed)
        }
        let job = Job(object.json)
        guard let selector = job.selector, !selector.isEmpty, !job.isForeign else { return Plan() }
        let claim = Claim<Pod>(
            by: job, selector: selector, among: observed[.pod].candidates(for: job, selector))
        let isComplete = observed[.pod].resourceVersion >= job.version
        var step = JobStep(
            of: job, pods: claim.owned, isComplete: isComplete, plan: claim.plan, at: now)
        step.take(in: observed[.pod])
        if !isComplete { step.plan.append(.requeue(afterSeconds: 1)) }
        step.plan.append(releaseStrays(of: reference, besides: job.uid, in: observed))
        return step.plan
    }

    /// Nobody counts the pods of a job that is gone: they need not be kept for that. There may be
    /// another job of its name.
    private func releaseStrays(
        of reference: ObjectReference, besides uid: String? = nil, in observed: Observed
    ) -> Plan {
        var plan = Plan()
        let selector = LabelSelector([.init(Job.nameLabel, .equals, [reference.name])])
        let pods = observed[.pod].matching(selector, in: reference.namespace).map { Pod($0) }
        for pod in pods where pod.finalizers.contains(Job.trackingFinalizer) {
            if let uid, pod.controller?.uid ?? uid == uid { continue }
            // Whoever made the pod had seen its job: an older cache does not tell that it is gone.
            guard observed[.job].resourceVersion >= pod.version else {
                plan.append(.requeue(afterSeconds: 1))
                continue
            }
            JobTally.release(pod, &plan)
        }
        return plan
    }
}

/// One look at a job and its pods, and what follows from it.
private struct JobStep {
    let job: Job
    let pods: [Pod]
    let active: [Pod]
    let now: WallTime
    var plan: Plan
    var tally: JobTally
    var conditions: Conditions
    var startTime: WallTime?

    init(of job: Job, pods: [Pod], isComplete: Bool, plan: Plan, at now: WallTime) {
        self.job = job
        self.pods = pods
        self.now = now
        self.plan = plan
        active = pods.filter(\.isActive)
        tally = JobTally(of: job, pods: pods, isComplete: isComplete, &self.plan)
        conditions = Conditions(job)
        startTime = job.startTime
    }

    mutating func take(in cache: ObjectCache) {
        if conditions.isTrue("Complete") || conditions.isTrue("Failed") {
            deleteActive(active)
            expire()
        } else if !job.isTerminating {
            noteSuspension()
            judge()
            let isEnding =
                conditions.isTrue("FailureTarget") || conditions.isTrue("SuccessCriteriaMet")
            if isEnding || job.isSuspended {
                deleteActive(active)
            } else {
                keepRunning(in: cache)
            }
            if isEnding { finish() }
        }
        writeStatus()
    }
}

/// How a job ends.
extension JobStep {
    /// A job that has ended is kept for a while, if it says so.
    private mutating func expire() {
        guard let seconds = job.ttlSeconds, !job.isTerminating else { return }
        let end = ["Complete", "Failed"].compactMap { type in
            conditions.isTrue(type) ? WallTime(conditions[type]["lastTransitionTime"]) : nil
        }.min()
        guard let end else { return }
        let left = end.adding(seconds: Int64(seconds)).seconds(since: now)
        if left > 0 {
            plan.append(.requeue(afterSeconds: left))
        } else {
            plan.append(.delete(job.reference, uid: job.uid, .foreground))
        }
    }

    private mutating func noteSuspension() {
        if job.isSuspended {
            guard !conditions.isTrue("Suspended") else { return }
            startTime = nil
            conditions.set("Suspended", "True", "JobSuspended", "Job suspended", at: now)
            plan.emit(.normal, "Suspended", "Job suspended", about: job, by: JobPlanner.name)
        } else {
            startTime = startTime ?? now
            guard conditions.isTrue("Suspended") else { return }
            startTime = now
            conditions.set("Suspended", "False", "JobResumed", "Job resumed", at: now)
            plan.emit(.normal, "Resumed", "Job resumed", about: job, by: JobPlanner.name)
        }
    }

    /// Whether enough has succeeded or too much failed. A verdict stands.
    private mutating func judge() {
        guard !conditions.isTrue("FailureTarget"), !conditions.isTrue("SuccessCriteriaMet") else {
            return
        }
        if job.isIndexed {
            return fail("UnsupportedCompletionMode", "Indexed completion is not supported")
        }
        if tally.count(.failed) > job.backoffLimit {
            return fail("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        }
        let succeeded = tally.count(.succeeded)
        if job.completions.map({ succeeded >= $0 }) ?? (succeeded > 0 && active.isEmpty) {
            return conditions.set(
                "SuccessCriteriaMet", "True", "CompletionsReached",
                "Reached expected number of succeeded pods", at: now)
        }
        guard !job.isSuspended, let deadline = job.activeDeadlineSeconds, let startTime else {
            return
        }
        let left = startTime.adding(seconds: Int64(deadline)).seconds(since: now)
        if left <= 0 {
            fail("DeadlineExceeded", "Job was active longer than specified deadline")
        } else {
            plan.append(.requeue(afterSeconds: left))
        }
    }

    private mutating func fail(_ reason: String, _ message: String) {
        conditions.set("FailureTarget", "True", reason, message, at: now)
        plan.emit(.warning, reason, message, about: job, by: JobPlanner.name)
    }

    /// The end is told once all pods have ended and are counted.
    private mutating func finish() {
        guard active.isEmpty, tally.uncounted.isEmpty, pods.allSatisfy(\.isFinished) else { return }
        for (verdict, end) in [("FailureTarget", "Failed"), ("SuccessCriteriaMet", "Complete")] {
            guard conditions.isTrue(verdict), let cause = conditions[verdict] else { continue }
            conditions.set(
                end, "True", cause["reason"].stringValue ?? "", cause["message"].stringValue ?? "",
                at: now)
            if end == "Complete" {
                plan.emit(.normal, "Completed", "Job completed", about: job, by: JobPlanner.name)
            }
        }
    }

    private mutating func writeStatus() {
        var status: JSON = [:]
        if !conditions.list.isEmpty { status["conditions"] = conditions.json }
        status["startTime"] = startTime?.json
        if conditions.isTrue("Complete") {
            status["completionTime"] = conditions["Complete"]["lastTransitionTime"]
        }
        let counts = [
            ("active", active.count), ("succeeded", tally.succeeded), ("failed", tally.failed),
        ]
        for (name, count) in counts where count > 0 { status[name] = .integer(Int64(count)) }
        let terminating = pods.count { $0.isTerminating && !$0.isFinished }
        status["terminating"] = .integer(Int64(terminating))
        status["uncountedTerminatedPods"] = tally.json
        status["ready"] = .integer(Int64(active.count(where: \.isReady)))
        plan.updateStatus(of: job, to: status)
    }
}

/// The pods of a job.
extension JobStep {
    /// The longest wait before a pod that failed is replaced.
    private static let backoffSecondsMax: Int64 = 600

    private mutating func keepRunning(in cache: ObjectCache) {
        let wanted: Int
        if let completions = job.completions {
            wanted = min(job.parallelism, max(0, completions - tally.count(.succeeded)))
        } else {
            // Once one has succeeded the others end by themselves.
            wanted =
                tally.count(.succeeded) > 0
                ? min(active.count, job.parallelism) : job.parallelism
        }
        if active.count > wanted {
            deleteActive(DeletionOrder.first(active.count - wanted, of: active))
        } else if active.count < wanted {
            let wait = secondsOfBackoff()
            if wait > 0 { return plan.append(.requeue(afterSeconds: wait)) }
            create(min(wanted - active.count, ReplicaSetPlanner.burstMax), in: cache)
        }
    }

    private mutating func deleteActive(_ pods: [Pod]) {
        for pod in pods {
            plan.append(.delete(pod.reference, uid: pod.uid, .background))
            plan.emit(
                .normal, "SuccessfulDelete", "Deleted pod: \(pod.name)", about: job,
                by: JobPlanner.name)
        }
    }

    private mutating func create(_ count: Int, in cache: ObjectCache) {
        for name in ChildNames.free(count, of: job, in: cache) {
            var pod = Pod.make(from: job.template, name: name, ownedBy: job)
            let finalizers = pod.value(at: "metadata.finalizers").arrayValue ?? []
            pod["metadata"]["finalizers"] = .array(finalizers + [.string(Job.trackingFinalizer)])
            plan.append(.create(pod))
            plan.emit(
                .normal, "SuccessfulCreate", "Created pod: \(name)", about: job,
                by: JobPlanner.name)
        }
    }

    /// How long to wait before pods that failed are replaced: 10 s, doubled with each failure
    /// since a pod succeeded.
    private func secondsOfBackoff() -> Int64 {
        let ended = pods.filter(\.isFinished).sorted { ($0.end, $0.name) < ($1.end, $1.name) }
        let failures = ended.reversed().prefix { $0.phase == "Failed" }
        guard let last = failures.first else { return 0 }
        let delay = min(Self.backoffSecondsMax, 10 << min(failures.count - 1, 10))
        return max(0, last.end.adding(seconds: delay).seconds(since: now))
    }
}

extension Pod {
    /// When its last container ended; when it was last looked at, if nobody says.
    fileprivate var end: WallTime {
        let ends = (json.value(at: "status.containerStatuses").arrayValue ?? []).compactMap {
            WallTime($0["state"]["terminated"]["finishedAt"])
        }
        return ends.max() ?? readinessChange ?? creation
    }
}
