import APIClient
import Planning
import ResourceModel
import Testing

@testable import Reconciliation

/// A story played once.
struct Play: Sendable {
    struct Outcome: Sendable {
        var writes = 0
        var writesBeforeLastStep = 0
        var events = 0
        /// Objects that were made.
        var creations = 0
    }

    /// Controllers, and how they see the API.
    private struct Process: Sendable {
        let transport: PerturbedTransport
        let loop: ControllerLoop
    }

    /// A state that does not come about in so many looks, of 10 ms and more, never will.
    private static let looksMax = 1_500
    private static let lookMilliseconds: Int64 = 10
    /// How long old lists are all that a process sees, unless it writes before.
    private static let oldMilliseconds: Int64 = 20

    let story: Story
    let perturbation: Perturbation
    let stage: Stage

    init(_ story: Story, _ perturbation: Perturbation, _ plane: ControlPlane, _ number: Int) {
        self.story = story
        self.perturbation = perturbation
        stage = Stage(plane: plane, namespace: "play-\(number)")
    }

    /// Plays it: node agent, controllers and user at the same time, until the user has done.
    func run() async throws -> Outcome {
        try await stage.plane.makeNamespace(stage.namespace)
        let agent = process([PodAgent()])
        // As many as there are processes in a play.
        let (processes, enter) = AsyncStream<Process>.makeStream()
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                await agent.loop.run()
                return nil
            }
            group.addTask {
                await withDiscardingTaskGroup { loops in
                    for await process in processes {
                        loops.addTask { await process.loop.run() }
                    }
                }
                return nil
            }
            group.addTask { try await steps { enter.yield($0) } }
            for try await outcome in group {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            throw CancellationError()
        }
    }

    /// What the user does. A process that has died is followed by another.
    private func steps(_ start: (Process) -> Void) async throws -> Outcome {
        var (crashAfter, missedEvent): (Int?, Int?)
        if case .death(let write) = perturbation { crashAfter = write }
        if case .missedEvent(let event) = perturbation { missedEvent = event }
        var cast = [process(story.planners, crashAfter: crashAfter, missedEvent: missedEvent)]
        start(cast[0])
        var outcome = Outcome()
        for (index, step) in story.steps.enumerated() {
            if index == story.steps.count - 1 {
                outcome.writesBeforeLastStep = cast[0].transport.writes.count
                if case .oldCaches(let write) = perturbation {
                    let next = process(story.planners, oldVersion: version(behind: write, cast[0]))
                    cast[0].transport.kill()
                    cast.append(next)
                    start(next)
                    await stage.plane.clockwork.pause(milliseconds: Self.oldMilliseconds)
                    next.transport.catchUp()
                }
            }
            try await step.act(stage)
            try await settle(step.expected, step: index, &cast, start)
        }
        let writes = cast.flatMap(\.transport.writes)
        outcome.writes = writes.count
        outcome.events = cast[0].transport.eventCount
        outcome.creations = writes.count { $0.isDecision && $0.method == "POST" }
        return outcome
    }

    /// As of when things were behind a write.
    private func version(behind write: Int, _ process: Process) -> Int64? {
        process.transport.writes.prefix(write + 1).compactMap(\.version).max()
    }

    /// Waits until there is what is expected, and the controllers leave it at that.
    private func settle(
        _ expected: [String], step: Int, _ cast: inout [Process], _ start: (Process) -> Void
    ) async throws {
        for _ in 0..<Self.looksMax {
            if cast[cast.count - 1].transport.isDead {
                let next = process(story.planners)
                cast.append(next)
                start(next)
            }
            if await cast[cast.count - 1].loop.isAtRest(with: expected),
                try await isTrue(cast[cast.count - 1])
            {
                return
            }
            await stage.plane.clockwork.pause(milliseconds: Self.lookMilliseconds)
        }
        let text = try await objects().map(summary).sorted().joined(separator: "\n")
        Issue.record("\(story.testDescription), \(perturbation), step \(step): there is\n\(text)")
        throw CancellationError()
    }

    /// Whether things are as a process that is at rest sees them.
    private func isTrue(_ process: Process) async throws -> Bool {
        let there = try await objects().map { "\($0.reference) \($0.resourceVersion)" }
        return await process.loop.isAtRest(with: nil, there.sorted())
    }

    private func objects() async throws -> [Resource] {
        var objects: [Resource] = []
        for kind in story.kinds { objects += try await stage.objects(of: kind) }
        return objects
    }

    private func process(
        _ planners: [any Planner], crashAfter: Int? = nil, missedEvent: Int? = nil,
        oldVersion: Int64? = nil
    ) -> Process {
        let plane = stage.plane
        let transport = PerturbedTransport(
            plane.transport, namespace: stage.namespace, crashAfter: crashAfter,
            missedEvent: missedEvent, oldVersion: oldVersion)
        let loop = ControllerLoop(
            planners, watching: story.watched, client: ObjectClient(transport, manager: "test"),
            instance: "test", clockwork: plane.clockwork, log: plane.log)
        return Process(transport: transport, loop: loop)
    }
}
