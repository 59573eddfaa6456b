import Primitives
import Testing

@Suite struct `Identifiers` {
    @Test func `terms, indexes and revisions count`() {
        #expect(Term.zero.next == Term(1))
        #expect(Term(2).previous == Term(1))
        #expect(LogIndex.zero.next == LogIndex(1))
        #expect(LogIndex(9).previous == LogIndex(8))
        #expect(Revision(1).next == Revision(2))
        #expect(Revision.zero.previous == Revision(-1))
        #expect(PeerID(4).next.previous == PeerID(4))
        #expect(LeaseID.zero.next == LeaseID(1))
    }

    @Test func `they order by number and print it`() {
        #expect([LogIndex(10), LogIndex(9)].min() == LogIndex(9))
        #expect(Term(2) < Term(10))
        #expect(PeerID(UInt64.max) > PeerID(1))
        #expect(Revision(-1) < Revision.zero)
        #expect(LeaseID(Int64.min) < LeaseID.zero)
        let printed = "\(Term(3)) \(LogIndex(4)) \(PeerID(5)) \(Revision(6)) \(LeaseID(7))"
        #expect(printed == "3 4 5 6 7")
    }

    @Test func `zero has no predecessor`() async {
        await #expect(processExitsWith: .failure) { _ = LogIndex.zero.previous }
        await #expect(processExitsWith: .failure) { _ = Term.zero.previous }
    }
}
