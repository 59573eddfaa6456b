import PodModel
import Primitives
import ResourceModel
import Testing

/// Random pods whose containers end at random: carried out again and again, the plan comes to an
/// end, and to what the pod asks for.
@Suite struct PlanFixpointTests {
    @Test(arguments: 0..<300)
    func `a plan that is carried out comes to an end`(_ seed: Int) throws {
        var node = Node(seed: UInt64(seed))
        var rounds = 0
        while node.step() {
            rounds += 1
            try #require(rounds < 500, "seed \(seed)")
        }
        #expect(node.problems.isEmpty, "seed \(seed)")
        let main = node.situation.containers.filter { $0.name.hasPrefix("m") }
        let phase = PodPhase(of: node.pod, node.situation.containers)
        switch node.policy {
        case .always:
            #expect(phase == .running && main.allSatisfy(\.isRunning), "seed \(seed)")
        case .onFailure:
            let failed = main.filter { $0.termination?.exitCode == 1 }
            #expect(phase != .failed && failed.isEmpty, "seed \(seed)")
        case .never:
            #expect(main.allSatisfy { $0.restartCount == 0 }, "seed \(seed)")
        }
        node.situation.isEnding = true
        while node.step() {}
        let running = node.situation.containers.filter(\.isRunning)
        #expect(running.isEmpty, "seed \(seed)")
        #expect(PodPlan.actions(for: node.pod, node.situation).isEmpty, "seed \(seed)")
    }
}

/// A node that does what the plan says, with containers that end now and then.
private struct Node {
    let policy: RestartPolicy
    let pod: JSON
    var situation = PodSituation()
    var problems: [String] = []
    private let initial: [String]
    private var random: SplitMix64
    private var endsLeft: Int

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        policy = [.always, .onFailure, .never].randomElement(using: &random)!
        let initial = (0..<Int.random(in: 0...3, using: &random)).map { number in
            Bool.random(using: &random) ? "i\(number)" : "s\(number)"
        }
        let main = (0..<Int.random(in: 1...3, using: &random)).map { "m\($0)" }
        endsLeft = Int.random(in: 0...6, using: &random)
        var pod: JSON = ["spec": ["restartPolicy": .string(policy.rawValue)]]
        let specs: [JSON] = initial.map { name in
            name.hasPrefix("s")
                ? ["name": .string(name), "restartPolicy": "Always"] : ["name": .string(name)]
        }
        pod.setValue(.array(specs), at: "spec.initContainers")
        pod.setValue(.array(main.map { ["name": .string($0)] }), at: "spec.containers")
        self.pod = pod
        self.initial = initial
        self.random = random
    }

    /// One round; false if there was nothing to do and nothing happened.
    mutating func step() -> Bool {
        let actions = PodPlan.actions(for: pod, situation)
        for action in actions { perform(action) }
        let hasEnded = endSome()
        return !actions.isEmpty || hasEnded
    }

    private mutating func perform(_ action: PodAction) {
        switch action {
        case .start(let name, let attempt):
            let before = situation.containers.firstIndex { $0.name == name }
            let old = before.map { situation.containers[$0] }
            if old?.isRunning == true { problems.append("\(name) runs already") }
            if attempt != (old.map { $0.restartCount + 1 } ?? 0) {
                problems.append("\(name) is started as \(attempt)")
            }
            let waitsFor = PodPhase.unfinishedInitialContainers(of: pod, situation.containers)
            let isInitial = initial.contains(name)
            if !waitsFor.isEmpty && !isInitial { problems.append("\(name) starts too early") }
            let new = ContainerObservation(
                name: name, containerID: "process://\(name)", state: .running(startedAt: "t"),
                lastTermination: old?.termination, restartCount: attempt, isStarted: true)
            if let before {
                situation.containers[before] = new
            } else {
                situation.containers.append(new)
            }
        case .stop(let name, _): end(name, code: 143)
        case .wait(let name, _, _): problems.append("\(name) waits for nothing")
        }
    }

    /// Initial containers end always, others as long as there is something left to go wrong.
    private mutating func endSome() -> Bool {
        var hasEnded = false
        for container in situation.containers where container.isRunning {
            let isInitial = container.name.hasPrefix("i")
            let fails = endsLeft > 0 && Bool.random(using: &random)
            guard isInitial || fails else { continue }
            if fails { endsLeft -= 1 }
            let code: Int32 = fails && Bool.random(using: &random) ? 1 : 0
            end(container.name, code: code)
            hasEnded = true
        }
        return hasEnded
    }

    private mutating func end(_ name: String, code: Int32) {
        guard let index = situation.containers.firstIndex(where: { $0.name == name }) else {
            problems.append("\(name) is not there")
            return
        }
        situation.containers[index].isStarted = false
        situation.containers[index].state = .terminated(
            ContainerObservation.Termination(
                exitCode: code, reason: "Error", startedAt: "t", finishedAt: "t",
                containerID: "process://\(name)"))
    }
}
