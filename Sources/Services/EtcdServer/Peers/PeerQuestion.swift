internal import NIOCore
internal import Primitives
internal import ReplicatedStore
internal import Transport

/// Asks members of a running cluster who takes part, for a member that is about to join.
enum PeerQuestion {
    private static let patienceSeconds: Int64 = 3

    /// What a cluster says of itself.
    struct Answer: Sendable {
        var clusterID: UInt64
        var members: [MemberDescription]
    }

    /// Asks the member at `url`. Runs on the loop of `port`.
    static func ask(
        _ url: ServerURL, port: FramePort, loop: any EventLoop
    ) -> EventLoopFuture<Answer> {
        let promise = loop.makePromise(of: Answer.self)
        let attempt = port.connect(
            host: url.host, port: url.port, usesTLS: url.isSecure, timeoutSeconds: patienceSeconds
        ) { connection in
            connection.acceptsBytesMax = 16 << 20
            connection.closed = { reason in
                promise.fail(PeerRefusal(.malformed, "\(url): \(reason)"))
            }
            connection.received = { body in
                do throws(PeerRefusal) {
                    switch try PeerAnswer(decoding: body) {
                    case .members(let clusterID, let members):
                        promise.succeed(Answer(clusterID: clusterID, members: members))
                    case .refused(let refusal): throw refusal
                    case .welcome: throw PeerRefusal(.malformed, "\(url): no list of members")
                    }
                } catch {
                    promise.fail(error)
                }
            }
        }
        attempt.assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                promise.fail(PeerRefusal(.malformed, "\(url): \(error)"))
            case .success(let connection):
                let greeting = PeerGreeting(
                    purpose: .members, clusterID: 0, from: .zero, to: .zero, appliedIndex: .zero,
                    peerURLs: [])
                connection.send(greeting.encoded)
                connection.flush()
                loop.assumeIsolated().scheduleTask(in: .seconds(patienceSeconds)) {
                    connection.close("no answer to the question")
                }
            }
        }
        return promise.futureResult
    }
}
