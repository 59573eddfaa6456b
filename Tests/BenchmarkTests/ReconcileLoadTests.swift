import Primitives
import Testing

@testable import benchmark

/// What `benchmark reconcile` reads of pods, names and processes.
@Suite struct ReconcileLoadTests {
    private func event(_ type: String, _ phase: String) -> PodEvent? {
        PodEvent(
            Bytes(
                """
                {"type":"\(type)","object":{"kind":"Pod","metadata":{"name":"a"},\
                "status":{"phase":"\(phase)"}}}
                """.utf8))
    }

    @Test func `an event tells which pod runs or is gone`() throws {
        let running = try #require(event("MODIFIED", "Running"))
        #expect(running.name == "a" && running.isRunning && !running.isDeletion)
        #expect(try !#require(event("ADDED", "Pending")).isRunning)
        #expect(try #require(event("DELETED", "Running")).isDeletion)
        #expect(event("ERROR", "") == nil)
        #expect(PodEvent(Bytes("{}".utf8)) == nil)
        #expect(PodEvent(Bytes("{\"type\"".utf8)) == nil)
    }

    @Test(arguments: 1...12)
    func `lines are whole wherever they were cut`(_ size: Int) {
        let text = Bytes("one\n\nthree and more\nrest".utf8)
        var buffer = LineBuffer()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            let piece = Bytes(text[start..<min(start + size, text.count)])
            // SAFETY: the bytes are copied during the call.
            let whole = unsafe piece.withUnsafeBytes { unsafe buffer.take($0) }
            lines += whole.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(lines == ["one", "", "three and more"])
    }

    // RFC 1035, 4.1.
    @Test func `a name is asked for as DNS has it`() {
        let expected: Bytes =
            [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 2, 98, 99, 0, 0, 1, 0, 1]
        #expect(NameClient.question("a.bc", 0x1234) == expected)
    }

    @Test func `only one address, to this question and without an error, is an answer`() {
        let question = NameClient.question("a.bc", 7)
        var answer = question
        answer[2] = 0x85
        answer[7] = 1
        answer += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 97, 1, 2]
        #expect(NameClient.address(in: answer[...], 7) == [127, 97, 1, 2])
        #expect(NameClient.address(in: answer[...], 8) == nil)
        for count in 0..<answer.count {
            let cut = NameClient.address(in: answer[..<count], 7)
            #expect(cut == nil, "\(count) bytes")
        }
        var wrong = answer
        wrong[3] = 3
        #expect(NameClient.address(in: wrong[...], 7) == nil)
        wrong = answer
        wrong[7] = 2
        #expect(NameClient.address(in: wrong[...], 7) == nil)
    }

    @Test func `a parent is found behind any name`() {
        #expect(Shims.parent(inStat: "12 (a b) c) S 7 12 12 0") == 7)
        #expect(Shims.parent(inStat: "") == nil)
    }
}
