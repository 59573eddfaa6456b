internal import Dispatch
internal import Glibc

/// Waits for descriptors without holding up a thread.
enum Readiness {
    /// Waits until one of the descriptors can be read without blocking, or the task is cancelled.
    static func readable(_ descriptors: Int32..., on queue: DispatchQueue) async {
        await wait(
            for: descriptors.map {
                DispatchSource.makeReadSource(fileDescriptor: $0, queue: queue)
            }, on: queue)
    }

    /// Waits until the descriptor can be written without blocking, or the task is cancelled.
    static func writable(_ descriptor: Int32, on queue: DispatchQueue) async {
        await wait(
            for: [DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)],
            on: queue)
    }

    // SAFETY: dispatch sources may be cancelled on any thread; the type is not marked for it.
    private static func wait(
        for sources: [any DispatchSourceProtocol], on queue: DispatchQueue
    ) async {
        nonisolated(unsafe) let sources = sources
        let cancel: @Sendable () -> Void = { for source in unsafe sources { source.cancel() } }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Only when all are done with their descriptors may these be closed.
                let uses = DispatchGroup()
                for source in unsafe sources {
                    uses.enter()
                    source.setEventHandler(handler: cancel)
                    source.setCancelHandler { uses.leave() }
                    source.activate()
                }
                uses.notify(queue: queue) { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }
}
