import EtcdAPI
import Primitives
import StoreModel
import Testing
import Wire

/// What is written is read back.
@Suite struct `Round trips of the etcd API` {
    @Test(arguments: [true, false])
    func `a range request keeps every field`(isSerializable: Bool) throws {
        let wire = written { sampleRange.encode(isSerializable: isSerializable, into: &$0) }
        let read = try RangeRequest.decode(ProtobufReader(wire))
        #expect(read.request == sampleRange)
        #expect(read.isSerializable == isSerializable)
    }

    @Test func `a put, a deletion and a transaction keep every field`() throws {
        let put = written { samplePut.encode(into: &$0) }
        #expect(try PutRequest.decode(ProtobufReader(put)) == samplePut)
        let delete = written { sampleDelete.encode(into: &$0) }
        #expect(try DeleteRangeRequest.decode(ProtobufReader(delete)) == sampleDelete)
        let transaction = written { sampleTransaction.encode(into: &$0) }
        #expect(try TransactionRequest.decode(ProtobufReader(transaction)) == sampleTransaction)
    }

    @Test func `answers keep every field behind their header`() throws {
        let header = WireHeader(clusterID: .max, memberID: 2, revision: 300, term: 4)
        let wire = written { writer in
            header.encode(into: &writer)
            sampleTransactionAnswer.encode(into: &writer, revision: 300)
        }
        #expect(try WireHeader.ofAnswer(ProtobufReader(wire)) == header)
        #expect(try TransactionResponse(decoding: ProtobufReader(wire)) == sampleTransactionAnswer)
        let range = RangeResponse(keyValues: [sampleKeyValue], hasMore: true, count: 9)
        let rangeWire = written { range.encode(into: &$0) }
        #expect(try RangeResponse(decoding: ProtobufReader(rangeWire)) == range)
        let deleted = DeleteRangeResponse(deleted: 1, previous: [sampleKeyValue])
        let deletedWire = written { deleted.encode(into: &$0) }
        #expect(try DeleteRangeResponse(decoding: ProtobufReader(deletedWire)) == deleted)
        let put = written { WirePutResponse.encode(sampleKeyValue, into: &$0) }
        #expect(try WirePutResponse.previous(ProtobufReader(put)) == sampleKeyValue)
    }

    private static let deliveries: [WatchDelivery.Body] = [
        .created, .progress,
        .cancelled(compactRevision: Revision(4), reason: "why"),
        .events(
            [
                Event(kind: .put, keyValue: sampleKeyValue, previous: sampleKeyValue),
                Event(kind: .delete, keyValue: sampleDeletion),
            ], hasMoreFragments: true),
    ]

    @Test(arguments: deliveries)
    func `a watch delivery keeps every field`(body: WatchDelivery.Body) throws {
        let delivery = WatchDelivery(
            stream: WatchStreamID(3), watchID: 6, revision: Revision(55), body: body)
        let wire = written { delivery.encode(WireHeader(clusterID: 1), into: &$0) }
        let read = try WatchDelivery(decoding: ProtobufReader(wire), stream: WatchStreamID(3))
        #expect(read == delivery)
    }

    @Test func `a refused watch is created and cancelled in one answer`() throws {
        let delivery = WatchDelivery(
            stream: WatchStreamID(1), watchID: -1, revision: Revision(5),
            body: .cancelled(compactRevision: .zero, reason: "why"))
        let wire = written { delivery.encode(WireHeader(), into: &$0) }
        var flags: [Int] = []
        var reader = ProtobufReader(wire)
        try reader.forEachField { field, _ in
            flags.append(field)
            return false
        }
        #expect(flags.contains(3) && flags.contains(4))
    }

    @Test func `watch requests keep every field`() throws {
        var request = WatchRequest(KeyRange(key: bytes("a"), end: bytes("b")), watchID: 4)
        request.startRevision = Revision(8)
        request.wantsPrevious = true
        request.wantsProgress = true
        request.filtersPuts = true
        request.filtersDeletes = true
        request.allowsFragments = true
        for sample in [WireWatchRequest.create(request), .cancel(watchID: 3), .progress] {
            let wire = written { sample.encode(into: &$0) }
            #expect(try WireWatchRequest.decode(ProtobufReader(wire)) == sample)
        }
    }

    @Test func `lease messages keep every field`() throws {
        let grant = WireLeaseGrant(ttlSeconds: 60, id: LeaseID(-7))
        let request = written { grant.encodeRequest(into: &$0) }
        #expect(try WireLeaseGrant(request: ProtobufReader(request)) == grant)
        let answer = written { grant.encodeAnswer(into: &$0) }
        #expect(try WireLeaseGrant(answer: ProtobufReader(answer)) == grant)
        let question = WireLeaseQuestion(LeaseID(5), wantsKeys: true)
        let questionWire = written { question.encode(into: &$0) }
        #expect(try WireLeaseQuestion(decoding: ProtobufReader(questionWire)) == question)
        let lease = LeaseDescription(
            id: LeaseID(5), grantedTTLSeconds: 60, keys: [bytes("a"), bytes("b")])
        let leaseWire = written { lease.encode(remainingSeconds: -1, into: &$0) }
        let read = try LeaseDescription.decode(ProtobufReader(leaseWire))
        #expect(read.lease == lease)
        #expect(read.remainingSeconds == -1)
        let list = written { WireLeaseList.encode([LeaseID(1), LeaseID(-2)], into: &$0) }
        #expect(try WireLeaseList.decode(ProtobufReader(list)) == [LeaseID(1), LeaseID(-2)])
    }

    @Test func `cluster messages keep every field`() throws {
        let member = WireMember(
            id: .max,
            attributes: MemberAttributes(
                name: "m", peerURLs: ["http://a:1", "http://b:2"], clientURLs: ["http://c:3"]),
            isLearner: true)
        let list = written { writer in
            member.encode(2, into: &writer)
            WireMember().encode(2, into: &writer)
        }
        #expect(try WireMember.list(ProtobufReader(list)) == [member, WireMember()])
        let add = WireMemberAddRequest(peerURLs: ["http://a:1"], isLearner: true)
        let addWire = written { add.encode(into: &$0) }
        #expect(try WireMemberAddRequest(decoding: ProtobufReader(addWire)) == add)
        let update = WireMemberUpdateRequest(id: 3, peerURLs: ["http://a:1"])
        let updateWire = written { update.encode(into: &$0) }
        #expect(try WireMemberUpdateRequest(decoding: ProtobufReader(updateWire)) == update)
    }

    @Test func `maintenance messages keep every field`() throws {
        var status = WireStatus()
        status.version = "3.6.6"
        status.dbSizeBytes = 1
        status.leader = 2
        status.raftIndex = 3
        status.raftTerm = 4
        status.appliedIndex = 5
        status.errors = ["e", ""]
        status.inUseBytes = 6
        status.isLearner = true
        status.storageVersion = "3.6.0"
        status.quotaBytes = 7
        let statusWire = written { status.encode(into: &$0) }
        #expect(try WireStatus(decoding: ProtobufReader(statusWire)) == status)
        let hash = WireHash(
            hash: .max, compactRevision: Revision(2), hashRevision: Revision(3))
        let hashWire = written { hash.encode(into: &$0) }
        #expect(try WireHash(decoding: ProtobufReader(hashWire)) == hash)
        let alarm = WireAlarmRequest(action: .deactivate, member: PeerID(4), kind: .corrupt)
        let alarmWire = written { alarm.encode(into: &$0) }
        #expect(try WireAlarmRequest(decoding: ProtobufReader(alarmWire)) == alarm)
        let part = WireSnapshotPart(remainingBytes: 5, blob: [1, 2], version: "v")
        let partWire = written { part.encode(into: &$0) }
        #expect(try WireSnapshotPart(decoding: ProtobufReader(partWire)) == part)
        let compaction = WireCompactionRequest(revision: Revision(8), isPhysical: true)
        let compactionWire = written { compaction.encode(into: &$0) }
        #expect(try WireCompactionRequest(decoding: ProtobufReader(compactionWire)) == compaction)
    }

    @Test func `lock and election messages keep every field`() throws {
        let lock = WireLockRequest(name: bytes("n"), lease: LeaseID(3), value: bytes("v"))
        let lockWire = written { lock.encode(into: &$0) }
        #expect(try WireLockRequest(decoding: ProtobufReader(lockWire)) == lock)
        let proclaim = WireProclaimRequest(
            leader: WireLeaderKey(
                name: bytes("n"), key: bytes("n/3"), revision: Revision(4), lease: LeaseID(3)),
            value: bytes("v"))
        let proclaimWire = written { proclaim.encode(into: &$0) }
        #expect(try WireProclaimRequest(decoding: ProtobufReader(proclaimWire)) == proclaim)
    }
}
