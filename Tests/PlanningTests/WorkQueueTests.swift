import Environment
import Planning
import Testing

/// The guarantees of client-go's work queues.
@Suite struct WorkQueueTests {
    private let start = MonotonicInstant(nanoseconds: 0)
    private var queue = WorkQueue<String>(
        backoff: .init(firstMilliseconds: 5, longestMilliseconds: 1000))

    private func drain(_ queue: inout WorkQueue<String>, now: MonotonicInstant) -> [String] {
        var keys: [String] = []
        while let key = queue.take(now: now) {
            keys.append(key)
            queue.finish(key)
        }
        return keys
    }

    @Test func `a key added several times is handed out once, in order of first arrival`() {
        var queue = queue
        for key in ["a", "b", "a", "c", "b"] { queue.add(key) }
        #expect(queue.count == 3)
        let keys = drain(&queue, now: start)
        #expect(keys == ["a", "b", "c"])
        let next = queue.take(now: start)
        #expect(next == nil)
    }

    @Test func `a key added while it is worked on comes again only once that is done`() {
        var queue = queue
        queue.add("a")
        let first = queue.take(now: start)
        #expect(first == "a")
        queue.add("a")
        queue.add("a")
        let meanwhile = queue.take(now: start)
        #expect(meanwhile == nil)
        queue.finish("a")
        let afterwards = drain(&queue, now: start)
        #expect(afterwards == ["a"])
    }

    @Test func `a key that is always added again does not starve the others`() {
        var queue = queue
        for key in ["a", "b", "c"] { queue.add(key) }
        var taken: [String] = []
        for _ in 0..<6 {
            guard let key = queue.take(now: start) else { break }
            taken.append(key)
            queue.add(key)
            queue.finish(key)
        }
        #expect(taken == ["a", "b", "c", "a", "b", "c"])
    }

    @Test func `a key that keeps failing waits twice as long each time, up to the cap`() {
        var queue = queue
        var delays: [Int64] = []
        for _ in 0..<10 {
            queue.addAfterFailure("a", now: start)
            guard let deadline = queue.nextDeadline else { break }
            delays.append(deadline.nanoseconds / 1_000_000)
            let tooSoon = queue.take(now: MonotonicInstant(nanoseconds: deadline.nanoseconds - 1))
            #expect(tooSoon == nil)
            let due = queue.take(now: deadline)
            #expect(due == "a")
            queue.finish("a")
        }
        #expect(delays == [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000])
        queue.forgetFailures(of: "a")
        queue.addAfterFailure("a", now: start)
        #expect(queue.nextDeadline == start.adding(milliseconds: 5))
    }

    @Test func `of several times for one key the earliest counts, once`() {
        var queue = queue
        queue.add("a", at: start.adding(seconds: 9))
        queue.add("b", at: start.adding(seconds: 5))
        queue.add("a", at: start.adding(seconds: 3))
        queue.add("a", at: start.adding(seconds: 7))
        #expect(queue.nextDeadline == start.adding(seconds: 3))
        let first = drain(&queue, now: start.adding(seconds: 4))
        #expect(first == ["a"])
        #expect(queue.nextDeadline == start.adding(seconds: 5))
        let second = drain(&queue, now: start.adding(seconds: 60))
        #expect(second == ["b"])
        #expect(queue.nextDeadline == nil)
    }

    @Test func `many delayed keys come in the order of their times`() {
        var queue = queue
        for number in 0..<500 {
            let seconds = Int64(number * 37 % 500)
            queue.add("key\(seconds)", at: start.adding(seconds: seconds + 1000))
            queue.add("key\(seconds)", at: start.adding(seconds: seconds))
        }
        let keys = drain(&queue, now: start.adding(seconds: 2000))
        #expect(keys == (0..<500).map { "key\($0)" })
        #expect(queue.nextDeadline == nil)
    }
}
