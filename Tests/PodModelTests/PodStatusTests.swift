import PodModel
import ResourceModel
import Testing

/// What a pod's containers mean for the pod, and what comes next.
@Suite struct PodStatusTests {
    // kubelet's getPhase: one row for each rule.
    @Test(arguments: [
        ("Always", [], "Pending"), ("Always", ["w", "r"], "Pending"),
        ("Always", ["r", "r"], "Running"), ("Always", ["r", "0"], "Running"),
        ("Always", ["0", "0"], "Running"), ("Always", ["b", "b"], "Running"),
        ("OnFailure", ["0", "0"], "Succeeded"), ("OnFailure", ["0", "1"], "Running"),
        ("Never", ["0", "0"], "Succeeded"), ("Never", ["0", "1"], "Failed"),
        ("Never", ["r", "1"], "Running"),
    ])
    func `the phase follows from the containers`(
        _ policy: String, _ states: [String], _ phase: String
    ) throws {
        let containers = zip(["a", "b"], states).map { container($0, $1) }
        #expect(PodPhase(of: try pod(policy), containers).rawValue == phase)
    }

    @Test(arguments: [
        ("Always", "w", "Pending"), ("Always", "r", "Pending"), ("Always", "1", "Pending"),
        ("Never", "1", "Failed"), ("Never", "0", "Running"), ("OnFailure", "b", "Pending"),
    ])
    func `initial containers come first`(
        _ policy: String, _ state: String, _ phase: String
    ) throws {
        let containers = [container("i1", state), container("a", "r"), container("b", "r")]
        #expect(PodPhase(of: try pod(policy, initial: ["i1"]), containers).rawValue == phase)
    }

    @Test func `a final phase stays, a rejection makes one`() throws {
        var done = try pod("Never")
        done.setValue("Succeeded", at: "status.phase")
        let status = PodStatusReport.status(of: done, [container("a", "r")], facts())
        #expect(status["phase"] == "Succeeded")
        var rejected = facts()
        rejected.rejection = ("OutOfcpu", "no room")
        let refused = PodStatusReport.status(of: try pod("Always"), [], rejected)
        #expect(refused["phase"] == "Failed" && refused["reason"] == "OutOfcpu")
        #expect(refused["message"] == "no room")
    }

    @Test func `the status tells of every container`() throws {
        var web = container("a", "r")
        web.isReady = true
        web.isStarted = true
        let status = PodStatusReport.status(
            of: try pod("Always", initial: ["i1"]), [container("i1", "0"), web], facts())
        #expect(status["phase"] == "Pending")
        #expect(status["podIP"] == "127.64.0.9" && status["hostIP"] == "10.0.0.1")
        let main = try #require(status["containerStatuses"].arrayValue)
        #expect(main.count == 2)
        #expect(main[0].value(at: "state.running.startedAt") == "t1")
        #expect(main[0]["ready"] == true && main[0]["containerID"] == "process://a")
        #expect(main[1].value(at: "state.waiting.reason") == "PodInitializing")
        let initial = try #require(status["initContainerStatuses"]?[0])
        #expect(initial.value(at: "state.terminated.reason") == "Completed")
        #expect(condition("Initialized", status) == "True  t9")
        #expect(
            condition("ContainersReady", status)
                == "False ContainersNotReady/containers with unready status: [b] t9")
    }

    @Test func `a condition keeps its time until it changes`() throws {
        var pod = try pod("Always")
        pod["status"] = PodStatusReport.status(of: pod, [container("a", "r")], facts())
        #expect(condition("Ready", pod["status"]!).hasPrefix("False"))
        pod["status"] = PodStatusReport.status(of: pod, [container("a", "r")], facts(now: "t10"))
        #expect(condition("Ready", pod["status"]!).hasSuffix("t9"))
        var (a, b) = (container("a", "r"), container("b", "r"))
        (a.isReady, b.isReady) = (true, true)
        pod["status"] = PodStatusReport.status(of: pod, [a, b], facts(now: "t11"))
        #expect(condition("Ready", pod["status"]!) == "True  t11")
        #expect(condition("PodReadyToStartContainers", pod["status"]!) == "True  t9")
    }

    @Test func `initial containers run one after the other, the main ones together`() throws {
        let pod = try pod("Always", initial: ["i1", "i2"])
        var situation = PodSituation()
        #expect(PodPlan.actions(for: pod, situation) == [.start(container: "i1", attempt: 0)])
        situation.containers = [container("i1", "r")]
        #expect(PodPlan.actions(for: pod, situation) == [])
        situation.containers = [container("i1", "0")]
        #expect(PodPlan.actions(for: pod, situation) == [.start(container: "i2", attempt: 0)])
        situation.containers = [container("i1", "0"), container("i2", "1")]
        #expect(PodPlan.actions(for: pod, situation) == [.start(container: "i2", attempt: 1)])
        situation.containers = [container("i1", "0"), container("i2", "0")]
        #expect(
            PodPlan.actions(for: pod, situation) == [
                .start(container: "a", attempt: 0), .start(container: "b", attempt: 0),
            ])
    }

    @Test func `an initial container that goes on lets the others start once it has started`()
        throws
    {
        let pod = try pod("Never", initial: ["i1+", "i2"])
        var situation = PodSituation()
        situation.containers = [container("i1", "r")]
        #expect(PodPlan.actions(for: pod, situation) == [])
        situation.containers[0].isStarted = true
        #expect(PodPlan.actions(for: pod, situation) == [.start(container: "i2", attempt: 0)])
        situation.containers = [container("i1", "1")]
        #expect(PodPlan.actions(for: pod, situation) == [.start(container: "i1", attempt: 1)])
    }

    @Test func `containers are restarted as the policy says, after their wait`() throws {
        var situation = PodSituation()
        situation.containers = [container("a", "1"), container("b", "0")]
        #expect(
            PodPlan.actions(for: try pod("OnFailure"), situation)
                == [.start(container: "a", attempt: 1)])
        #expect(PodPlan.actions(for: try pod("Never"), situation) == [])
        situation.waits = ["a": (.seconds(3), .seconds(10))]
        #expect(
            PodPlan.actions(for: try pod("Always"), situation) == [
                .wait(container: "a", remaining: .seconds(3), wait: .seconds(10)),
                .start(container: "b", attempt: 1),
            ])
    }

    @Test func `a pod that ends stops what runs, a failed probe what it concerns`() throws {
        var situation = PodSituation()
        situation.containers = [container("a", "r"), container("b", "1")]
        situation.failedProbes = ["a": .liveness]
        #expect(
            PodPlan.actions(for: try pod("Never"), situation)
                == [.stop(container: "a", reason: .probeFailed(.liveness))])
        situation.isEnding = true
        #expect(
            PodPlan.actions(for: try pod("Always"), situation)
                == [.stop(container: "a", reason: .podEnds)])
    }

    /// `w` waits for its first start, `r` runs, a number is an exit code, `b` backs off.
    private func container(_ name: String, _ state: String) -> ContainerObservation {
        let code = Int32(state) ?? 1
        let end = ContainerObservation.Termination(
            exitCode: code, reason: code == 0 ? "Completed" : "Error", startedAt: "t1",
            finishedAt: "t2", containerID: "process://\(name)")
        switch state {
        case "w":
            return ContainerObservation(name: name, state: .waiting(reason: "ContainerCreating"))
        case "r":
            return ContainerObservation(
                name: name, containerID: "process://\(name)", state: .running(startedAt: "t1"))
        case "b":
            return ContainerObservation(
                name: name, state: .waiting(reason: "CrashLoopBackOff"), lastTermination: end)
        default:
            return ContainerObservation(
                name: name, containerID: "process://\(name)", state: .terminated(end))
        }
    }

    /// Containers `a` and `b` after initial ones; a `+` marks those that go on.
    private func pod(_ policy: String, initial: [String] = []) throws -> JSON {
        var pod = try JSON(parsing: #"{"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}"#)
        pod.setValue(.string(policy), at: "spec.restartPolicy")
        let specs: [JSON] = initial.map { name in
            let plain = String(name.prefix { $0 != "+" })
            return name == plain
                ? ["name": .string(name)] : ["name": .string(plain), "restartPolicy": "Always"]
        }
        if !specs.isEmpty { pod.setValue(.array(specs), at: "spec.initContainers") }
        return pod
    }

    private func facts(now: String = "t9") -> PodStatusReport.Facts {
        PodStatusReport.Facts(
            now: now, startTime: "t0", hostAddress: "10.0.0.1", podAddress: "127.64.0.9")
    }

    /// `STATUS REASON/MESSAGE TIME` of a condition.
    private func condition(_ type: String, _ status: JSON) -> String {
        let found = status["conditions"].arrayValue?.first { $0["type"].stringValue == type }
        let parts = [found["reason"].stringValue, found["message"].stringValue].compactMap(\.self)
        return "\(found["status"].stringValue ?? "-") \(parts.joined(separator: "/")) "
            + (found["lastTransitionTime"].stringValue ?? "-")
    }
}
