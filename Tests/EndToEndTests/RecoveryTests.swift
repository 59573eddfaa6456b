import Testing

/// What an operator does to a member that is in trouble, with real processes.
struct RecoveryTests {
    @Test func `one of three members goes on alone with all that the cluster had`() throws {
        let cluster = try StoreCluster(
            .keelson, Setup(memberCount: 3, isSecure: false), flags: StoreCluster.impatient)
        let etcdctl = Session(cluster, Programs.etcdctls.last!)
        for number in 0..<20 {
            #expect(try etcdctl.quietly(["put", "k\(number)", "v"]).output == "OK\n")
        }
        let last = cluster.members.count - 1
        for index in cluster.members.indices { cluster.kill(index) }
        let alone = [cluster.members[last].client]

        try cluster.start(last)
        // Without the other two nothing can be agreed on.
        let flags = ["--command-timeout=2s", "put", "k", "v"]
        #expect(try etcdctl.quietly(flags, endpoints: alone).exitCode != 0)
        cluster.kill(last)

        try cluster.start(last, with: ["--force-new-cluster"])
        try eventually("the member to lead alone") {
            try etcdctl.quietly(["put", "k20", "v"], endpoints: alone).exitCode == 0 ? true : nil
        }
        let members = try etcdctl.quietly(["member", "list"], endpoints: alone).lines
        #expect(members.count == 1 && members[0].contains(cluster.members[last].name))
        let count = try etcdctl.quietly(
            ["get", "k", "--prefix", "--keys-only"], endpoints: alone)
        #expect(count.lines.filter { !$0.isEmpty }.count == 21)

        // The flag is for once: it goes on as any cluster of one.
        cluster.kill(last)
        try cluster.start(last)
        try eventually("the member to serve again") {
            try etcdctl.quietly(["get", "k20"], endpoints: alone).output == "k20\nv\n" ? true : nil
        }
    }

    @Test func `a certificate that is replaced is shown without a restart`() throws {
        let cluster = try StoreCluster(
            .keelson, Setup(memberCount: 1, isSecure: true), flags: StoreCluster.impatient)
        let folder = cluster.scratch.path
        let shown = """
            cd '\(folder)' && openssl s_client -connect 127.0.0.1:\(cluster.members[0].clientPort) \
                -CAfile ca.crt -cert client.crt -key client.key -verify_return_error \
                < /dev/null 2> /dev/null | openssl x509 -noout -serial
            """
        let renewed = """
            cd '\(folder)' && openssl x509 -req -in server.request -out new.crt -CA ca.crt \
                -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -extensions server \
                2> /dev/null && mv new.crt server.crt && openssl x509 -in server.crt -noout -serial
            """
        func shell(_ script: String) throws -> String {
            try ChildProcess.run(["/bin/sh", "-c", script]).output
        }
        let old = try shell(shown)
        let new = try shell(renewed)
        #expect(old.hasPrefix("serial=") && new.hasPrefix("serial=") && old != new)
        try eventually("the new certificate") { try shell(shown) == new ? true : nil }
        #expect(cluster.members[0].process?.isRunning == true)
        let etcdctl = Session(cluster, Programs.etcdctls.last!)
        #expect(try etcdctl.quietly(["put", "k", "v"]).output == "OK\n")
    }
}
