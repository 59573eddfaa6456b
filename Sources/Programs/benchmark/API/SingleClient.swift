import Primitives

/// A client that makes one call after another and waits for each answer.
///
/// SAFETY: bytes of answers are copied during the call that brings them.
@safe
final class SingleClient: LoadPattern {
    /// What came back.
    struct Answer {
        var status: Int
        var body: Bytes
        var byteCount: Int
        /// From sending to the last byte.
        var nanoseconds: Int64
    }

    private static let patienceSeconds: Int64 = 120

    private let driver: LoadDriver
    private var isOver = false
    private var keepsBody = false
    private var body: Bytes = []

    /// Connects, with TLS if there is `security`.
    init(port: Int, security: LoadSecurity? = nil) throws {
        driver = try LoadDriver(clients: 1, ports: [port], security: security)
        driver.pattern = self
    }

    /// Hangs up. To be called at the end, as driver and pattern hold each other.
    func close() {
        driver.close()
    }

    /// Makes an HTTP call.
    /// - Throws: if there is no answer, or one of a status below 200 or above 299.
    @discardableResult
    func call(_ call: HTTPCall, _ content: Bytes = [], keepsBody: Bool = true) throws -> Answer {
        let answer = try exchange(content, keepsBody: keepsBody) { driver.submit(0, call) }
        guard (200...299).contains(answer.status) else {
            throw LoadFailure.connection(
                "\(call.method) \(call.path): status \(answer.status): "
                    + String(decoding: answer.body.prefix(500), as: UTF8.self))
        }
        return answer
    }

    /// Makes an HTTP call that is expected to find nothing.
    /// - Throws: if the answer is any but 404.
    func callForNothing(_ call: HTTPCall) throws {
        let answer = try exchange([], keepsBody: true) { driver.submit(0, call) }
        guard answer.status == 404 else {
            throw LoadFailure.connection("\(call.path): status \(answer.status) instead of 404")
        }
    }

    /// Makes a gRPC call with the message.
    /// - Throws: if there is no answer, or an error.
    func call(_ method: LoadMethod, _ message: Bytes) throws -> Answer {
        let answer = try exchange(RequestTemplate.frame(message), keepsBody: false) {
            driver.submit(0, method)
        }
        guard answer.status == 0 else {
            throw LoadFailure.connection("\(method.path): \(driver.firstMessage ?? "an error")")
        }
        return answer
    }

    private func exchange(
        _ content: Bytes, keepsBody: Bool, _ submit: () -> Void
    ) throws -> Answer {
        isOver = false
        self.keepsBody = keepsBody
        body = []
        driver.edit(0) { $0.body = content }
        let start = nanoseconds()
        submit()
        try driver.run(until: start + Self.patienceSeconds * 1_000_000_000) { !isOver }
        guard isOver, driver.failure == nil else {
            throw LoadFailure.connection(
                driver.firstMessage ?? driver.failure ?? "no answer in time")
        }
        let stream = driver.streams[0]
        return Answer(
            status: stream.status, body: body, byteCount: stream.receivedBytes,
            nanoseconds: driver.readTime - start)
    }

    func finished(_ client: Int) {
        isOver = true
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {
        // What an error says is always of interest, and short.
        guard keepsBody || driver.streams[client].status > 299 else { return }
        unsafe body.append(contentsOf: bytes)
    }
}
