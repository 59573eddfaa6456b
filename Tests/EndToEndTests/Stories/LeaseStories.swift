/// lease and the keys that hang on them.
enum LeaseStories {
    static let all = [leases, keepingAlive]

    /// The identifier in `lease X granted with TTL(Ns)`.
    static func identifier(_ answer: Answer) -> String {
        let words = answer.output.split(separator: " ")
        return words.count > 1 ? String(words[1]) : "nothing"
    }

    private static let leases = Story(name: "leases") { etcdctl in
        let first = identifier(try etcdctl("lease", "grant", "600"))
        let second = identifier(try etcdctl("lease", "grant", "300"))
        try etcdctl("put", "l/1", "x", "--lease=\(first)")
        try etcdctl("put", "l/2", "y", "--lease=\(first)")
        try etcdctl("put", "l/3", "z", "--lease=\(second)")
        try etcdctl("get", "l/", "--prefix", "-w", "json")
        try etcdctl("put", "l/1", "x2", "--ignore-lease")
        let listed = try etcdctl.quietly(["lease", "list"]).lines
        etcdctl.note(listed[0])
        etcdctl.note([first, second].filter(listed.contains).joined(separator: " "))
        etcdctl.note(try left(etcdctl, "lease", "timetolive", first))
        let keys = try left(etcdctl, "lease", "timetolive", first, "--keys")
        // etcd lists a lease's keys in any order.
        etcdctl.note(keys.replacing("l/2 l/1", with: "l/1 l/2"))
        etcdctl.note(try left(etcdctl, "lease", "timetolive", second, "--keys", "-w", "json"))
        try etcdctl("lease", "keep-alive", "--once", first)
        try etcdctl("lease", "keep-alive", "--once", "deadbeef")
        try etcdctl("lease", "keep-alive", "deadbeef")
        try etcdctl("lease", "timetolive", "deadbeef")
        try etcdctl("lease", "revoke", first)
        try etcdctl("lease", "revoke", first)
        try etcdctl("get", "l/", "--prefix")
        try etcdctl("put", "l/1", "x", "--lease=\(first)")
        try etcdctl("lease", "timetolive", first, "--keys")
        try etcdctl("lease", "grant", "0")
        try etcdctl("lease", "grant", "-5")
        try etcdctl("lease", "grant", "9000000001")
        try etcdctl("lease", "grant", "soon")
        try etcdctl("lease", "revoke", "xyz")
        try etcdctl("lease", "revoke", second)
        try etcdctl("get", "l/", "--prefix")
    }

    /// What is said of a lease; how much of its time is left depends on the moment.
    private static func left(_ etcdctl: Session, _ words: String...) throws -> String {
        let answer = try etcdctl.quietly(words)
        return answer.output.replacing(#/remaining\(\d+s\)/#, with: "remaining")
            .replacing(#/"ttl":\d+/#, with: "ttl") + "exit \(answer.exitCode)"
    }

    /// The shortest lease is of two seconds, one and a half election timeouts.
    private static let keepingAlive = Story(name: "keeping a lease alive") { etcdctl in
        let kept = identifier(try etcdctl("lease", "grant", "1"))
        let left = identifier(try etcdctl("lease", "grant", "2"))
        let keeper = try etcdctl.start("lease", "keep-alive", kept)
        try etcdctl("put", "kept", "1", "--lease=\(kept)")
        try etcdctl("put", "left", "1", "--lease=\(left)")
        let start = try etcdctl.revision() - 1
        let watch = try etcdctl.start("watch", "", "--prefix", "--rev=\(start)")
        etcdctl.note(try watch.listen(for: "the end") { $0.contains("DELETE\nleft\n") })
        etcdctl.note(
            try keeper.listen(for: "two renewals") { $0.split(separator: "\n").count >= 2 }
                .split(separator: "\n")[..<2].joined(separator: "\n"))
        try etcdctl("get", "kept")
        try etcdctl("lease", "timetolive", left, "--keys")
        try etcdctl("lease", "revoke", kept)
        etcdctl.note(try watch.listen(for: "the other end") { $0.contains("DELETE\nkept\n") })
        let answer = try keeper.finish()
        etcdctl.note(answer.output.split(separator: "\n").last.map(String.init) ?? "")
        etcdctl.note("exit \(answer.exitCode)")
    }
}
