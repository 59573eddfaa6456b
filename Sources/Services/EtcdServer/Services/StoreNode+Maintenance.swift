internal import Dispatch
internal import EtcdAPI
internal import Logging
internal import NIOCore
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// etcd's maintenance service.
extension StoreNode {
    func registerMaintenance() {
        let service = "etcdserverpb.Maintenance"
        register(service, "Status", servesLearner: true) { node, call, _ in
            let status = node.status
            node.answerNow(call) { status.encode(into: &$0) }
        }
        register(service, "Alarm") { try $0.alarm($1, $2) }
        register(service, "Defragment", servesLearner: true) { node, call, _ in
            node.defragment(call)
        }
        register(service, "Hash", servesLearner: true) { node, call, _ in
            node.relay(call, .hashKV(.zero)) { answer, writer in
                if case .hashKV(let hash, _, _) = answer.body { writer.write(2, UInt64(hash)) }
            }
        }
        register(service, "HashKV", servesLearner: true) { try $0.hashKV($1, $2) }
        register(service, "MoveLeader") { try $0.moveLeader($1, $2) }
        register(service, "Downgrade") { _, call, _ in call.finish(EtcdError.noDowngrade) }
        registerStream(service, "Snapshot", servesLearner: true) { SnapshotCall($0, $1) }
    }

    private var status: WireStatus {
        let facts = member.status
        var status = WireStatus()
        status.version = ServerVersion.etcd
        status.dbSizeBytes = Int64(facts.allocatedBytes)
        status.inUseBytes = Int64(facts.inUseBytes)
        status.leader = facts.leader.rawValue
        status.raftIndex = facts.commitIndex.rawValue
        status.raftTerm = facts.term.rawValue
        status.appliedIndex = facts.appliedIndex.rawValue
        status.isLearner = facts.isLearner
        status.storageVersion = ServerVersion.storage
        status.quotaBytes = Int64(settings.effectiveQuotaBytes)
        if facts.leader == .zero { status.errors.append(EtcdError.noLeader.message) }
        for alarm in facts.alarms {
            status.errors.append("memberID:\(alarm.member) alarm:\(alarm.kind.wireName) ")
        }
        return status
    }

    private func hashKV(_ call: GRPCCall, _ message: ProtobufReader) throws {
        relay(call, .hashKV(try WireHash.revision(message))) { answer, writer in
            guard case .hashKV(let hash, let revision, let compactRevision) = answer.body else {
                return
            }
            WireHash(hash: hash, compactRevision: compactRevision, hashRevision: revision)
                .encode(into: &writer)
        }
    }

    /// etcd wants the request at the leader itself.
    private func moveLeader(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let target = try WireMoveLeader.target(message)
        guard member.isLeader else { throw EtcdError.notLeader }
        relay(call, .moveLeader(target)) { _, _ in }
    }

    private func alarm(_ call: GRPCCall, _ message: ProtobufReader) throws {
        let request = try WireAlarmRequest(decoding: message)
        switch request.action {
        case .get:
            relay(call, .readBarrier) { [unowned self] _, writer in
                for alarm in self.member.alarms where request.concerns(alarm) {
                    alarm.encode(2, into: &writer)
                }
            }
        case .activate:
            let of = request.member == .zero ? member.id : request.member
            let alarm = Alarm(member: of, kind: request.kind ?? .noSpace)
            relay(call, .command(.activateAlarm(alarm))) { _, writer in
                alarm.encode(2, into: &writer)
            }
        case .deactivate:
            deactivate(member.alarms.filter(request.concerns), [], call)
        }
    }

    /// Takes alarms back, one after the other, and answers with those that were.
    private func deactivate(_ alarms: [Alarm], _ done: [Alarm], _ call: GRPCCall) {
        guard let alarm = alarms.first else {
            answerNow(call) { writer in for alarm in done { alarm.encode(2, into: &writer) } }
            return
        }
        ask(.command(.deactivateAlarm(alarm))) { [unowned self] result in
            switch result {
            case .failure(let error): call.finish(error.status)
            case .success:
                self.deactivate(Array(alarms.dropFirst()), done + [alarm], call)
            }
        }
    }

    /// Rewrites the backend's file on the thread of the member's jobs: commits wait meanwhile,
    /// reads and writes of clients go on.
    private func defragment(_ call: GRPCCall) {
        let caretaker = member.caretaker
        let call = LoopBound(call)
        let began = Clock.now()
        jobs.async { [self] in
            let result = Result { try caretaker.defragment() }
            loop.execute { self.defragmented(result, call.value, began: began.nanoseconds) }
        }
    }

    private func defragmented(
        _ result: Result<Void, any Error>, _ call: GRPCCall, began: Int64
    ) {
        guard !hasEnded else { return }
        do {
            try result.get()
            try member.refreshBackend()
            let milliseconds = (Clock.now().nanoseconds - began) / 1_000_000
            log.info("defragmented", metadata: ["milliseconds": "\(milliseconds)"])
            answerNow(call)
        } catch {
            log.error("defragmentation failed", metadata: ["error": "\(error)"])
            call.finish(GRPCStatus(.internal, "keelson: defragmentation failed: \(error)"))
        }
    }
}

extension WireAlarmRequest {
    /// Whether the request is about an alarm; nothing named means all.
    fileprivate func concerns(_ alarm: Alarm) -> Bool {
        (member == .zero || member == alarm.member) && (kind == nil || kind == alarm.kind)
    }
}
