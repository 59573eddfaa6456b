import Glibc

/// lock and elect.
enum ConcurrencyStories {
    static let all = [locks, elections]

    private static let locks = Story(name: "locks") { etcdctl in
        try etcdctl("lock", "mutex", "echo", "held")
        try etcdctl("lock", "mutex", "sh", "-c", "exit 3")
        let first = try etcdctl.start("lock", "mutex")
        let key = try first.listen(for: "the lock") { $0.hasSuffix("\n") }
        etcdctl.note(key)
        try etcdctl("get", "mutex", "--prefix", "--keys-only")
        let second = try etcdctl.start("lock", "mutex", "--ttl=30")
        try eventually("the second to stand in line") {
            let keys = try etcdctl.quietly(["get", "mutex/", "--prefix", "--keys-only"])
            return keys.lines.count == 2 ? true : nil
        }
        etcdctl.note("second: \(second.output)")
        first.signal(SIGINT)
        etcdctl.note("exit \(try first.finish().exitCode)")
        etcdctl.note(try second.listen(for: "the lock") { $0.hasSuffix("\n") })
        second.signal(SIGTERM)
        etcdctl.note("exit \(try second.finish().exitCode)")
        try etcdctl("get", "mutex", "--prefix")
    }

    private static let elections = Story(name: "elections") { etcdctl in
        let first = try etcdctl.start("elect", "office", "alice")
        etcdctl.note(try first.listen(for: "victory") { $0.contains("alice\n") })
        let listener = try etcdctl.start("elect", "--listen", "office")
        etcdctl.note(try listener.listen(for: "alice") { $0.contains("alice\n") })
        let second = try etcdctl.start("elect", "office", "bob")
        try eventually("bob to stand in line") {
            let keys = try etcdctl.quietly(["get", "office/", "--prefix", "--keys-only"])
            return keys.lines.count == 2 ? true : nil
        }
        etcdctl.note("bob: \(second.output)")
        first.signal(SIGINT)
        etcdctl.note("exit \(try first.finish().exitCode)")
        etcdctl.note(try second.listen(for: "victory") { $0.contains("bob\n") })
        etcdctl.note(try listener.listen(for: "bob") { $0.contains("bob\n") })
        second.signal(SIGINT)
        etcdctl.note("exit \(try second.finish().exitCode)")
        listener.signal(SIGINT)
        etcdctl.note("exit \(try listener.finish().exitCode)")
        try etcdctl("get", "office", "--prefix")
        try etcdctl("elect", "office")
    }
}
