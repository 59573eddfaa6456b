package import Primitives
internal import Raft
internal import StoreModel

/// What kind of message follows, as the first byte says (docs/formats/peer.md).
enum PeerMessageKind: UInt8 {
    case voteRequest = 1
    case voteResponse = 2
    case append = 3
    case appendAccepted = 4
    case appendRejected = 5
    case heartbeat = 6
    case heartbeatResponse = 7
    case snapshotChunk = 8
    case snapshotProgress = 9
    case snapshotInstalled = 10
    case snapshotFailed = 11
    case timeoutNow = 12
    case forwardProposals = 13
    case forwardMembershipChange = 14
    case forwardTransfer = 15
    case readIndexRequest = 16
    case readIndexResponse = 17
    case readIndexRefused = 18
    case removed = 19
    case leaseRequest = 20
    case leaseAnswer = 21
    case refusal = 22
}

extension PeerMessage {
    /// The version of the coding; both ends of a connection must speak the same.
    package static let codingVersion: UInt16 = 1

    /// Appends the message as peers send it (docs/formats/peer.md): kind, sender, receiver, and
    /// what the kind has.
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .raft(let message): message.encode(into: &writer)
        case .leaseRequest(let from, let to, let number, let question):
            writer.writeHead(.leaseRequest, from, to)
            writer.write(number)
            switch question {
            case .keepAlive(let lease):
                writer.write(UInt8(0))
                writer.write(lease.rawValue)
            case .timeToLive(let lease):
                writer.write(UInt8(1))
                writer.write(lease.rawValue)
            }
        case .leaseAnswer(let from, let to, let number, let answer):
            writer.writeHead(.leaseAnswer, from, to)
            writer.write(number)
            switch answer {
            case .notLeader: writer.write(UInt8(0))
            case .remaining(let lease, nil):
                writer.write(UInt8(1))
                writer.write(lease.rawValue)
            case .remaining(let lease, .some(let seconds)):
                writer.write(UInt8(2))
                writer.write(lease.rawValue)
                writer.write(seconds)
            }
        case .refusal(let from, let to, let number, let refusal):
            writer.writeHead(.refusal, from, to)
            writer.write(number)
            refusal.encode(into: &writer)
        }
    }

    /// About how many bytes the message takes, for buffers.
    package var estimatedBytes: Int {
        guard case .raft(let message) = self else { return 64 }
        switch message.body {
        case .append(let request):
            return request.entries.reduce(64) { $0 + $1.sizeBytes }
        case .snapshotChunk(let chunk): return chunk.bytes.count + 256
        case .forwardProposals(let proposals):
            return proposals.reduce(64) { $0 + $1.count + 4 }
        default: return 96
        }
    }
}

extension ByteWriter {
    fileprivate mutating func writeHead(_ kind: PeerMessageKind, _ from: PeerID, _ to: PeerID) {
        write(kind.rawValue)
        write(from.rawValue)
        write(to.rawValue)
    }

    fileprivate mutating func write(_ entry: EntryID) {
        write(entry.index.rawValue)
        write(entry.term.rawValue)
    }

    fileprivate mutating func write(_ request: ReadRequestID) {
        write(request.peer.rawValue)
        write(request.number)
    }

    fileprivate mutating func write(_ entry: Entry) {
        write(entry.term.rawValue)
        write(entry.index.rawValue)
        switch entry.payload {
        case .noOp: write(UInt8(0))
        case .command(let bytes):
            write(UInt8(1))
            writeCounted(bytes)
        case .membership(let membership, let context):
            write(UInt8(2))
            writeCounted(membership.encoded())
            writeCounted(context)
        }
    }

    fileprivate mutating func write(_ change: MembershipChange) {
        write(change.alwaysJoint)
        write(UInt32(change.steps.count))
        for step in change.steps {
            switch step {
            case .addLearner(let peer): write(0, peer)
            case .addVoter(let peer): write(1, peer)
            case .demote(let peer): write(2, peer)
            case .remove(let peer): write(3, peer)
            }
        }
        writeCounted(change.context)
    }

    private mutating func write(_ kind: UInt8, _ peer: PeerID) {
        write(kind)
        write(peer.rawValue)
    }
}

extension ProposalRefusal {
    fileprivate func encode(into writer: inout ByteWriter) {
        switch self {
        case .noLeader: writer.write(UInt8(0))
        case .transferring: writer.write(UInt8(1))
        case .tooMuchUncommitted: writer.write(UInt8(2))
        case .notMember: writer.write(UInt8(3))
        case .membershipChangePending: writer.write(UInt8(4))
        case .learnerNotReady(let peer):
            writer.write(UInt8(5))
            writer.write(peer.rawValue)
        case .invalidMembership: writer.write(UInt8(6))
        case .notLeader: writer.write(UInt8(7))
        }
    }
}

extension Message {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.writeHead(kind, from, to)
        writer.write(term.rawValue)
        switch body {
        case .voteRequest(let request):
            writer.write(request.lastEntry)
            writer.write(request.isPreVote)
            writer.write(request.isTransfer)
        case .voteResponse(let response):
            writer.write(response.isGranted)
            writer.write(response.isPreVote)
        case .append(let request):
            writer.write(request.previous)
            writer.write(request.commitIndex.rawValue)
            writer.write(UInt32(request.entries.count))
            for entry in request.entries { writer.write(entry) }
        case .appendResponse(.accepted(let matchIndex)): writer.write(matchIndex.rawValue)
        case .appendResponse(.rejected(let previousIndex, let hint)):
            writer.write(previousIndex.rawValue)
            writer.write(hint)
        case .heartbeat(let heartbeat):
            writer.write(heartbeat.commitIndex.rawValue)
            writer.write(heartbeat.readRound)
        case .heartbeatResponse(let response): writer.write(response.readRound)
        case .snapshotChunk(let chunk):
            writer.write(chunk.description.lastIncluded)
            writer.writeCounted(chunk.description.membership.encoded())
            writer.write(chunk.offset)
            writer.write(chunk.isLast)
            writer.writeCounted(chunk.bytes)
        case .snapshotResponse(.progress(let entry, let nextOffset)):
            writer.write(entry)
            writer.write(nextOffset)
        case .snapshotResponse(.installed(let matchIndex)): writer.write(matchIndex.rawValue)
        case .snapshotResponse(.failed(let entry)): writer.write(entry)
        case .forwardProposals(let proposals):
            writer.write(UInt32(proposals.count))
            for proposal in proposals { writer.writeCounted(proposal) }
        case .forwardMembershipChange(let change): writer.write(change)
        case .forwardTransfer(let peer): writer.write(peer.rawValue)
        case .readIndexRequest(let request), .readIndexRefused(let request):
            writer.write(request)
        case .readIndexResponse(let request, let index):
            writer.write(request)
            writer.write(index.rawValue)
        case .timeoutNow, .removed: break
        }
    }

    private var kind: PeerMessageKind {
        switch body {
        case .voteRequest: .voteRequest
        case .voteResponse: .voteResponse
        case .append: .append
        case .appendResponse(.accepted): .appendAccepted
        case .appendResponse(.rejected): .appendRejected
        case .heartbeat: .heartbeat
        case .heartbeatResponse: .heartbeatResponse
        case .snapshotChunk: .snapshotChunk
        case .snapshotResponse(.progress): .snapshotProgress
        case .snapshotResponse(.installed): .snapshotInstalled
        case .snapshotResponse(.failed): .snapshotFailed
        case .timeoutNow: .timeoutNow
        case .forwardProposals: .forwardProposals
        case .forwardMembershipChange: .forwardMembershipChange
        case .forwardTransfer: .forwardTransfer
        case .readIndexRequest: .readIndexRequest
        case .readIndexResponse: .readIndexResponse
        case .readIndexRefused: .readIndexRefused
        case .removed: .removed
        }
    }
}
