package import APIClient
internal import NIOCore
internal import Primitives
package import ResourceModel
internal import Transport

/// The API for what runs in the server's own process: no socket, no TLS, and the rights of an
/// administrator.
package struct LocalTransport: APITransport {
    let connection: LocalConnection
    /// What shows that a request comes from within.
    let token: String

    /// Sends a request.
    package func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        var headers: [(name: String, value: String)] = [("authorization", "Bearer \(token)")]
        if !request.contentType.isEmpty { headers.append(("content-type", request.contentType)) }
        let head = RequestHead(
            method: request.method, target: request.target, headers: headers, version: 2)
        do {
            let answer = try await connection.open(head, request.body)
            return LocalAPIAnswer(answer: answer, status: try await answer.status())
        } catch {
            throw .stopping
        }
    }
}

/// An answer from within the process.
private struct LocalAPIAnswer: APIAnswer {
    let answer: LocalAnswer
    let status: Int

    func next() async throws(APIFailure) -> Bytes? {
        do {
            return try await answer.next()
        } catch {
            throw .stopping
        }
    }

    func close() {
        answer.close()
    }
}
