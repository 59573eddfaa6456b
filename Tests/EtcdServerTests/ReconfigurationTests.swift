import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing
import Wire

@testable import EtcdServer

/// etcd's `--strict-reconfig-check`.
@Suite struct `Checks of membership changes` {
    /// Members `1…`, each as `s`tarted, `u`nstarted, `l`earner or learner `x` that is not started;
    /// connected are those in `connected`.
    private func check(_ kinds: String, connected: [UInt64]) -> Reconfiguration {
        let members = kinds.enumerated().map { place, kind in
            MemberDescription(
                id: PeerID(UInt64(place + 1)),
                attributes: MemberAttributes(name: "sl".contains(kind) ? "m" : ""),
                isLearner: "lx".contains(kind))
        }
        return Reconfiguration(members: members, connected: Set(connected.map { PeerID($0) }))
    }

    private static let adding: [(String, [UInt64], GRPCStatus?)] = [
        ("s", [1], nil),
        ("ss", [1, 2], nil),
        ("su", [1], EtcdError.notEnoughStartedMembers),
        ("sss", [1, 2, 3], nil),
        ("sss", [1, 2], EtcdError.unhealthy),
        ("ssu", [1, 2], EtcdError.notEnoughStartedMembers),
        ("sssu", [1, 2, 3], EtcdError.unhealthy),
        ("sl", [1], nil),
    ]

    @Test(arguments: adding)
    func `adding a voter`(kinds: String, connected: [UInt64], expected: GRPCStatus?) {
        #expect(check(kinds, connected: connected).objectionToAddingVoter() == expected)
    }

    private static let removing: [(String, [UInt64], UInt64, GRPCStatus?)] = [
        ("s", [1], 1, EtcdError.notEnoughStartedMembers),
        ("ss", [1, 2], 2, nil),
        ("su", [1], 2, nil),
        ("su", [1], 1, EtcdError.notEnoughStartedMembers),
        ("sss", [1, 2, 3], 3, nil),
        ("sss", [1, 2], 3, nil),
        ("sss", [1, 2], 2, EtcdError.unhealthy),
        ("ssu", [1, 2], 1, EtcdError.notEnoughStartedMembers),
        ("ssx", [1, 2], 3, nil),
    ]

    @Test(arguments: removing)
    func `removing a member`(
        kinds: String, connected: [UInt64], id: UInt64, expected: GRPCStatus?
    ) {
        let check = check(kinds, connected: connected)
        #expect(check.objectionToRemoving(PeerID(id)) == expected)
    }

    private static let promoting: [(String, UInt64, GRPCStatus?)] = [
        ("sl", 2, nil),
        ("sl", 1, EtcdError.notLearner),
        ("sl", 3, RequestError.memberNotFound.status),
        ("sx", 2, ProposalRefusal.learnerNotReady(PeerID(2)).status),
        ("sul", 3, nil),
        ("suul", 4, EtcdError.notEnoughStartedMembers),
    ]

    @Test(arguments: promoting)
    func `promoting a learner`(kinds: String, id: UInt64, expected: GRPCStatus?) {
        let check = check(kinds, connected: [])
        #expect(check.objectionToPromoting(PeerID(id)) == expected)
    }
}
