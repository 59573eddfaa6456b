import Testing

/// watch: of keys, prefixes and ranges, from now on and from the past, alone and interactive.
enum WatchStories {
    static let all = [watching, interactive]

    private static let watching = Story(name: "watching") { etcdctl in
        try etcdctl("put", "w/1", "old")
        let start = try etcdctl.revision() + 1
        let watches = [
            try etcdctl.start("watch", "w/1", "--rev=\(start)"),
            try etcdctl.start("watch", "w/", "--prefix", "--rev=\(start)", "--prev-kv"),
            try etcdctl.start("watch", "w/1", "w/3", "--rev=\(start)", "-w", "json"),
            try etcdctl.start("watch", "w/", "--prefix", "--rev=2"),
            try etcdctl.start("watch", "w/2", "--rev=\(start + 40)"),
            try etcdctl.start(
                "watch", "w/3", "--rev=\(start)", "--", "sh", "-c",
                "eval echo $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE"),
        ]
        try etcdctl("put", "w/1", "new")
        try etcdctl("put", "w/2", "1")
        try etcdctl("del", "w/", "--prefix")
        try etcdctl("put", "w/3", "3")
        try etcdctl("txn", input: "\n\nput w/1 t1\nput w/2 t2\nput w/3 t3\n\n\n")
        // The last change that each of them sees.
        let ends = ["end1", "end4", "end3", "end4", nil, "told"]
        for (key, value) in [("w/1", "end1"), ("w/9", "end2"), ("w/2", "end3"), ("w/3", "end4")] {
            try etcdctl("put", key, value)
        }
        for (watch, end) in zip(watches, ends) {
            guard let end else { continue }
            let marks = ["end3": "ZW5kMw==", "told": "PUT w/3 end4\n"]
            let said = try watch.listen(for: end) {
                $0.contains(marks[end] ?? end) && $0.hasSuffix("\n")
            }
            etcdctl.note(events(in: said))
        }
        #expect(watches[4].output.isEmpty, "a watch from the future tells nothing of the past")
        try etcdctl("compaction", "\(start + 2)")
        try etcdctl("watch", "w/1", "--rev=2")
        try etcdctl("watch")
    }

    /// How many events come in one response depends on the moment: what counts is their order.
    private static func events(in output: String) -> String {
        guard output.hasPrefix("{\"Header\"") else { return output }
        return output.split(separator: "\n").map { line in
            let rest = line.split(separator: "\"Events\":[").last ?? line
            return rest.split(separator: "],\"CompactRevision").first ?? rest
        }.joined(separator: ",")
    }

    private static let interactive = Story(name: "watching interactively") { etcdctl in
        let watch = try etcdctl.start("watch", "-i")
        func ask(_ line: String) { watch.write(line + "\n") }
        func listen(for text: String) throws {
            try watch.listen(for: text) { $0.contains(text) && $0.hasSuffix("\n") }
        }
        try etcdctl("put", "i/0", "before")
        ask("watch i/ --prefix --rev=2")
        try listen(for: "before")
        ask("progress")
        try listen(for: "progress notify: 2")
        try etcdctl("put", "i/1", "one")
        try listen(for: "one")
        ask("nonsense")
        ask("watch i/1 --prev-kv --rev=4")
        try etcdctl("put", "i/1", "two")
        try watch.listen(for: "both watches") { said in
            said.split(separator: "\n").count { $0 == "two" } == 2
        }
        watch.closeInput()
        let answer = try watch.finish()
        // The two watches may tell of the last change in any order.
        etcdctl.note(answer.output.split(separator: "\n").sorted().joined(separator: "\n"))
        etcdctl.note("exit \(answer.exitCode)")
    }
}
