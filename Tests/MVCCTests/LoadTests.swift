import Environment
import MVCC
import Primitives
import SimulatedEnvironment
import StoreModel
import Testing

/// Starting from a backend, and refusing what cannot be trusted.
@Suite struct LoadTests {
    private var store: TestStore

    init() throws {
        store = try TestStore()
        store.machine.membershipRecord = bytes("members")
        try store.succeed(.setMember(PeerID(1), MemberAttributes(name: "one", peerURLs: ["p"])))
        try store.succeed(.leaseGrant(LeaseID(7), ttlSeconds: 60))
        try store.put("a", "1", lease: LeaseID(7))
        try store.put("a", "2", lease: LeaseID(7))
        try store.put("b", "3")
        try store.delete("b")
        try store.succeed(.activateAlarm(Alarm(member: PeerID(1), kind: .noSpace)))
        try store.commit()
        // A closed block, with a dead record.
        try store.kill()
        try store.succeed(.compact(Revision(4)))
        _ = store.machine.compactSlice(recordsMax: 1)
        try store.commit()
    }

    private func open(
        _ rows: [(table: BackendTable, key: Bytes, value: Bytes)]
    ) throws -> StateMachine {
        let backend = try MemoryBackendProvider().open()
        try backend.commit(
            BackendBatch(operations: rows.map { .put($0.table, key: $0.key, value: $0.value) }))
        try backend.refresh()
        return try StateMachine(limits: StoreLimits(), backend: backend)
    }

    @Test func `all of the state is found again`() throws {
        let machine = try open(store.rows())
        #expect(machine.stateHash() == store.machine.stateHash())
        #expect(machine.revision == Revision(5))
        #expect(machine.keyCount == 1)
        machine.checkInvariants()
    }

    @Test func `no flipped bit or cut of any row is taken for data`() throws {
        let rows = store.rows()
        let hash = store.machine.stateHash()
        // How far a compaction has come is no part of the state.
        let unchecked = [bytes("compaction")]
        var deadBits = 0
        for index in rows.indices {
            for bit in 0..<rows[index].value.count * 8 {
                var damaged = rows
                damaged[index].value[bit / 8] ^= 1 << UInt8(bit % 8)
                // Refused, which is best.
                guard let machine = try? open(damaged) else { continue }
                if rows[index].table == .records {
                    // Only of the dead record, which nobody reads.
                    deadBits += 1
                    #expect(machine.stateHash() == hash, "bit \(bit) of a block passed")
                    continue
                }
                // Small values have no checksum of their own here; the storage adapter gives
                // every row one.
                #expect(
                    machine.stateHash() != hash || unchecked.contains(rows[index].key)
                        || rows[index].key.starts(with: bytes("dead")),
                    "bit \(bit) of \(text(rows[index].key)) went unnoticed")
            }
            for count in 0..<rows[index].value.count where rows[index].key != bytes("membership") {
                var damaged = rows
                damaged[index].value = Bytes(rows[index].value[..<count])
                // A list of dead records may be shorter: what it forgets is swept again.
                if rows[index].key.starts(with: bytes("dead")), count % 12 == 0 { continue }
                #expect(throws: LoadError.self) { _ = try open(damaged) }
            }
        }
        #expect(deadBits == 35 * 8)
    }

    @Test func `tables that do not fit together are refused`() throws {
        let rows = store.rows()
        let withoutFormat = rows.filter { $0.key != bytes("format") }
        #expect(throws: LoadError.missingFormat) { _ = try open(withoutFormat) }
        var later = rows
        for index in later.indices where later[index].key == bytes("format") {
            later[index].value = [2]
        }
        #expect(throws: LoadError.unknownFormat(2)) { _ = try open(later) }
        let withoutLeases = rows.filter { $0.table != .leases }
        #expect(throws: LoadError.unknownLease(LeaseID(7), key: bytes("a"))) {
            _ = try open(withoutLeases)
        }
        let withoutRevision = rows.filter {
            $0.key != bytes("revision") && $0.key != bytes("compaction")
        }
        #expect(
            throws: LoadError.recordBeyondRevision(
                RecordID(main: Revision(5), sub: 0), newest: Revision(1))
        ) { _ = try open(withoutRevision) }
        let withoutRecords = rows.filter { $0.table != .records }
        #expect(throws: LoadError.self) { _ = try open(withoutRecords) }
    }

    @Test func `an image is the state of the member that made it`() throws {
        // RELIABILITY B42, B43: a member that starts from an image agrees with all others.
        let copy = try open(store.rows())
        var other = store
        other.machine = copy
        var reference = store
        for number in 0..<30 {
            let request = PutRequest(key: bytes("k\(number % 5)"), value: bytes("\(number)"))
            let command: Command =
                number % 4 == 0
                ? .deactivateAlarm(Alarm(member: PeerID(1), kind: .noSpace)) : .put(request)
            #expect("\(other.apply(command))" == "\(reference.apply(command))")
            #expect(other.machine.stateHash() == reference.machine.stateHash())
        }
    }
}
