import ResourceModel

/// What planners ask of a job.
struct Job: ObjectView {
    /// Keeps an ended pod until it is counted.
    static let trackingFinalizer = "batch.kubernetes.io/job-tracking"
    /// Names its job; on every pod.
    static let nameLabel = "batch.kubernetes.io/job-name"

    let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    /// How many pods must succeed; nil if the pods decide among themselves.
    var completions: Int? { integer("spec.completions") }
    /// How many pods run at a time.
    var parallelism: Int { integer("spec.parallelism") ?? 1 }
    /// How many pods may fail.
    var backoffLimit: Int { integer("spec.backoffLimit") ?? 6 }
    /// How long it may be active.
    var activeDeadlineSeconds: Int? { integer("spec.activeDeadlineSeconds") }
    /// How long it is kept once it has ended.
    var ttlSeconds: Int? { integer("spec.ttlSecondsAfterFinished") }
    /// Whether it is held.
    var isSuspended: Bool { json.value(at: "spec.suspend") == true }
    /// Whether its pods are numbered.
    var isIndexed: Bool { json.value(at: "spec.completionMode") == "Indexed" }
    /// What the pods run.
    var template: JSON? { json.value(at: "spec.template") }
    /// Since when it is active.
    var startTime: WallTime? { WallTime(json.value(at: "status.startTime")) }

    /// Whether somebody else runs it.
    var isForeign: Bool {
        let manager = json.value(at: "spec.managedBy").stringValue
        return manager != nil && manager != "kubernetes.io/job-controller"
    }
}

/// How many pods of a job have ended how. Exact whatever happens to the pods afterwards: the uid
/// of an ended pod is first written down in the status, then the pod's finalizer goes, then the
/// uid becomes part of the number.
struct JobTally {
    private(set) var succeeded: Int
    private(set) var failed: Int
    private(set) var uncounted: [Outcome: [String]] = [:]

    enum Outcome: String, CaseIterable {
        case succeeded
        case failed
    }

    /// - Parameters:
    ///   - pods: all pods of the job that are there.
    ///   - isComplete: whether those are all that were there when the job became what it is; else
    ///     what is missing may not have been seen yet.
    init(of job: Job, pods: [Pod], isComplete: Bool, _ plan: inout Plan) {
        succeeded = job.integer("status.succeeded") ?? 0
        failed = job.integer("status.failed") ?? 0
        let tracked = pods.filter { $0.finalizers.contains(Job.trackingFinalizer) }
        let byUID = Dictionary(uniqueKeysWithValues: tracked.map { ($0.uid, $0) })
        let status = job.json.value(at: "status.uncountedTerminatedPods")
        var noted: Set<String> = []
        for outcome in Outcome.allCases {
            for uid in (status[outcome.rawValue].arrayValue ?? []).compactMap(\.stringValue) {
                noted.insert(uid)
                if let pod = byUID[uid] { Self.release(pod, &plan) }
                if isComplete, byUID[uid] == nil {
                    add(1, to: outcome)
                } else {
                    uncounted[outcome, default: []].append(uid)
                }
            }
        }
        for pod in tracked where !noted.contains(pod.uid) {
            guard let outcome = Self.outcome(of: pod) else { continue }
            uncounted[outcome, default: []].append(pod.uid)
        }
    }

    /// Those written down count as well.
    func count(_ outcome: Outcome) -> Int {
        (outcome == .succeeded ? succeeded : failed) + (uncounted[outcome]?.count ?? 0)
    }

    private mutating func add(_ count: Int, to outcome: Outcome) {
        if outcome == .succeeded { succeeded += count } else { failed += count }
    }

    /// How a pod has ended; one that was deleted before has failed.
    static func outcome(of pod: Pod) -> Outcome? {
        if pod.phase == "Succeeded" { return .succeeded }
        return pod.phase == "Failed" || pod.isTerminating ? .failed : nil
    }

    /// Lets an ended pod go that has been counted.
    static func release(_ pod: Pod, _ plan: inout Plan) {
        let kept = pod.finalizers.filter { $0 != Job.trackingFinalizer }.map(JSON.string)
        plan.append(
            .patch(
                pod.reference,
                [
                    "metadata": [
                        "finalizers": .array(kept),
                        "resourceVersion": .string(pod.resourceVersion),
                    ]
                ]))
    }

    var json: JSON {
        var json = JSON.emptyObject
        for outcome in Outcome.allCases {
            guard let uids = uncounted[outcome] else { continue }
            json[outcome.rawValue] = .array(uids.sorted().map(JSON.string))
        }
        return json
    }
}
