internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Verification

// The words of the trace. Short: thousands of lines are read in search of one.

/// Bytes as text, cut to what identifies them.
func text(_ bytes: Bytes) -> String {
    let isPrintable = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    guard isPrintable else { return bytes.count == 1 ? "0x0\(bytes[0])" : "\(bytes.count) bytes" }
    let end = bytes.lastIndex { $0 != UInt8(ascii: ".") } ?? -1
    return String(decoding: bytes.prefix(end + 1), as: UTF8.self)
}

/// A range of keys.
func describe(_ range: KeyRange) -> String {
    if range.isSingleKey { return text(range.key) }
    return text(range.key) + "..<" + (range.isUnbounded ? "end" : text(range.end))
}

/// A version of a key.
func describe(_ version: KeyValue) -> String {
    "\(text(version.key))=\(text(version.value))@\(version.modRevision)"
}

/// A message between members.
func describe(_ message: PeerMessage) -> String {
    switch message {
    case .raft(let message):
        return "\(describe(message.body)) [term \(message.term)] to m\(message.to)"
    case .leaseRequest(_, let to, let number, let question):
        return "lease question \(number) to m\(to): \(question)"
    case .leaseAnswer(_, let to, let number, let answer):
        return "lease answer \(number) to m\(to): \(answer)"
    case .refusal(_, let to, let number, let refusal):
        return "refusal of \(number) to m\(to): \(refusal)"
    }
}

private func describe(_ body: Message.Body) -> String {
    switch body {
    case .voteRequest(let request):
        return (request.isPreVote ? "pre-vote request" : "vote request")
            + " with last entry \(request.lastEntry)"
    case .voteResponse(let response):
        return (response.isPreVote ? "pre-vote " : "vote ")
            + (response.isGranted ? "granted" : "refused")
    case .append(let append):
        let last = append.entries.last.map { ", up to \($0.index)@\($0.term)" } ?? ""
        return "\(append.entries.count) entries behind \(append.previous)\(last), commit "
            + "\(append.commitIndex)"
    case .appendResponse(.accepted(let index)): return "accepted up to \(index)"
    case .appendResponse(.rejected(let previous, let hint)):
        return "rejected behind \(previous), hint \(hint)"
    case .heartbeat(let heartbeat):
        return "heartbeat, commit \(heartbeat.commitIndex), round \(heartbeat.readRound)"
    case .heartbeatResponse(let response): return "heartbeat answer, round \(response.readRound)"
    case .snapshotChunk(let chunk):
        return "image \(chunk.description.lastIncluded) from \(chunk.offset), "
            + "\(chunk.bytes.count) bytes" + (chunk.isLast ? ", the last" : "")
    case .snapshotResponse(let response): return "\(response)"
    case .timeoutNow: return "campaign now"
    case .forwardProposals(let proposals): return "\(proposals.count) proposals"
    case .forwardMembershipChange(let change): return "change \(change.steps)"
    case .forwardTransfer(let peer): return "transfer to m\(peer)"
    case .readIndexRequest(let id): return "read request \(id.peer).\(id.number & 0xFFFF)"
    case .readIndexResponse(let id, let index):
        return "read index \(index) for \(id.peer).\(id.number & 0xFFFF)"
    case .readIndexRefused(let id): return "no read index for \(id.peer).\(id.number & 0xFFFF)"
    case .removed: return "you were removed"
    }
}

/// A command of the log.
func describe(_ command: Command) -> String {
    switch command {
    case .put(let put): return "put \(text(put.key))=\(text(put.value))" + lease(put.lease)
    case .deleteRange(let deletion): return "delete \(describe(deletion.range))"
    case .transaction(let transaction): return describe(transaction)
    case .compact(let revision): return "compact \(revision)"
    case .leaseGrant(let lease, let ttl): return "grant \(lease) for \(ttl) s"
    case .leaseRevoke(let lease): return "revoke \(lease)"
    case .leaseExpire(let leases, let term, let asOf):
        return "expire \(leases) of term \(term) as of \(asOf)"
    case .leaseCheckpoint(let checkpoints, let term, _):
        let all = checkpoints.map { "\($0.id): \($0.remainingSeconds) s" }
        return "checkpoint \(all) of term \(term)"
    case .activateAlarm(let alarm): return "raise \(alarm.kind) of m\(alarm.member)"
    case .deactivateAlarm(let alarm): return "lower \(alarm.kind) of m\(alarm.member)"
    case .setMember(let peer, let attributes): return "m\(peer) is \(attributes?.name ?? "gone")"
    }
}

private func lease(_ lease: LeaseID) -> String { lease == .zero ? "" : " with lease \(lease)" }

private func describe(_ transaction: TransactionRequest) -> String {
    let count = transaction.success.count
    return "transaction of \(count) operations, if \(transaction.compares.count) conditions hold, "
        + "else \(transaction.failure.count)"
}

/// A request of the history.
func describe(_ request: HistoryRequest) -> String {
    switch request {
    case .put(let put): return describe(Command.put(put))
    case .range(let range, _): return describe(range)
    case .deleteRange(let deletion): return describe(Command.deleteRange(deletion))
    case .transaction(let transaction): return describe(transaction)
    case .compact(let revision): return "compact \(revision)"
    case .leaseGrant(let lease, _): return "grant \(lease)"
    case .leaseRevoke(let lease): return "revoke \(lease)"
    }
}

private func describe(_ range: RangeRequest) -> String {
    "read \(describe(range.range))" + (range.revision > .zero ? " at \(range.revision)" : "")
}

/// A client's request.
func describe(_ request: ClientRequest) -> String {
    switch request {
    case .command(let command): return describe(command)
    case .range(let range, let isSerializable):
        return describe(range) + (isSerializable ? ", any will do" : "")
    case .readTransaction(let transaction, _): return describe(transaction)
    case .leaseKeepAlive(let lease): return "renew \(lease)"
    case .leaseTimeToLive(let lease, _): return "time of \(lease)"
    case .changeMembership(let steps, _): return "change \(steps)"
    case .moveLeader(let peer): return "move leadership to m\(peer)"
    case .leases, .members, .readBarrier, .status, .hashKV: return "\(request)"
    }
}

/// An answer to a client.
func describe(_ result: Result<ClientResponse, RequestError>) -> String {
    switch result {
    case .failure(let error): return "refused: \(error)"
    case .success(let response):
        let revision = "revision \(response.header.revision): "
        switch response.body {
        case .range(let range):
            return revision + "[" + range.keyValues.map(describe).joined(separator: ", ") + "]"
        case .command(.put), .command(.compact), .command(.leaseRevoke): return revision + "done"
        case .command(.deleteRange(let answer)): return revision + "deleted \(answer.deleted)"
        case .command(.transaction(let answer)), .transaction(let answer):
            return revision + (answer.succeeded ? "conditions hold" : "conditions fail")
        case .command(.leaseGrant(let lease, let ttl)): return revision + "\(lease) for \(ttl) s"
        case .leaseKeepAlive(let lease, let ttl): return revision + "\(lease) for \(ttl) s"
        case .leaseTimeToLive(_, let seconds): return revision + "\(seconds) s left"
        case .status, .members: return revision + "answered"
        default: return revision + "\(response.body)"
        }
    }
}

/// What a watcher is told.
func describe(_ delivery: WatchDelivery) -> String {
    switch delivery.body {
    case .created: return "watch \(delivery.watchID) created at \(delivery.revision)"
    case .events(let events, let hasMore):
        let all = events.map { event in
            (event.kind == .delete ? "delete " : "") + describe(event.keyValue)
        }
        return "watch \(delivery.watchID): " + all.joined(separator: ", ")
            + (hasMore ? " and more" : "")
    case .progress: return "watch \(delivery.watchID) is at \(delivery.revision)"
    case .cancelled(let compacted, let reason):
        return "watch \(delivery.watchID) cancelled, compacted \(compacted) \(reason)"
    }
}
