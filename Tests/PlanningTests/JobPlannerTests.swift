import Planning
import Primitives
import ResourceModel
import Testing

/// Jobs as Kubernetes runs them.
@Suite struct JobPlannerTests {
    private let job = ObjectReference(.job, "a", "pi")

    private func loop(_ spec: JSON, behaviour: String? = "succeed") throws -> ControlLoop {
        var loop = ControlLoop([JobPlanner()])
        var object: JSON = [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": ["name": "pi", "namespace": "a"],
            "spec": [
                "completions": 1, "parallelism": 1,
                "selector": ["matchLabels": ["job": "pi"]],
                "template": Samples.template(["job": "pi"], behaviour: behaviour),
            ],
        ]
        object.merge(["spec": spec])
        try loop.cluster.create(object)
        return loop
    }

    private func status(_ loop: ControlLoop) -> String {
        let status = loop.cluster[.job, "a", "pi"]?["status"]
        let counts = ["active", "succeeded", "failed"].compactMap { name in
            status[name].integerValue.map { "\(name)=\($0)" }
        }
        let conditions = (status["conditions"].arrayValue ?? []).filter { $0["status"] == "True" }
            .map { "\($0["type"].stringValue ?? "")(\($0["reason"].stringValue ?? ""))" }
        return (counts + conditions).joined(separator: " ")
    }

    @Test func `pods run until enough have succeeded`() throws {
        var loop = try loop(["completions": 5, "parallelism": 2])
        var most = 0
        for _ in 0..<100 where loop.run(roundsMax: 1) == nil {
            most = max(most, loop.cluster.all(.pod).map { Pod($0) }.count(where: \.isActive))
        }
        #expect(most == 2)
        let end = "SuccessCriteriaMet(CompletionsReached) Complete(CompletionsReached)"
        #expect(status(loop) == "succeeded=5 " + end)
        let pods = loop.cluster.all(.pod)
        #expect(pods.count == 5 && pods.allSatisfy(\.finalizers.isEmpty))
        #expect(loop.log.last?.hasPrefix("status Job a/pi") == true)
        #expect(loop.log.contains("event Job a/pi Completed: Job completed"))
    }

    @Test(arguments: [false, true])
    func `pods whose job is gone are kept no longer`(isReplaced: Bool) throws {
        let labels: JSON = ["job": "pi", "batch.kubernetes.io/job-name": "pi"]
        var loop = try loop(
            ["template": Samples.template(labels)], behaviour: nil)
        #expect(loop.run() != nil)
        let old = try #require(loop.cluster.all(.pod).first)
        #expect(!old.finalizers.isEmpty)
        loop.cluster.delete(job, .background)
        if isReplaced {
            let next = try self.loop(["template": Samples.template(labels)], behaviour: nil)
            try loop.cluster.create(try #require(next.cluster[.job, "a", "pi"]))
        }
        loop.cluster.delete(old.reference, .background)
        #expect(loop.run() != nil)
        #expect(!loop.cluster.all(.pod).contains { $0.uid == old.uid })
        #expect(loop.cluster.all(.pod).count == (isReplaced ? 1 : 0))
    }

    @Test func `too many failures end a job, after waiting twice as long each time`() throws {
        var loop = try loop(["backoffLimit": 2], behaviour: "fail")
        let start = loop.cluster.now
        #expect(loop.run() != nil)
        #expect(
            status(loop)
                == "failed=3 FailureTarget(BackoffLimitExceeded) Failed(BackoffLimitExceeded)")
        #expect((30...60).contains(loop.cluster.now.seconds(since: start)))
    }

    @Test func `a job that takes too long ends with its pods`() throws {
        var loop = try loop(
            ["activeDeadlineSeconds": 25, "parallelism": 3, "completions": 3],
            behaviour: "never-ready")
        #expect(loop.run() != nil)
        #expect(status(loop) == "failed=3 FailureTarget(DeadlineExceeded) Failed(DeadlineExceeded)")
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `a pod that is deleted while it runs has failed, and is replaced`() throws {
        var loop = try loop([:], behaviour: "never-ready")
        #expect(loop.run() != nil)
        loop.cluster.delete(loop.cluster.all(.pod)[0].reference, .background)
        #expect(loop.run() != nil)
        #expect(status(loop) == "active=1 failed=1")
    }

    @Test func `a suspended job has no pods, and begins anew`() throws {
        var loop = try loop(["suspend": true])
        #expect(loop.run() != nil)
        #expect(status(loop) == "Suspended(JobSuspended)")
        #expect(loop.cluster[.job, "a", "pi"]?.value(at: "status.startTime") == nil)
        loop.cluster.edit(job) { $0["spec"]["suspend"] = false }
        loop.cluster.edit(job) { $0["spec"]["template"]["metadata"]["annotations"] = nil }
        #expect(loop.run() != nil)
        #expect(status(loop) == "active=1")
        #expect(loop.cluster[.job, "a", "pi"]?.value(at: "status.startTime") != nil)
        loop.cluster.edit(job) { $0["spec"]["suspend"] = true }
        #expect(loop.run() != nil)
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `without a number of completions one success lets the others end`() throws {
        var loop = try loop(["completions": .null, "parallelism": 3])
        #expect(loop.run() != nil)
        #expect(status(loop).hasPrefix("succeeded=3 SuccessCriteriaMet"))
        #expect(loop.cluster.all(.pod).count == 3)
    }

    @Test func `a job that has ended goes after a while, if it says so`() throws {
        var loop = try loop(["ttlSecondsAfterFinished": 100])
        #expect(loop.run() != nil)
        #expect(loop.plans()[0].1.requeueAfterSeconds != nil)
        loop.cluster.now = loop.cluster.now.adding(seconds: 101)
        let text = loop.plans()[0].1.description
        #expect(text == "delete Job a/pi Foreground")
    }

    @Test func `numbered completions are refused, not done otherwise`() throws {
        var loop = try loop(["completionMode": "Indexed"])
        #expect(loop.run() != nil)
        #expect(status(loop).hasSuffix("Failed(UnsupportedCompletionMode)"))
        #expect(loop.cluster.all(.pod).isEmpty)
    }

    @Test func `every success is counted once, whatever dies or is deleted`() throws {
        for seed in 0..<80 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = try loop(["completions": 4, "parallelism": 2, "backoffLimit": 100])
            loop.lag = random.split()
            loop.writesBeforeCrash = random.below(40)
            for _ in 0..<12 {
                _ = loop.run(roundsMax: 3)
                for pod in loop.cluster.all(.pod) where random.chance(0.15) {
                    loop.cluster.delete(pod.reference, .background)
                }
            }
            #expect(loop.run(roundsMax: 400) != nil, "seed \(seed): no end")
            let successes = loop.cluster.history.map(\.object).filter {
                $0["kind"] == "Pod" && $0.value(at: "status.phase") == "Succeeded"
            }
            let uids = Set(successes.map { Resource($0).uid })
            #expect(status(loop).contains("Complete(CompletionsReached)"), "seed \(seed)")
            let count = loop.cluster[.job, "a", "pi"]?.value(at: "status.succeeded").integerValue
            #expect(count == Int64(uids.count) && uids.count >= 4, "seed \(seed)")
            let held = loop.cluster.all(.pod).filter { !$0.finalizers.isEmpty }
            #expect(held.isEmpty, "seed \(seed)")
        }
    }
}
