internal import Dispatch

/// Waits for descriptors without holding up a thread.
enum Readiness {
    /// Waits until one of the descriptors can be read without blocking, or the task is cancelled.
    static func readable(
        _ descriptors: Int32..., on queue: DispatchQueue
    ) async throws(HostFailure) {
        await wait(for: try DescriptorSet(reading: descriptors), on: queue)
    }

    /// Waits until the descriptor can be written without blocking, or the task is cancelled.
    static func writable(_ descriptor: Int32, on queue: DispatchQueue) async throws(HostFailure) {
        await wait(for: try DescriptorSet(writing: descriptor), on: queue)
    }

    // SAFETY: dispatch sources may be cancelled on any thread; the type is not marked for it.
    private static func wait(for set: DescriptorSet, on queue: DispatchQueue) async {
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(
            fileDescriptor: set.descriptor.number, queue: queue)
        let cancel: @Sendable () -> Void = { unsafe source.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                unsafe source.setEventHandler(handler: cancel)
                // Only when the source is done with the descriptor may it be closed.
                unsafe source.setCancelHandler { [set] in
                    _ = set
                    continuation.resume()
                }
                unsafe source.activate()
            }
        } onCancel: {
            cancel()
        }
    }
}
