import Kinds
import ResourceModel
import Testing

/// What `kubectl get pods` shows.
@Suite struct PodTableTests {
    private func row(_ status: JSON, spec: JSON? = nil, deleted: Bool = false) -> [JSON] {
        var object: JSON = [
            "metadata": ["creationTimestamp": "2026-01-01T00:00:00Z"],
            "spec": spec ?? ["containers": [["name": "a"], ["name": "b"]]], "status": status,
        ]
        if deleted { object["metadata"]["deletionTimestamp"] = "2026-01-01T00:01:00Z" }
        let cells = cells(kind("Pod"), object, at: 1_767_225_600 + 200)
        return ["Ready", "Status", "Restarts", "Age"].map { cells[$0] ?? "" }
    }

    private let running: JSON = [
        "ready": true, "restartCount": 0, "state": ["running": [:]],
    ]

    @Test func `a pod that runs`() {
        let status: JSON = ["phase": "Running", "containerStatuses": [running, running]]
        #expect(row(status) == ["2/2", "Running", "0", "3m20s"])
    }

    @Test func `a pod that is to be gone`() {
        let status: JSON = ["phase": "Running", "containerStatuses": [running, running]]
        #expect(row(status, deleted: true) == ["2/2", "Terminating", "0", "3m20s"])
    }

    @Test func `a pod that waits for its node`() {
        #expect(row(["phase": "Pending"]) == ["0/2", "Pending", "0", "3m20s"])
    }

    @Test func `a container that fails again and again`() {
        let failing: JSON = [
            "ready": false, "restartCount": 4, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
            "lastState": ["terminated": ["exitCode": 1, "finishedAt": "2026-01-01T00:02:00Z"]],
        ]
        let status: JSON = ["phase": "Running", "containerStatuses": [failing, running]]
        #expect(row(status) == ["1/2", "CrashLoopBackOff", "4 (80s ago)", "3m20s"])
    }

    @Test func `a pod that is done`() {
        let done: JSON = [
            "ready": false, "restartCount": 0,
            "state": ["terminated": ["exitCode": 0, "reason": "Completed"]],
        ]
        let status: JSON = ["phase": "Succeeded", "containerStatuses": [done, done]]
        #expect(row(status) == ["0/2", "Completed", "0", "3m20s"])
    }

    @Test func `an init container at work`() {
        let spec: JSON = [
            "initContainers": [["name": "x"], ["name": "y"]], "containers": [["name": "a"]],
        ]
        let done: JSON = ["name": "x", "state": ["terminated": ["exitCode": 0]]]
        let working: JSON = ["name": "y", "state": ["running": [:]]]
        let status: JSON = ["phase": "Pending", "initContainerStatuses": [done, working]]
        #expect(row(status, spec: spec) == ["0/1", "Init:1/2", "0", "3m20s"])
    }

    @Test func `an init container that failed`() {
        let spec: JSON = ["initContainers": [["name": "x"]], "containers": [["name": "a"]]]
        let failed: JSON = ["name": "x", "state": ["terminated": ["exitCode": 3]]]
        let status: JSON = ["phase": "Pending", "initContainerStatuses": [failed]]
        #expect(row(status, spec: spec) == ["0/1", "Init:ExitCode:3", "0", "3m20s"])
    }
}
