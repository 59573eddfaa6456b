internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Wire

/// Why a command ends without success; the exit codes are etcdctl's.
struct CommandFailure: Error {
    /// For people; empty where everything was said.
    var message: String
    var exitCode: Int32 = 1

    /// The arguments make no sense; nothing was done.
    static func badArguments(_ message: String) -> CommandFailure {
        CommandFailure(message: message, exitCode: 128)
    }

    /// The output format does not exist for the command; nothing was done.
    static func badFormat(_ message: String) -> CommandFailure {
        CommandFailure(message: message, exitCode: 4)
    }

    /// The store, or the way to it, refused. A time-out says what stood in the way.
    init(_ status: GRPCStatus) {
        switch status.code {
        case .unavailable where !status.message.hasPrefix("etcdserver: "):
            self.init(message: "context deadline exceeded (\(status.message))")
        default: self.init(message: status.message)
        }
    }

    init(message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }
}

/// Runs a command's body to its end, from a thread that may block, and turns its failure into a
/// line and an exit code.
package func runToEnd(_ body: @escaping @Sendable () async throws -> Void) throws {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    do {
        try loop.makeFutureWithTask(body).wait()
    } catch let failure as CommandFailure {
        if !failure.message.isEmpty { complain("Error: \(failure.message)") }
        throw ExitCode(failure.exitCode)
    } catch let status as GRPCStatus {
        complain("Error: \(CommandFailure(status).message)")
        throw ExitCode(1)
    }
}

/// Says a line on standard error.
func complain(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}
