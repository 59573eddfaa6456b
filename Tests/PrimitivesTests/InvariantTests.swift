import Primitives
import Testing

@Suite struct `Invariants` {
    @Test func `a condition that holds costs nothing but itself`() {
        var messages = 0
        func message() -> String {
            messages += 1
            return "unused"
        }
        invariant(1 + 1 == 2, message())
        #expect(messages == 0, "the message was built although nothing failed")
    }

    @Test func `a broken invariant ends the process and says which`() async throws {
        let result = try await #require(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            let (commit, last) = (5, 3)
            invariant(commit <= last, "commit \(commit) > last index \(last)")
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("invariant broken: commit 5 > last index 3"))
        #expect(text.contains("InvariantTests.swift"))
    }
}
