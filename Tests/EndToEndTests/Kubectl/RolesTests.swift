import Testing

/// `keelson server --roles`: which parts of the control plane a process runs.
struct RolesTests {
    @Test(arguments: [
        (
            "store,api,cook",
            "unknown role \"cook\": expected store, api, controllers, node"
        ),
        ("store", "role api cannot be left out yet"),
        ("", "role store cannot be left out yet"),
    ])
    func `wrong roles end the process with a line`(roles: String, problem: String) throws {
        let answer = try ChildProcess.run([Programs.keelson, "server", "--roles=\(roles)"])
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
}
