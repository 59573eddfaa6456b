import Foundation
import Testing

/// Members that come and go, with real processes.
struct MembershipTests {
    private static let kinds = Setup.all.filter { $0.memberCount == 3 }

    @Test(arguments: kinds)
    func `members are added, promoted, replaced and lead in turn`(setup: Setup) throws {
        // At the default pace: on a busy machine an impatient cluster might elect by itself.
        let cluster = try StoreCluster(.keelson, setup, flags: [])
        for tool in Programs.etcdctls {
            let etcdctl = Session(cluster, tool)
            try moveLeader(etcdctl)
            try replaceMember(etcdctl)
        }
    }

    /// Leadership goes to each member in turn.
    private func moveLeader(_ etcdctl: Session) throws {
        for member in try members(etcdctl) {
            let leader = try endpointOfLeader(etcdctl)
            guard leader != member.client else { continue }
            let followers = etcdctl.cluster.endpoints.filter { $0 != leader }
            let refused = try etcdctl.quietly(["move-leader", member.id], endpoints: followers)
            #expect(refused.errors.contains("no leader endpoint given"))
            let moved = try etcdctl.quietly(["move-leader", member.id], endpoints: [leader])
            #expect(moved.exitCode == 0, "\(moved.errors)")
            #expect(moved.output.hasPrefix("Leadership transferred from "))
            #expect(moved.output.hasSuffix(" to \(member.id)\n"))
            try eventually("all members to know the new leader") {
                try endpointOfLeader(etcdctl) == member.client ? true : nil
            }
            #expect(try etcdctl.quietly(["put", "moved", member.id]).output == "OK\n")
        }
    }

    /// A learner joins, catches up and becomes a voter; then another member leaves.
    private func replaceMember(_ etcdctl: Session) throws {
        let cluster = etcdctl.cluster
        let old = try members(etcdctl)[0]
        let place = try cluster.addMember()
        let added = try eventually("the learner to be accepted") {
            let answer = try etcdctl.quietly(
                ["member", "add", cluster.members[place].name, "--learner"]
                    + ["--peer-urls=\(cluster.members[place].peer)"])
            return answer.exitCode == 0 ? answer : nil
        }
        let id = String(try #require(added.output.firstMatch(of: #/Member +([0-9a-f]+) /#)).1)
        #expect(added.output.contains("ETCD_INITIAL_CLUSTER_STATE=\"existing\""))
        try cluster.start(place)
        let promoted = try eventually("the learner to catch up") {
            let answer = try etcdctl.quietly(["member", "promote", id])
            return answer.exitCode == 0 ? answer : nil
        }
        #expect(promoted.output.contains(#/^Member +[0-9a-f]+ promoted in cluster/#))
        let learner = [cluster.members[place].client]
        try eventually("the new member to know that it votes") {
            try etcdctl.quietly(["put", "from", "new"], endpoints: learner).exitCode == 0
                ? true : nil
        }
        let removed = try etcdctl.quietly(["member", "remove", old.id], endpoints: learner)
        #expect(removed.exitCode == 0, "\(removed.errors)")
        #expect(removed.output.contains(#/^Member +[0-9a-f]+ removed from cluster/#))
        try eventually("the removed member to end by itself") {
            try cluster.collect(named: old.name) ? true : nil
        }
        #expect(try members(etcdctl).count == 3)
        #expect(try etcdctl.quietly(["get", "from", "--print-value-only"]).output == "new\n")
    }

    private func members(
        _ etcdctl: Session
    ) throws -> [(id: String, name: String, client: String)] {
        try etcdctl.quietly(["member", "list"]).lines.map { line in
            let fields = line.split(separator: ",").map { $0.drop { $0 == " " } }
            return (String(fields[0]), String(fields[2]), String(fields[4]))
        }.sorted { $0.name < $1.name }
    }

    private func endpointOfLeader(_ etcdctl: Session) throws -> String {
        try eventually("a leader") {
            let lines = try etcdctl.quietly(["endpoint", "status"]).lines
            return lines.first { $0.split(separator: ",")[4] == " true" }
                .map { String($0.prefix { $0 != "," }) }
        }
    }
}
