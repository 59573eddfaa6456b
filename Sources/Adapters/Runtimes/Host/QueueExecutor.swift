internal import Dispatch

/// Runs an actor on a dispatch queue of its own, where it may wait for a file or a process
/// without holding up the tasks of others.
package final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    /// A queue of this name, for people who look at threads.
    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Queues a part of a task.
    package func enqueue(_ job: consuming ExecutorJob) {
        // SAFETY: the runtime keeps the job until it has run, once.
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Traps outside of the queue.
    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
