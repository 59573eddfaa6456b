internal import Dispatch
internal import Foundation
internal import Simulator
internal import Synchronization

/// Runs seeds in as many processes as the machine has cores.
struct WorkerPool {
    /// Processes at once.
    let width = max(1, ProcessInfo.processInfo.activeProcessorCount)
    /// Whether Swift's hashes differ from process to process.
    var isHashSeeded = false
    /// Each seed is run twice and compared.
    var runsTwice = false

    private struct State {
        var next: Int
        var isOver = false
    }

    /// Runs the tries `0..<count` of `request` and hands each report to `take`, one at a time,
    /// until it answers false.
    func run(
        count: Int, request: @Sendable @escaping (Int) -> RunRequest,
        take: @Sendable @escaping (Int, RunReport) -> Bool
    ) {
        let state = Mutex(State(next: 0))
        let turn = Mutex(())
        DispatchQueue.concurrentPerform(iterations: width) { _ in
            while true {
                let number = state.withLock { state -> Int? in
                    guard !state.isOver, state.next < count else { return nil }
                    defer { state.next += Self.chunk }
                    return state.next
                }
                guard let number else { return }
                let last = min(number + Self.chunk, count)
                runChunk(number..<last, request) { try_, report in
                    let goesOn = turn.withLock { _ in take(try_, report) }
                    if !goesOn { state.withLock { $0.isOver = true } }
                    return state.withLock { !$0.isOver }
                }
            }
        }
    }

    /// Tries that a process gets at once.
    private static let chunk = 10

    private func runChunk(
        _ tries: Range<Int>, _ request: (Int) -> RunRequest,
        _ take: (Int, RunReport) -> Bool
    ) {
        var position = tries.lowerBound
        while position < tries.upperBound {
            let requests = (position..<tries.upperBound).map(request)
            guard let worker = start(requests) else { return }
            while let report = worker.next() {
                guard take(position, report) else {
                    worker.stop()
                    return
                }
                position += 1
            }
            if position < tries.upperBound {
                // The process ended in the middle of a run.
                let seed = request(position).seed
                guard take(position, RunReport(seed: seed, trap: worker.trap)) else { return }
                position += 1
            }
        }
    }

    private func start(_ requests: [RunRequest]) -> Worker? {
        var arguments = ["worker"]
        if runsTwice { arguments.append("--twice") }
        for request in requests {
            arguments += ["--job", (["\(request.seed)"] + request.options).joined(separator: " ")]
        }
        do {
            return try Worker(arguments, isHashSeeded: isHashSeeded)
        } catch {
            say("cannot start a process: \(error)")
            return nil
        }
    }
}
