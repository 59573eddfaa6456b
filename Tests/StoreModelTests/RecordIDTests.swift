import Primitives
import StoreModel
import Testing

@Suite struct `Records and events` {
    @Test func `records order by revision, then by place in the transaction`() {
        let sorted = [(1, 0), (1, 1), (1, 9), (2, 0), (2, 3), (10, 0)].map {
            RecordID(main: Revision($0.0), sub: Int32($0.1))
        }
        #expect(sorted.reversed().sorted() == sorted)
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            #expect(left < right)
            #expect(!(right < left))
            #expect(left != right)
        }
        #expect(!(sorted[0] < sorted[0]))
    }

    private func keyValue(create: Int64, mod: Int64) -> KeyValue {
        KeyValue(
            key: [1], value: [2], createRevision: Revision(create), modRevision: Revision(mod),
            version: mod - create + 1, lease: .zero)
    }

    // The watch guarantee IsCreate.
    @Test(arguments: [
        (Event.Kind.put, 3, 3, true), (.put, 3, 4, false),
        // A deletion has no create revision; even with one it creates nothing.
        (.delete, 0, 4, false), (.delete, 4, 4, false),
    ] as [(Event.Kind, Int64, Int64, Bool)])
    func `only a put of a new key is a creation`(
        _ kind: Event.Kind, _ create: Int64, _ mod: Int64, _ isCreate: Bool
    ) {
        let event = Event(kind: kind, keyValue: keyValue(create: create, mod: mod))
        #expect(event.isCreate == isCreate)
    }

    @Test func `wire numbers are etcd's`() {
        #expect(Event.Kind.put.rawValue == 0)
        #expect(Event.Kind.delete.rawValue == 1)
        #expect(RangeRequest.SortTarget.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
        #expect(RangeRequest.SortOrder.allCases.map(\.rawValue) == [0, 1, 2])
        #expect(Compare.Relation.allCases.map(\.rawValue) == [0, 1, 2, 3])
    }

    @Test func `alarms order by member, then kind`() {
        let first = Alarm(member: PeerID(1), kind: .corrupt)
        let second = Alarm(member: PeerID(2), kind: .noSpace)
        #expect(first < second)
        #expect(Alarm(member: PeerID(1), kind: .noSpace) < first)
        #expect(!(first < first))
    }
}
