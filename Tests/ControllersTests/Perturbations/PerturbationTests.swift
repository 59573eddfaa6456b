import Foundation
import Testing

/// Whatever happens to a process of controllers on the way, things come to the same end, and
/// nothing is left over. Against the real store and API server.
///
/// One in four of all perturbations is tried, the others with `KEELSON_PERTURBATIONS=all`.
@Suite(.serialized) struct PerturbationTests {
    /// Plays that go on at a time.
    private static let playsMax = 4
    private static let stride =
        ProcessInfo.processInfo.environment["KEELSON_PERTURBATIONS"] == "all" ? 1 : 4

    @Test(arguments: Story.all)
    func `a death, old caches and missed events change nothing in the end`(
        story: Story
    ) async throws {
        try await ControlPlane.withStore { store in
            try await ControlPlane.run(on: store) { plane in
                let calm = try await Play(story, .none, plane, 0).run()
                #expect(calm.writes > 3 && calm.events > 3)
                let chosen = Self.perturbations(of: calm)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, perturbation) in chosen.enumerated() {
                        if index >= Self.playsMax { try await group.next() }
                        group.addTask {
                            let play = Play(story, perturbation, plane, index + 1)
                            let outcome = try await play.run()
                            // What was made because of an old cache has gone again.
                            if case .oldCaches = perturbation { return }
                            #expect(outcome.creations <= calm.creations + 1, "\(perturbation)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    /// What may go wrong in a play that goes like this one. Of those that are left out each kind
    /// leaves out others.
    private static func perturbations(of calm: Play.Outcome) -> [Perturbation] {
        let deaths = Swift.stride(from: 1, through: calm.writes, by: stride)
        let versions = Swift.stride(from: 0, to: calm.writesBeforeLastStep, by: stride)
        let events = Swift.stride(from: min(2, stride), through: calm.events, by: stride)
        return deaths.map { .death(behindWrite: $0) } + versions.map { .oldCaches(asOfWrite: $0) }
            + events.map { .missedEvent($0) }
    }
}
