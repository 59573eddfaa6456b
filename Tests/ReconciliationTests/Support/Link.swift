import APIClient
import ResourceModel
import Synchronization

/// A way to the server that a test can cut.
final class Link: APITransport {
    enum State { case up, down, hanging }

    private let api: any APITransport
    private let current = Mutex(State.up)

    init(_ api: any APITransport) {
        self.api = api
    }

    var state: State {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        switch state {
        case .up: return try await api.send(request)
        case .down: throw .serviceUnavailable("cut")
        // What is asked for is done, but the answer does not come.
        case .hanging:
            _ = try await api.send(request)
            return Pipe()
        }
    }
}
