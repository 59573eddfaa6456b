import Primitives
import Testing

@testable import Verification

/// R1–R4 of RELIABILITY C1.
@Suite struct `Raft registries` {
    private func kind(_ body: () throws(Violation) -> Void) -> Violation.Kind? {
        do throws(Violation) { try body() } catch { return error.kind }
        return nil
    }

    // Raft §5.2, Election Safety.
    @Test func `R1 a term has at most one leader`() throws {
        var registry = LeaderRegistry()
        try registry.record(PeerID(1), term: Term(2))
        try registry.record(PeerID(1), term: Term(2))
        try registry.record(PeerID(2), term: Term(3))
        #expect(registry.leader(of: Term(2)) == PeerID(1))
        let second = kind { () throws(Violation) in
                try registry.record(PeerID(2), term: Term(2))
            }
            #expect(second == .twoLeaders)
    }

    // Raft §5.3, Log Matching.
    @Test func `R2 equal entries have equal logs before them`() throws {
        var (one, other) = (PrefixHashes(), PrefixHashes())
        let hash = PrefixHashes.entryHash(term: Term(1), payload: [1])
        let different = PrefixHashes.entryHash(term: Term(2), payload: [1])
        #expect(hash != different)
        #expect(one.append(entryHash: hash) == other.append(entryHash: hash))
        one.append(entryHash: hash)
        other.append(entryHash: different)
        let last = (one.append(entryHash: hash), other.append(entryHash: hash))
        #expect(last.0 != last.1)

        // Also far beyond the indexes that have a place of their own.
        for index in [LogIndex(3), LogIndex(1 << 40)] {
            var registry = PrefixRegistry()
            for term in [Term(1), Term(2), Term(3)] {
                let hash = term == Term(2) ? last.1 : last.0
                try registry.record(index: index, term: term, prefixHash: hash, by: PeerID(1))
                try registry.record(index: index, term: term, prefixHash: hash, by: PeerID(2))
            }
            for term in [Term(1), Term(2), Term(3)] {
                let wrong = term == Term(2) ? last.0 : last.1
                #expect(
                    kind { () throws(Violation) in
                        try registry.record(
                            index: index, term: term, prefixHash: wrong, by: PeerID(2))
                    } == .logMatching)
            }
        }
    }

    @Test func `prefix hashes survive truncation, compaction and snapshots`() {
        var whole = PrefixHashes()
        for payload in 1...5 as ClosedRange<UInt8> {
            whole.append(entryHash: PrefixHashes.entryHash(term: Term(1), payload: [payload]))
        }
        var short = whole
        short.truncate(after: LogIndex(3))
        #expect(short.last == LogIndex(3))
        #expect(short.hash(at: LogIndex(4)) == nil)
        short.discard(through: LogIndex(2))
        #expect(short.first == LogIndex(2))
        #expect(short.hash(at: LogIndex(1)) == nil)
        for index in 2...3 as ClosedRange<UInt64> {
            #expect(short.hash(at: LogIndex(index)) == whole.hash(at: LogIndex(index)))
        }
        var installed = PrefixHashes()
        installed.reset(to: LogIndex(3), hash: short.hash(at: LogIndex(3)) ?? 0)
        for var log in [short, installed] {
            for payload in 4...5 as ClosedRange<UInt8> {
                log.append(entryHash: PrefixHashes.entryHash(term: Term(1), payload: [payload]))
            }
            #expect(log.last == LogIndex(5))
            #expect(log.hash(at: LogIndex(5)) == whole.hash(at: LogIndex(5)))
        }
    }

    // Raft §5.4, Leader Completeness (RELIABILITY B1, B10).
    @Test func `R3 a leader has every committed entry that it has not compacted`() throws {
        var committed = CommittedLog()
        for index in 1...3 as ClosedRange<UInt64> {
            try committed.record(index: LogIndex(index), entryHash: index * 10, by: PeerID(1))
        }
        try committed.checkLeader(PeerID(2), term: Term(4), firstIndex: LogIndex(1)) {
            $0.rawValue * 10
        }
        try committed.checkLeader(PeerID(2), term: Term(4), firstIndex: LogIndex(3)) {
            $0 < LogIndex(3) ? nil : $0.rawValue * 10
        }
        let lacking = kind { () throws(Violation) in
            try committed.checkLeader(PeerID(2), term: Term(4), firstIndex: LogIndex(1)) {
                $0 < LogIndex(3) ? $0.rawValue * 10 : nil
            }
        }
        #expect(lacking == .leaderCompleteness)
    }

    // Raft §5.4.3, State Machine Safety.
    @Test func `R4 members apply the same entry at each index`() throws {
        var committed = CommittedLog()
        try committed.record(index: LogIndex(1), entryHash: 7, by: PeerID(1))
        try committed.record(index: LogIndex(1), entryHash: 7, by: PeerID(2))
        #expect(
            kind { () throws(Violation) in
                try committed.record(index: LogIndex(1), entryHash: 8, by: PeerID(3))
            } == .stateMachineSafety)
        #expect(
            kind { () throws(Violation) in
                try committed.record(index: LogIndex(3), entryHash: 8, by: PeerID(3))
            } == .stateMachineSafety)
        #expect(committed.last == LogIndex(1))
        #expect(committed.hash(at: LogIndex(1)) == 7)
        #expect(committed.hash(at: .zero) == nil)
    }
}
