import Primitives
import Raft

/// Short readable forms for scripts and failures.
extension Message {
    /// `1->2 append(term 1, after 3@1, 4@1 "x", commit 3)`
    var line: String { "\(from)->\(to) \(body.line(term))" }
}

extension Message.Body {
    func line(_ term: Term) -> String {
        switch self {
        case .voteRequest(let request):
            let name = request.isPreVote ? "pre-vote?" : "vote?"
            let transfer = request.isTransfer ? ", transfer" : ""
            return "\(name)(term \(term), last \(request.lastEntry)\(transfer))"
        case .voteResponse(let response):
            let name = response.isPreVote ? "pre-vote" : "vote"
            return "\(name)(term \(term), \(response.isGranted ? "granted" : "refused"))"
        case .append(let request):
            let entries = request.entries.map { ", " + $0.line }.joined()
            return "append(term \(term), after \(request.previous)\(entries), "
                + "commit \(request.commitIndex))"
        case .appendResponse(.accepted(let match)): return "accepted(term \(term), match \(match))"
        case .appendResponse(.rejected(let previous, let hint)):
            return "rejected(term \(term), after \(previous), hint \(hint))"
        case .heartbeat(let heartbeat):
            let round = heartbeat.readRound == 0 ? "" : ", round \(heartbeat.readRound)"
            return "heartbeat(term \(term), commit \(heartbeat.commitIndex)\(round))"
        case .heartbeatResponse(let response):
            let round = response.readRound == 0 ? "" : ", round \(response.readRound)"
            return "alive(term \(term)\(round))"
        case .snapshotChunk(let chunk):
            return "image(term \(term), \(chunk.description.lastIncluded) "
                + "\(chunk.description.membership.line), \(chunk.bytes.count) bytes "
                + "at \(chunk.offset)\(chunk.isLast ? ", last" : ""))"
        case .snapshotResponse(let response): return response.line(term)
        default: return otherLine(term)
        }
    }

    private func otherLine(_ term: Term) -> String {
        switch self {
        case .timeoutNow: return "timeout-now(term \(term))"
        case .forwardProposals(let commands):
            return "forward(\(commands.map(\.line).joined(separator: ", ")))"
        case .forwardMembershipChange(let change): return "forward-change(\(change.line))"
        case .forwardTransfer(let target): return "forward-transfer(to \(target))"
        case .readIndexRequest(let id): return "read?(\(id.line))"
        case .readIndexResponse(let id, let index): return "read(\(id.line), index \(index))"
        case .readIndexRefused(let id): return "read-refused(\(id.line))"
        case .removed: return "removed(term \(term))"
        default: return "\(self)"
        }
    }
}

extension SnapshotResponse {
    func line(_ term: Term) -> String {
        switch self {
        case .progress(let last, let next): return "image-stored(\(last), next \(next))"
        case .installed(let match): return "image-installed(term \(term), match \(match))"
        case .failed(let last): return "image-failed(\(last))"
        }
    }
}

extension Entry {
    /// `4@1 "x"`
    var line: String {
        switch payload {
        case .noOp: return "\(index)@\(term) no-op"
        case .command(let bytes): return "\(index)@\(term) \(bytes.line)"
        case .membership(let membership, let context):
            let rest = context.isEmpty ? "" : " \(context.line)"
            return "\(index)@\(term) \(membership.line)\(rest)"
        }
    }
}

extension Bytes {
    var line: String { "\"\(String(decoding: self, as: UTF8.self))\"" }
}

extension Membership {
    /// `voters 1 2 3 (outgoing 1 2) learners 4`
    var line: String {
        func list(_ name: String, _ peers: [PeerID]) -> String {
            peers.isEmpty ? "" : " \(name)\(peers.map { " \($0)" }.joined())"
        }
        let text = list("voters", voters) + list("outgoing", outgoingVoters)
            + list("learners", learners) + list("next-learners", nextLearners)
        return "[\(text.dropFirst())]"
    }
}

extension MembershipChange {
    var line: String {
        steps.map { step in
            switch step {
            case .addLearner(let peer): return "add-learner \(peer)"
            case .addVoter(let peer): return "add-voter \(peer)"
            case .demote(let peer): return "demote \(peer)"
            case .remove(let peer): return "remove \(peer)"
            }
        }.joined(separator: ", ")
    }
}

extension ReadRequestID {
    var line: String { "\(peer)/\(number)" }
}

extension LogWrite {
    var line: String {
        var parts: [String] = []
        if let hardState {
            parts.append(
                "term \(hardState.term) vote \(hardState.votedFor) commit \(hardState.commitIndex)")
        }
        parts += entries.map(\.line)
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}

extension RaftEvent {
    var line: String {
        switch self {
        case .becameFollower(let term, let leader):
            return "becomes follower of \(leader == .zero ? "nobody" : "\(leader)"), term \(term)"
        case .becamePreCandidate(let term): return "becomes pre-candidate, term \(term)"
        case .becameCandidate(let term): return "becomes candidate, term \(term)"
        case .becameLeader(let term): return "becomes leader, term \(term)"
        case .leaderChanged(let leader, let term):
            return "knows \(leader == .zero ? "no leader" : "leader \(leader)"), term \(term)"
        case .truncatedLog(let index): return "truncates its log from \(index) on"
        case .membershipChanged(let membership, let index):
            return "is in membership \(membership.line) since \(index)"
        case .removedFromMembership: return "is no member any more"
        case .steppedDown(let term): return "steps down, term \(term)"
        case .startedSnapshot(let peer): return "starts an image for \(peer)"
        case .transferStarted(let peer): return "starts the transfer to \(peer)"
        case .transferEnded(let peer, let succeeded):
            return "ends the transfer to \(peer): \(succeeded ? "done" : "given up")"
        }
    }
}
