/// member, as far as it needs no new processes.
enum ClusterStories {
    static let all = [members]

    private static let members = Story(name: "members", dependsOnMembers: true) { etcdctl in
        // Members in the order of their names: that of identifiers depends on the addresses.
        func list() throws -> [[String]] {
            try etcdctl.quietly(["member", "list"]).lines.sorted {
                $0.split(separator: ",")[2] < $1.split(separator: ",")[2]
            }.map { $0.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init) }
        }
        for member in try list() { etcdctl.note(member.joined(separator: ", ")) }
        let first = try list()[0][0]
        try etcdctl.settleMembership()
        try etcdctl("member", "update", first, "--peer-urls=nonsense")
        try etcdctl("member", "update", "deadbeefdeadbeef", "--peer-urls=http://10.0.0.1:2380")
        try etcdctl("member", "update", first)
        try etcdctl(
            "member", "update", first, "--peer-urls=\(etcdctl.cluster.members[0].peer)")
        try etcdctl("member", "remove", "deadbeefdeadbeef")
        try etcdctl("member", "remove", "xyz")
        try etcdctl("member", "remove")
        try etcdctl("member", "promote", first)
        try etcdctl("member", "promote", "deadbeefdeadbeef")
        try etcdctl("member", "add", "x", "--peer-urls=nonsense")
        try etcdctl("member", "add", "x")
        try etcdctl("member", "add")
        try etcdctl("member", "add", "x", "--peer-urls=\(etcdctl.cluster.members[0].peer)")
        let learner = try etcdctl.quietly(
            ["member", "add", "learner", "--learner", "--peer-urls=http://10.0.0.1:2380"])
        etcdctl.note("learner: \(learner.exitCode) \(learner.errors)")
        etcdctl.note(
            learner.lines.first?.replacing(#/cluster .*/#, with: "cluster") ?? learner.errors)
        let id = learner.output.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        try etcdctl("member", "add", "more", "--learner", "--peer-urls=http://10.0.0.2:2380")
        try etcdctl("member", "promote", id)
        for member in try list() { etcdctl.note(member[1...].joined(separator: ", ")) }
        try etcdctl("member", "remove", id)
        try etcdctl("member", "remove", id)
        for member in try list() { etcdctl.note(member[1...].joined(separator: ", ")) }
        try etcdctl("put", "still", "here")
    }
}
