import Planning
import ResourceModel
import Testing

/// What of a plan can be done at the same time.
@Suite struct PlanStagesTests {
    private func pod(_ name: String) -> JSON {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": "a"],
        ]
    }

    private func note(_ reason: String) -> EventNote {
        EventNote(
            about: ObjectReference(.replicaSet, "a", "web"), uid: "u", type: .normal,
            reason: reason, message: "", component: "test")
    }

    @Test func `of many creations more and more are made at a time`() {
        var plan = Plan()
        for number in 0..<50 { plan.append(.create(pod("p\(number)"))) }
        #expect(plan.stages.map(\.count) == [1, 2, 4, 8, 16, 16, 3])
        #expect(plan.stages.flatMap { $0 }.compactMap(\.write) == plan.actions)
    }

    @Test func `what happened is told after what made it happen`() {
        var plan = Plan()
        plan.append(.emit(note("Before")))
        for name in ["x", "y", "z"] {
            plan.append(.create(pod(name)))
            plan.append(.emit(note(name)))
        }
        plan.append(.requeue(afterSeconds: 1))
        let told = plan.stages.map { $0.map { $0.notes.map(\.reason) } }
        #expect(told == [[["Before"]], [["x"]], [["y"], ["z"]]])
        #expect(plan.stages[0][0].write == nil)
    }

    @Test func `everything else waits for what is before it`() {
        let (pod, set) = (ObjectReference(.pod, "a", "p"), ObjectReference(.replicaSet, "a", "r"))
        let actions: [Action] = [
            .patch(pod, [:]), .patch(set, [:]), .delete(pod, uid: "1", .background),
            .delete(set, uid: "2", .background), .remove(pod, uid: "3"),
            .bind(pod, uid: "4", node: "n"), .create(self.pod("q")),
            .updateStatus(pod, status: [:], resourceVersion: "1"),
            .updateStatus(set, status: [:], resourceVersion: "1"),
        ]
        var plan = Plan()
        for action in actions { plan.append(action) }
        #expect(plan.stages.map(\.count) == Array(repeating: 1, count: actions.count))
    }
}
