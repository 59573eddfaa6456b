import ResourceModel

/// What `kubectl get pods` shows of a pod, by the rules of Kubernetes' printer.
struct PodSummary {
    /// Containers that run beside each other, init containers with `restartPolicy: Always` among
    /// them.
    var containerCount: Int
    /// How many of them are ready.
    private(set) var readyCount = 0
    /// What the pod does, or what keeps it from it.
    private(set) var reason: String
    private var restartCount: Int64 = 0
    private var lastRestart: Int64?
    private let nowSeconds: Int64

    private let pod: JSON
    private let initContainers: [JSON]

    init(_ pod: JSON, nowSeconds: Int64) {
        self.pod = pod
        self.nowSeconds = nowSeconds
        initContainers = pod.value(at: "spec.initContainers").arrayValue ?? []
        containerCount =
            (pod.value(at: "spec.containers").arrayValue ?? []).count
            + initContainers.filter { $0["restartPolicy"] == "Always" }.count
        let status = pod["status"]
        let ownReason = status["reason"].stringValue ?? ""
        reason = ownReason.isEmpty ? status["phase"].stringValue ?? "Unknown" : ownReason
        if condition("PodScheduled")["reason"] == "SchedulingGated" { reason = "SchedulingGated" }
        let isInitializing = readInitContainers()
        if !isInitializing || condition("Initialized")["status"] == "True" { readContainers() }
        if pod.value(at: "metadata.deletionTimestamp") != nil {
            let phase = status["phase"].stringValue ?? ""
            if ownReason == "NodeLost" {
                reason = "Unknown"
            } else if phase != "Failed", phase != "Succeeded" {
                reason = "Terminating"
            }
        }
    }

    /// How often containers were started again, and how long ago the last time was.
    var restarts: String {
        guard restartCount > 0, let lastRestart else { return "\(restartCount)" }
        return "\(restartCount) (\(Age.text(seconds: nowSeconds - lastRestart)) ago)"
    }

    private func condition(_ type: String) -> JSON? {
        (pod.value(at: "status.conditions").arrayValue ?? []).first {
            $0["type"].stringValue == type
        }
    }

    /// Goes through the init containers up to the one that is not done; whether there is one.
    private mutating func readInitContainers() -> Bool {
        var sidecarRestarts: Int64 = 0
        var sidecarRestart: Int64?
        defer {
            // Once the pod is initialized, restarts of init containers that have ended are over.
            sidecars = (sidecarRestarts, sidecarRestart)
        }
        for (index, status) in (pod.value(at: "status.initContainerStatuses").arrayValue ?? [])
            .enumerated()
        {
            countRestarts(of: status)
            let isSidecar = initContainers.contains {
                $0["name"] == status["name"] && $0["restartPolicy"] == "Always"
            }
            if isSidecar {
                sidecarRestarts += status["restartCount"].integerValue ?? 0
                sidecarRestart = Self.later(sidecarRestart, Self.lastEnd(of: status))
            }
            let state = status["state"]
            if state["terminated"]["exitCode"] == 0 { continue }
            if isSidecar, status["started"] == true {
                if status["ready"] == true { readyCount += 1 }
                continue
            }
            reason = "Init:" + initReason(state, index)
            return true
        }
        return false
    }

    private var sidecars: (restarts: Int64, lastRestart: Int64?) = (0, nil)

    private func initReason(_ state: JSON?, _ index: Int) -> String {
        if let ended = state["terminated"] { return Self.endReason(of: ended) }
        let waiting = state["waiting"]["reason"].stringValue ?? ""
        if !waiting.isEmpty, waiting != "PodInitializing" { return waiting }
        return "\(index)/\(initContainers.count)"
    }

    private mutating func readContainers() {
        (restartCount, lastRestart) = (sidecars.restarts, sidecars.lastRestart)
        var isRunning = false
        for status in (pod.value(at: "status.containerStatuses").arrayValue ?? []).reversed() {
            countRestarts(of: status)
            let state = status["state"]
            if let waiting = state["waiting"]["reason"].stringValue, !waiting.isEmpty {
                reason = waiting
            } else if let ended = state["terminated"] {
                reason = Self.endReason(of: ended)
            } else if status["ready"] == true, state["running"] != nil {
                isRunning = true
                readyCount += 1
            }
        }
        if reason == "Completed", isRunning {
            reason = condition("Ready")["status"] == "True" ? "Running" : "NotReady"
        }
    }

    private mutating func countRestarts(of status: JSON) {
        restartCount += status["restartCount"].integerValue ?? 0
        lastRestart = Self.later(lastRestart, Self.lastEnd(of: status))
    }

    private static func lastEnd(of status: JSON) -> Int64? {
        status["lastState"]["terminated"]["finishedAt"].timeSeconds
    }

    private static func later(_ first: Int64?, _ second: Int64?) -> Int64? {
        guard let first, let second else { return first ?? second }
        return max(first, second)
    }

    private static func endReason(of ended: JSON) -> String {
        if let reason = ended["reason"].stringValue, !reason.isEmpty { return reason }
        let signal = ended["signal"].integerValue ?? 0
        if signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(ended["exitCode"].integerValue ?? 0)"
    }
}
