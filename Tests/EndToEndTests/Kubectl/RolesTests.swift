import Testing

/// The flags of `keelson server`: which parts of the control plane a process runs, and how.
struct RolesTests {
    @Test(arguments: [
        (
            "--roles=store,api,cook",
            "unknown role \"cook\": expected store, api, controllers, node"
        ),
        ("--roles=store", "role api cannot be left out yet"),
        ("--roles=", "role store cannot be left out yet"),
        ("--max-pods=none", "invalid --max-pods \"none\": expected 1 to 5000"),
        ("--max-pods=0", "invalid --max-pods \"0\": expected 1 to 5000"),
        ("--model-cache=x", "invalid --model-cache \"x\": expected a size, as in 64Gi"),
        ("--model-cache=-1", "invalid --model-cache \"-1\": expected a size, as in 64Gi"),
        ("--max-pods=5001", "invalid --max-pods \"5001\": expected 1 to 5000"),
        ("--pods-on-exit=go", "invalid --pods-on-exit \"go\": expected keep or stop"),
    ])
    func `a wrong flag ends the process with a line`(flag: String, problem: String) throws {
        let answer = try ChildProcess.run([Programs.keelson, "server", flag])
        #expect(answer.exitCode == 2)
        #expect(answer.errors == "keelson server: \(problem)\n")
    }

    @Test func `controllers run unless they are left out`() throws {
        for (roles, replicaSets) in [(nil, 1), ("store,api", 0)] {
            let plane = try ControlPlane(roles: roles)
            try plane("create", "deployment", "web", "--image=web:1")
            if replicaSets > 0 {
                try eventually("a replica set") {
                    try plane("get", "replicasets", "--output=name").isEmpty ? nil : true
                }
            } else {
                // Whoever would have made one would be the leader of the controllers by now.
                #expect(try plane("get", "leases", "--all-namespaces").isEmpty)
            }
        }
    }

    @Test func `controllers hand over to another server when theirs is stopped`() throws {
        let planes = try ControlPlane.three(roles: "store,api,controllers")
        let holder = try eventually("somebody to lead") {
            let holder = try planes[0].controllersHolder()
            return holder.isEmpty ? nil : holder
        }
        let index = try #require(planes.indices.first { holder.hasSuffix("_m\($0)") })
        let others = planes.indices.filter { $0 != index }.map { planes[$0] }
        try planes[index].stop()
        // The store may have to elect a leader first. A lease that is not released would be held
        // for another 15 s.
        let next = try eventually("an answer") { try others[0].controllersHolder() }
        #expect(next != holder)
        try others[0]("create", "deployment", "web", "--image=web:1")
        try eventually("a replica set") {
            try others[0]("get", "replicasets", "--output=name").isEmpty ? nil : true
        }
    }
}

extension ControlPlane {
    /// Which server's controllers are active; empty if none are.
    fileprivate func controllersHolder() throws -> String {
        try self(
            "get", "lease", "keelson-controllers", "--namespace=kube-system",
            "--output=jsonpath={.spec.holderIdentity}")
    }
}
