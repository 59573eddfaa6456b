import APIClient
import Primitives
import ResourceModel
import Synchronization

/// Counts writes, and stands for a process that dies behind one of them.
final class CountedTransport: APITransport {
    private let base: any APITransport
    private let crashAfter: Int
    private let sent = Mutex<[String]>([])
    private let (crashes, crash) = AsyncStream<Void>.makeStream()

    /// - Parameter crashAfter: after so many writes nothing gets through any more.
    init(_ base: any APITransport, crashAfter: Int = .max) {
        self.base = base
        self.crashAfter = crashAfter
    }

    /// All writes: method and path.
    var writes: [String] { sent.withLock { $0 } }

    /// Those that make, change or delete something, beside events and what is told in a status.
    var decisions: [String] {
        writes.filter { !$0.contains("/events") && !$0.hasSuffix("/status") }
    }

    /// Waits until the process is dead.
    func crashed() async { for await _ in crashes { break } }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        let isAlive = sent.withLock { sent in
            guard sent.count < crashAfter else { return false }
            if request.method != "GET" {
                let path = request.target.split(separator: "?")[0]
                sent.append("\(request.method) \(path)")
            }
            return true
        }
        guard isAlive else { throw .serviceUnavailable("dead") }
        let answer = try await base.send(request)
        if sent.withLock({ $0.count }) >= crashAfter {
            crash.yield()
            // The write is done, but its answer reaches nobody.
            if request.method != "GET" {
                _ = try await answer.body()
                throw .serviceUnavailable("dead")
            }
        }
        return answer
    }
}
