import EtcdServer
import Primitives
import Testing
import Wire

/// etcd's parseProposeCtxErr.
@Suite struct `Time-outs of changes` {
    private static let plain = "etcdserver: request timed out"
    private static let leaderFailure = plain + ", possibly due to previous leader failure"
    private static let connectionLost = plain + ", possibly due to connection lost"

    struct Case: Sendable {
        var leader: UInt64
        var elected: Int64?
        var connected: Set<PeerID>
        var expected: String
    }

    @Test(arguments: [
        Case(leader: 0, elected: nil, connected: [], expected: plain),
        Case(leader: 0, elected: 400, connected: [], expected: plain),
        Case(leader: 2, elected: 400, connected: [PeerID(2)], expected: plain),
        Case(leader: 2, elected: 400, connected: [PeerID(3)], expected: connectionLost),
        Case(leader: 1, elected: 400, connected: [PeerID(3)], expected: plain),
        Case(leader: 1, elected: 400, connected: [], expected: connectionLost),
        Case(leader: 2, elected: 1_100, connected: [], expected: leaderFailure),
        Case(leader: 2, elected: 1_199, connected: [PeerID(2)], expected: leaderFailure),
        Case(leader: 2, elected: 1_200, connected: [PeerID(2)], expected: plain),
    ])
    func `say what may have been the reason`(given: Case) {
        let timeout = ProposalTimeout(
            startNanoseconds: 1_000, electedNanoseconds: given.elected, electionNanoseconds: 100,
            own: PeerID(1), leader: PeerID(given.leader),
            voters: [PeerID(1), PeerID(2), PeerID(3)], connected: given.connected)
        #expect(timeout.status == GRPCStatus(.unavailable, given.expected))
    }
}
