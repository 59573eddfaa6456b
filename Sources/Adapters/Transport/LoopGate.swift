package import NIOCore
internal import Synchronization

/// Where calls from other threads enter the event loop, while it is there: a loop that was shut
/// down would lose them without a word.
package final class LoopGate: Sendable {
    private let loop: any EventLoop
    private let isOpen = Mutex(false)

    /// A gate that is closed.
    package init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Calls are let in from now on.
    package func open() {
        isOpen.withLock { $0 = true }
    }

    /// No call is let in from now on. What was let in runs before anything that the caller hands
    /// to the loop afterwards.
    package func close() {
        isOpen.withLock { $0 = false }
    }

    /// Runs `body` on the loop; answers false, and does nothing, if the gate is closed.
    package func enter(_ body: @escaping @Sendable () -> Void) -> Bool {
        isOpen.withLock { isOpen in
            if isOpen { loop.execute(body) }
            return isOpen
        }
    }
}
