import Primitives
import Raft

/// Messages made by hand, and elections stopped half-way.
extension RaftCluster {
    /// Hands over a message that nobody sent and returns what the member says to that.
    @discardableResult
    mutating func answer(
        of id: UInt64, to from: UInt64, term: UInt64, _ body: Message.Body
    ) -> [Message] {
        let seen = network.inFlight.count
        hand(over: Message(from: PeerID(from), to: PeerID(id), term: Term(term), body: body))
        return Array(network.inFlight[seen...])
    }

    /// A leader's append of entries of the given terms behind `previous`.
    @discardableResult
    mutating func append(
        to id: UInt64, from: UInt64, term: UInt64, after previous: EntryID, _ terms: [UInt64],
        commit: UInt64 = 0
    ) -> [Message] {
        let entries = zip((previous.index.rawValue + 1)..., terms).map { index, term in
            Entry(
                term: Term(term), index: LogIndex(index),
                payload: .command(Bytes("\(term).\(index)".utf8)))
        }
        let request = AppendRequest(
            previous: previous, entries: entries, commitIndex: LogIndex(commit))
        return answer(of: id, to: from, term: term, .append(request))
    }

    /// A candidate's request, and whether the member grants it; nil if it says nothing.
    mutating func grants(
        _ id: UInt64, to from: UInt64, term: UInt64, last: EntryID = .zero,
        isPreVote: Bool = false, isTransfer: Bool = false
    ) -> Bool? {
        let request = VoteRequest(lastEntry: last, isPreVote: isPreVote, isTransfer: isTransfer)
        for message in answer(of: id, to: from, term: term, .voteRequest(request)) {
            if case .voteResponse(let response) = message.body,
                response.isPreVote == isPreVote, message.to.rawValue == from
            {
                return response.isGranted
            }
        }
        return nil
    }

    /// Delivers pre-votes, and only them, until none is under way.
    mutating func deliverPreVotes() {
        while network.inFlight.contains(where: \.isPreVote) {
            deliver { $0.isPreVote }
        }
    }

    /// Delivers votes and pre-votes, and only them, until none is under way.
    mutating func deliverElection() {
        while network.inFlight.contains(where: \.isVote) {
            deliver { $0.isVote }
        }
    }

    /// Lets a member become a candidate whose requests are still under way.
    mutating func stand(_ id: UInt64) {
        campaign(id)
        deliverPreVotes()
    }

    /// What is under way on a link is there once more.
    mutating func duplicate(_ from: UInt64, _ to: UInt64) {
        network.inFlight += messages(from, to)
    }
}

extension Message {
    /// A sign of life that says nothing else.
    var isRoutine: Bool {
        switch body {
        case .heartbeat(let heartbeat): heartbeat.readRound == 0
        case .heartbeatResponse(let response): response.readRound == 0
        default: false
        }
    }

    var isPreVote: Bool {
        switch body {
        case .voteRequest(let request): request.isPreVote
        case .voteResponse(let response): response.isPreVote
        default: false
        }
    }

    var isVote: Bool {
        switch body {
        case .voteRequest, .voteResponse: true
        default: false
        }
    }

    /// The entries of an append, empty for anything else.
    var entries: [Entry] {
        if case .append(let request) = body { return request.entries }
        return []
    }

    var isRejection: Bool {
        if case .appendResponse(.rejected) = body { return true }
        return false
    }

    /// What an append response accepts.
    var match: UInt64? {
        if case .appendResponse(.accepted(let match)) = body { return match.rawValue }
        return nil
    }

    var chunk: SnapshotChunk? {
        if case .snapshotChunk(let chunk) = body { return chunk }
        return nil
    }
}

/// `3@1`, short for tests.
func at(_ index: UInt64, _ term: UInt64) -> EntryID {
    EntryID(index: LogIndex(index), term: Term(term))
}
