internal import Dispatch
package import PodModel

/// The answer to a probe.
package struct ProbeAnswer: Sendable, Equatable {
    /// Whether it is good.
    package var isGood: Bool
    /// What was said, or what was wrong; for events.
    package var message: String
}

/// Asks containers how they are.
package struct ProbeRunner: Sendable {
    /// Of what a container says this much is kept.
    static let messageBytesMax = 10 << 10

    private let queue = DispatchQueue(label: "keelson.probes")
    private let exec: @Sendable (ExecSpec) async throws -> ExecSession

    /// Asks one container.
    /// - Parameter exec: starts a process in it.
    package init(exec: @escaping @Sendable (ExecSpec) async throws -> ExecSession) {
        self.exec = exec
    }

    /// Asks, and takes no answer within the time for a bad one.
    package func run(_ action: ProbeAction, timeout: Duration) async -> ProbeAnswer {
        let late = ProbeAnswer(isGood: false, message: lateMessage(action, timeout))
        return await withTaskGroup(of: ProbeAnswer?.self) { group in
            group.addTask { await ask(action) }
            group.addTask {
                // Cancelled when the answer is there.
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? late
        }
    }

    private func ask(_ action: ProbeAction) async -> ProbeAnswer {
        do {
            switch action {
            case .exec(let command): return try await ask(command)
            case .http(let probe): return try await ask(probe)
            case .tcp(let host, let port):
                _ = try await Connection(to: host, port: port, on: queue)
                return ProbeAnswer(isGood: true, message: "")
            case .pause(let seconds):
                try await Task.sleep(for: .seconds(seconds))
                return ProbeAnswer(isGood: true, message: "")
            }
        } catch let failure as HostFailure {
            return ProbeAnswer(isGood: false, message: words(action, failure))
        } catch {
            return ProbeAnswer(isGood: false, message: "\(error)")
        }
    }

    private func ask(_ command: [String]) async throws -> ProbeAnswer {
        let session = try await exec(ExecSpec(command))
        // Whatever ends this task ends the process.
        defer { session.end() }
        async let errors = Self.all(session, .stderr)
        let said = try await Self.all(session, .stdout) + errors
        let code = try await session.exitCode()
        return ProbeAnswer(isGood: code == 0, message: String(decoding: said, as: UTF8.self))
    }

    private static func all(_ session: ExecSession, _ stream: ExecOutput) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = try await session.read(stream) {
            if bytes.count < messageBytesMax { bytes += more }
        }
        return Array(bytes.prefix(messageBytesMax))
    }

    private func ask(_ probe: HTTPProbe) async throws -> ProbeAnswer {
        if probe.isSecure {
            return ProbeAnswer(isGood: false, message: "HTTPS probes are not offered by this node")
        }
        let connection = try await Connection(to: probe.host, port: probe.port, on: queue)
        try await connection.write(Array(probe.request.utf8))
        var said: [UInt8] = []
        while said.count < Self.messageBytesMax, let more = try await connection.read() {
            said += more
        }
        let text = String(decoding: said, as: UTF8.self)
        guard let match = text.prefixMatch(of: #/HTTP\/1\.\d (\d{3})/#), let code = Int(match.1)
        else {
            return ProbeAnswer(
                isGood: false, message: "Get \"\(probe.url)\": malformed HTTP response")
        }
        if (200..<400).contains(code) {
            return ProbeAnswer(isGood: true, message: "")
        }
        return ProbeAnswer(isGood: false, message: "HTTP probe failed with statuscode: \(code)")
    }

    private func words(_ action: ProbeAction, _ failure: HostFailure) -> String {
        switch action {
        case .http(let probe):
            "Get \"\(probe.url)\": dial tcp \(probe.authority): \(failure)"
        case .tcp(let host, let port): "dial tcp \(host):\(port): \(failure)"
        default: failure.description
        }
    }

    private func lateMessage(_ action: ProbeAction, _ timeout: Duration) -> String {
        switch action {
        case .exec(let command):
            "command timed out: \"\(command.joined(separator: " "))\" timed out after "
                + "\(timeout.components.seconds)s"
        case .http(let probe):
            "Get \"\(probe.url)\": context deadline exceeded "
                + "(Client.Timeout exceeded while awaiting headers)"
        case .tcp(let host, let port): "dial tcp \(host):\(port): i/o timeout"
        case .pause: "timed out"
        }
    }
}
