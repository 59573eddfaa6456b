internal import NIOCore
internal import Primitives
internal import Transport

/// A request that waits for its answer, for use from any task: what concerns the connection is
/// done on its event loop.
struct Exchange: Sendable {
    /// What was asked.
    let request: HTTPRequest
    /// The loop of the connection.
    let loop: any EventLoop
    /// Its end of the connection, for use on the loop.
    let inlet: NIOLoopBound<RequestInlet>

    /// Sends the answer; does nothing if the client has gone.
    func answer(_ answer: Answer) {
        let packed = packed(answer)
        loop.execute { inlet.value.finish(packed) }
    }

    /// Packs a large body for a client that accepts it.
    private func packed(_ answer: Answer) -> Answer {
        guard answer.body.count >= Answer.packedBytesMin,
            request.header("accept-encoding")?.contains("gzip") == true,
            let body = GZIP.packed(answer.body)
        else { return answer }
        var packed = answer
        packed.body = body
        packed.headers.append(("content-encoding", "gzip"))
        packed.headers.append(("vary", "Accept-Encoding"))
        return packed
    }
}
