internal import Dispatch
internal import Glibc

/// Waits for descriptors without holding up a thread.
enum Readiness {
    /// Waits until the descriptor can be read without blocking, or the task is cancelled.
    static func readable(_ descriptor: Int32, on queue: DispatchQueue) async {
        await wait(for: DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue))
    }

    /// Waits until the descriptor can be written without blocking, or the task is cancelled.
    static func writable(_ descriptor: Int32, on queue: DispatchQueue) async {
        await wait(for: DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue))
    }

    // SAFETY: dispatch sources may be cancelled on any thread; the type is not marked for it.
    private static func wait(for source: any DispatchSourceProtocol) async {
        nonisolated(unsafe) let source = source
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                unsafe source.setEventHandler { unsafe source.cancel() }
                // Only from here on may the descriptor be closed.
                unsafe source.setCancelHandler { continuation.resume() }
                unsafe source.activate()
            }
        } onCancel: {
            unsafe source.cancel()
        }
    }
}
