internal import CProcess
internal import Dispatch
internal import Glibc
internal import Primitives
internal import Synchronization

/// A process started in a container, and the streams to it. Its outputs are to be read, each by
/// one reader; they end when the process has ended, even if something that it started still
/// holds them open. The process is ended with this object.
///
/// SAFETY: buffers passed to the kernel are locals that outlive the call.
package final class ExecSession: Sendable {
    private let process: ExecProcess
    private let queue: DispatchQueue
    private let isTerminal: Bool
    private let input: Mutex<Descriptor?>
    private let outputs: [Descriptor?]

    init(
        _ process: ExecProcess, input: Descriptor?, outputs: [Descriptor?], isTerminal: Bool,
        on queue: DispatchQueue
    ) {
        self.process = process
        self.input = Mutex(input)
        self.outputs = outputs
        self.isTerminal = isTerminal
        self.queue = queue
    }

    deinit { end() }

    /// What the process has said next; nil once it says no more.
    package func read(_ stream: ExecOutput) async throws -> [UInt8]? {
        guard let output = outputs[stream == .stdout ? 0 : 1] else { return nil }
        var chunk = Bytes(repeating: 0, count: 32 << 10)
        while true {
            // Asked before reading: what was said before the end is read after it.
            let hasEnded = process.exitCode != nil
            let count = unsafe Glibc.read(output.number, &chunk, chunk.count)
            if count > 0 { return Bytes(chunk[..<count]) }
            // A terminal that nobody has any more says EIO.
            guard count < 0, errno == EAGAIN || errno == EINTR, !hasEnded else { return nil }
            try Task.checkCancellation()
            try await Readiness.readable(output.number, process.descriptor.number, on: queue)
        }
    }

    /// Gives the process input, when it has room for it.
    /// - Throws: EPIPE if it does not listen any more.
    package func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let input = input.withLock({ $0 }) else { throw HostFailure("write", "", EPIPE) }
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(input.number, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try Task.checkCancellation()
                try await Readiness.writable(input.number, on: queue)
            } else if errno != EINTR {
                throw HostFailure("write", "", errno)
            }
        }
    }

    /// Tells the process that no more input comes. A terminal says so by its end-of-file
    /// character.
    package func closeInput() async throws {
        if isTerminal {
            try await write([4])
        } else {
            input.withLock { $0 = nil }
        }
    }

    /// Tells the process the size of its terminal; nothing without one.
    package func resize(columns: UInt16, rows: UInt16) {
        guard isTerminal, let terminal = outputs[0] else { return }
        _ = keelson_resize_terminal(terminal.number, columns, rows)
    }

    /// Waits for the end of the process and answers its exit code; above 128 it is a signal,
    /// plus 128.
    package func exitCode() async throws -> Int32 {
        while true {
            if let code = process.exitCode { return code }
            try Task.checkCancellation()
            try await Readiness.readable(process.descriptor.number, on: queue)
        }
    }

    /// Ends the process by force, and what it has started in its group with it.
    package func end() {
        process.end()
    }
}

/// A child of ours; waited for once, by whoever notices its end first.
///
/// SAFETY: the kernel fills a local.
final class ExecProcess: Sendable {
    let identity: ProcessIdentity
    let descriptor: Descriptor
    private let code = Mutex<Int32?>(nil)

    init(_ process: Int32) throws(HostFailure) {
        identity = ProcessTable.facts(process)?.identity
            ?? ProcessIdentity(process: process, startTicks: 0)
        // It cannot vanish before it is waited for.
        descriptor = Descriptor(
            try HostCalls.check("pidfd_open", "") { keelson_open_process(process) })
    }

    /// The exit code; nil if it runs.
    var exitCode: Int32? {
        code.withLock { code in
            look(&code)
            return code
        }
    }

    /// Kills its group, unless it has ended: until it is waited for nobody else has its number.
    func end() {
        code.withLock { code in
            look(&code)
            if code == nil { kill(-identity.process, SIGKILL) }
        }
    }

    private func look(_ code: inout Int32?) {
        guard code == nil else { return }
        var status: Int32 = 0
        let ended = unsafe waitpid(identity.process, &status, WNOHANG)
        if ended == identity.process {
            code = ProcessEnd(status).code
        } else if ended < 0, errno == ECHILD {
            // An earlier runtime in this process has waited for it: how it ended is unknown.
            code = 128 + SIGKILL
        }
    }
}
