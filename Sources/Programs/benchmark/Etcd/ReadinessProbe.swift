import EtcdAPI
import Primitives
import StoreModel

/// One client that reads one key, to see whether a member serves.
final class ReadinessProbe: LoadPattern {
    private let driver: LoadDriver
    private var isOver = false

    /// Connects.
    /// - Throws: `LoadFailure.system` if nobody listens.
    init(port: Int) throws {
        driver = try LoadDriver(clients: 1, ports: [port])
    }

    /// Whether a linearizable read is answered in time.
    func answers(withinMilliseconds limit: Int) throws -> Bool {
        driver.pattern = self
        defer { driver.close() }
        let read = RequestTemplate.get()
        driver.edit(0) { stream in read.write(into: &stream, key: 0) }
        driver.edit(0) { $0.answerBytes = 0...Int.max }
        driver.submit(0, read.method)
        try driver.run(until: nanoseconds() + Int64(limit) * 1_000_000) { !isOver }
        return isOver && driver.failure == nil && driver.streams[0].isAnswered
    }

    func finished(_ client: Int) {
        isOver = true
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {}
}
