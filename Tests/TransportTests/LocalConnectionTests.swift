import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import Transport

@Suite struct LocalConnectionTests {
    /// Answers as a test says; lives on the loop.
    private final class Service: StreamRouter, StreamReceiver {
        var stream: HTTPStream?
        var body: Bytes = []
        var isEnded = false
        var isCancelled = false
        /// What is sent when there is room: so many pieces of a size.
        var pieces = 0
        var sent = 0
        var onEnd: (HTTPStream) -> Void = { _ in }

        func accept(_ stream: HTTPStream) {
            self.stream = stream
            stream.receiver = self
        }

        func received(_ bytes: UnsafeRawBufferPointer) { body += Bytes(bytes) }

        func requestEnded() {
            isEnded = true
            if let stream { onEnd(stream) }
        }

        func cancelled() { isCancelled = true }

        func becameWritable() { pour() }

        /// Sends as long as there is room.
        func pour() {
            guard let stream else { return }
            while stream.isWritable, sent < pieces {
                sent += 1
                stream.send(Bytes(repeating: UInt8(truncatingIfNeeded: sent), count: 100_000))
            }
            if sent == pieces { stream.finish() }
        }
    }

    /// Runs `body` with a connection to a service.
    private func run(
        _ prepare: @escaping @Sendable (Service) -> Void,
        _ body: (LocalConnection, NIOLoopBound<Service>, any EventLoop) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let (connection, service) = try await loop.submit {
            let service = Service()
            prepare(service)
            return (
                LocalConnection(loop: loop, router: NIOLoopBound(service, eventLoop: loop)),
                NIOLoopBound(service, eventLoop: loop)
            )
        }.get()
        do {
            try await body(connection, service, loop)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private static let head = RequestHead(method: "POST", target: "/", headers: [], version: 2)

    @Test func `a request arrives whole and its answer comes back`() async throws {
        try await run { service in
            service.onEnd = { stream in
                stream.start(status: 201, headers: [])
                stream.send(Array("hello ".utf8) + service.body)
                stream.finish()
            }
        } _: { connection, _, _ in
            let answer = try await connection.open(Self.head, Array("you".utf8))
            #expect(try await answer.status() == 201)
            #expect(try await answer.next() == Array("hello you".utf8))
            #expect(try await answer.next() == nil)
            #expect(try await answer.next() == nil)
        }
    }

    @Test func `what is not fetched waits within a bound, and all of it comes in order`()
        async throws
    {
        try await run { service in
            service.pieces = 200
            service.onEnd = { stream in
                stream.start(status: 200, headers: [])
                service.pour()
            }
        } _: { connection, service, loop in
            let answer = try await connection.open(Self.head, [])
            #expect(try await answer.status() == 200)
            let waiting = try await loop.submit { service.value.stream?.bufferedBytes ?? 0 }.get()
            #expect(waiting <= HTTPStream.bufferedBytesMax + 100_000 && waiting > 0)
            var got: Bytes = []
            while let bytes = try await answer.next() {
                #expect(bytes.count <= HTTPStream.bufferedBytesMax + 100_000)
                got += bytes
            }
            let expected = (1...200).flatMap { Bytes(repeating: UInt8($0), count: 100_000) }
            #expect(got == expected)
        }
    }

    @Test func `who hangs up is heard by the server, and hears no more`() async throws {
        try await run { service in
            service.onEnd = { $0.start(status: 200, headers: []) }
        } _: { connection, service, loop in
            let answer = try await connection.open(Self.head, [])
            #expect(try await answer.status() == 200)
            answer.close()
            await #expect(throws: LocalStreamGone.self) { try await answer.next() }
            #expect(try await loop.submit { service.value.isCancelled }.get())
            answer.close()
        }
    }

    @Test(arguments: [true, false])
    func `a task that is cancelled does not wait on`(isStarted: Bool) async throws {
        try await run { service in
            if isStarted { service.onEnd = { $0.start(status: 200, headers: []) } }
        } _: { connection, service, loop in
            await withThrowingTaskGroup { group in
                group.addTask {
                    let answer = try await connection.open(Self.head, [])
                    _ = try await answer.status()
                    _ = try await answer.next()
                }
                group.cancelAll()
                await #expect(throws: LocalStreamGone.self) { try await group.next() }
            }
            let isCancelled = try await loop.submit { service.value.isCancelled }.get()
            #expect(isCancelled)
        }
    }

    @Test(arguments: [true, false])
    func `a server that gives up ends the wait`(isStarted: Bool) async throws {
        try await run { _ in
        } _: { connection, service, loop in
            let answer = try await connection.open(Self.head, [])
            try await withThrowingTaskGroup { group in
                group.addTask {
                    _ = try await answer.status()
                    _ = try await answer.next()
                }
                try await loop.submit {
                    if isStarted { service.value.stream?.start(status: 200, headers: []) }
                }.get()
                try await loop.submit { service.value.stream?.reset() }.get()
                await #expect(throws: LocalStreamGone.self) { try await group.next() }
            }
            await #expect(throws: LocalStreamGone.self) { try await answer.next() }
        }
    }
}
