import MVCC
import Primitives
import StoreModel
import Testing

/// What may go on under an alarm (etcd's capped and corrupt appliers), and the roster.
@Suite struct AlarmTests {
    private var store: TestStore
    private let full = Alarm(member: PeerID(2), kind: .noSpace)
    private let corrupt = Alarm(member: PeerID(1), kind: .corrupt)

    init() throws {
        store = try TestStore()
        try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 60))
        try store.put("a", "1", lease: LeaseID(7))
    }

    private static let underFull: [(Command, StoreError?)] = [
        (.put(PutRequest(key: [1], value: [1])), .noSpace),
        (.leaseGrant(LeaseID(8), ttlSeconds: 1), .noSpace),
        (.transaction(TransactionRequest(success: [put("k")])), .noSpace),
        (.transaction(TransactionRequest(failure: [put("k")])), .noSpace),
        (
            .transaction(
                TransactionRequest(success: [
                    .transaction(TransactionRequest(success: [put("k")]))
                ])), .noSpace
        ),
        (.transaction(TransactionRequest(success: [get(everything)])), nil),
        (.transaction(TransactionRequest(success: [delete(everything)])), nil),
        (.deleteRange(DeleteRangeRequest(everything)), nil), (.compact(Revision(2)), nil),
        (.leaseRevoke(LeaseID(7)), nil),
        (.leaseExpire([LeaseID(7)], term: Term(1), asOf: .zero), nil),
        (.leaseCheckpoint([], term: Term(1), asOf: .zero), nil),
        (.deactivateAlarm(Alarm(member: PeerID(2), kind: .noSpace)), nil),
        (.setMember(PeerID(1), nil), nil),
        // What is wrong anyway is said first.
        (.put(PutRequest(key: [], value: [1])), .emptyKey),
    ]

    @Test(arguments: underFull)
    mutating func `without space everything goes on that needs none`(
        command: Command, error: StoreError?
    ) throws {
        try store.succeed(.activateAlarm(full))
        #expect(store.refusal(command) == error)
    }

    private static let underCorrupt: [(Command, StoreError?)] = [
        (.put(PutRequest(key: [1], value: [1])), .corrupt),
        (.transaction(TransactionRequest(success: [get(everything)])), .corrupt),
        (.deleteRange(DeleteRangeRequest(everything)), .corrupt), (.compact(Revision(2)), .corrupt),
        (.leaseGrant(LeaseID(8), ttlSeconds: 1), .corrupt), (.leaseRevoke(LeaseID(7)), .corrupt),
        (.leaseExpire([LeaseID(7)], term: Term(1), asOf: .zero), .corrupt),
        (.deactivateAlarm(Alarm(member: PeerID(1), kind: .corrupt)), nil),
        (.setMember(PeerID(1), nil), nil),
    ]

    @Test(arguments: underCorrupt)
    mutating func `while members differ nothing is changed`(
        command: Command, error: StoreError?
    ) throws {
        try store.succeed(.activateAlarm(full))
        try store.succeed(.activateAlarm(corrupt))
        #expect(store.refusal(command) == error)
        #expect(try store.contents() == "a=1")
    }

    @Test mutating func `alarms are kept sorted, once each, and survive restarts`() throws {
        for alarm in [full, corrupt, full] { try store.succeed(.activateAlarm(alarm)) }
        #expect(store.machine.alarms == [corrupt, full])
        try store.commit()
        try store.kill()
        #expect(store.machine.alarms == [corrupt, full])
        #expect(try store.succeed(.deactivateAlarm(full)) == .alarm([corrupt]))
        #expect(try store.succeed(.deactivateAlarm(full)) == .alarm([corrupt]))
        try store.succeed(.deactivateAlarm(corrupt))
        try store.put("b", "2")
    }

    @Test mutating func `the roster says who the members are`() throws {
        let one = MemberAttributes(name: "one", peerURLs: ["p1", "p2"], clientURLs: ["c"])
        let two = MemberAttributes(name: "zwei, ü")
        try store.succeed(.setMember(PeerID(2), two))
        try store.succeed(.setMember(PeerID(1), one))
        try store.succeed(.setMember(PeerID(3), one))
        try store.commit()
        try store.succeed(.setMember(PeerID(3), nil))
        #expect(store.machine.roster.map(\.0) == [PeerID(1), PeerID(2)])
        try store.commit()
        try store.kill()
        #expect(store.machine.roster.map(\.0) == [PeerID(1), PeerID(2)])
        #expect(store.machine.attributes(of: PeerID(1)) == one)
        #expect(store.machine.attributes(of: PeerID(2)) == two)
        #expect(store.machine.attributes(of: PeerID(3)) == nil)
    }
}
