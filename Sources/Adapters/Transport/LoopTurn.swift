package import NIOCore

/// Runs one turn of work after each pass of an event loop in which something arrived, and then
/// flushes the connections that have something to send: requests that arrive together share one
/// log write, and their answers share system calls. Belongs to the event loop.
package final class LoopTurn {
    private let loop: any EventLoop
    private var isScheduled = false
    private var dirty: [HTTP2Connection] = []
    /// What waits to be sent on all connections.
    let outgoing = OutgoingBytes()
    /// The work of a turn; set once before the first connection.
    package var body: () -> Void = {}

    /// Turns on `loop`.
    package init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Asks for a turn at the end of this pass.
    package func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let turn = UncheckedBox(self)
        loop.execute { turn.value.run() }
    }

    /// Asks for a flush of the connection behind the turn.
    func markDirty(_ connection: HTTP2Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
        schedule()
    }

    private func run() {
        isScheduled = false
        body()
        let connections = dirty
        dirty.removeAll(keepingCapacity: true)
        for connection in connections {
            connection.isDirty = false
            connection.flush()
        }
    }
}

/// Carries a value that belongs to one event loop into a closure that runs on it.
///
/// SAFETY: `@unchecked Sendable` because it is opened on the loop that the value belongs to.
struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
