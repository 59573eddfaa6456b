/// compaction, defrag, endpoint, alarm and auth.
enum MaintenanceStories {
    static let all = [compaction, maintenance, space]

    private static let compaction = Story(name: "compaction") { etcdctl in
        for number in 1...6 { try etcdctl("put", "c", "\(number)") }
        try etcdctl("compaction", "4")
        try etcdctl("compaction", "4")
        try etcdctl("compaction", "3")
        try etcdctl("compaction", "100")
        try etcdctl("compaction", "0")
        try etcdctl("compaction", "x")
        try etcdctl("get", "c", "--rev=3")
        try etcdctl("get", "c", "--rev=4")
        try etcdctl("get", "c", "--rev=5")
        try etcdctl("del", "c")
        try etcdctl("compaction", "8", "--physical")
        try etcdctl("get", "c", "--rev=7")
        try etcdctl("get", "c")
        try etcdctl("put", "c", "again")
        try etcdctl("get", "c", "-w", "json")
    }

    private static let maintenance = Story(name: "maintenance", dependsOnMembers: true) { etcdctl in
        for number in 1...6 { try etcdctl("put", "m", "\(number)") }
        try etcdctl("compaction", "5")
        // Members answer in any order.
        func sorted(_ words: String...) throws {
            let answer = try etcdctl.quietly(words)
            let lines = (answer.lines + answer.errors.split(separator: "\n").map(String.init))
                .filter { !$0.hasPrefix("{\"level\"") }
            for line in lines.sorted() {
                etcdctl.note(line)
            }
            etcdctl.note("exit \(answer.exitCode)")
        }
        try sorted("defrag")
        try sorted("defrag", "--cluster")
        try sorted("endpoint", "health")
        try sorted("endpoint", "health", "--cluster")
        let status = try etcdctl.quietly(["endpoint", "status"])
        for line in status.lines {
            let fields = line.split(separator: ",").map { $0.drop { $0 == " " } }
            // Address, leader, learner: sizes, versions and terms are each server's own.
            etcdctl.note("\(fields.count) fields, \(fields[5])")
        }
        try etcdctl.settle()
        let hashes = try etcdctl.quietly(["endpoint", "hashkv", "--cluster"])
        let values = Set(hashes.lines.map { $0.split(separator: " ").last ?? "" })
        etcdctl.note("\(hashes.lines.count) hashes, \(values.count) values")
        try etcdctl("alarm", "list")
        try etcdctl("alarm", "disarm")
        try etcdctl("move-leader", "deadbeefdeadbeef")
        try etcdctl("move-leader", "xyz")
        try etcdctl("move-leader")
        try etcdctl("check", "datascale", "--load=x")
        try etcdctl("endpoint", "health", endpoints: ["http://127.0.0.1:\(try Ports.free())"])
    }

    private static let space = Story(
        name: "running out of space", dependsOnMembers: true,
        flags: ["--quota-backend-bytes", "4194304"]
    ) { etcdctl in
        let value = String(repeating: "v", count: 100_000)
        let refused = try eventually("the quota to be reached") {
            let answer = try etcdctl.quietly(["put", "big"], input: value)
            return answer.exitCode == 0 ? nil : answer
        }
        etcdctl.note(refused.errors.split(separator: "\n").last.map(String.init) ?? "")
        // Each member raises the alarm when it notices itself.
        func alarms(_ words: String...) throws {
            for alarm in Set(try etcdctl.quietly(words).lines.map { $0.drop { $0 != " " } }) {
                etcdctl.note("alarm" + alarm)
            }
        }
        try alarms("alarm", "list")
        try etcdctl("put", "small", "1")
        try etcdctl("del", "none")
        try etcdctl("txn", input: "\n\nput small 1\n\n\n")
        try etcdctl("lease", "grant", "600")
        try etcdctl("get", "small")
        let health = try etcdctl.quietly(["endpoint", "health"])
        etcdctl.note("health: exit \(health.exitCode)")
        let revision = try etcdctl.revision()
        let compacted = try etcdctl.quietly(["compaction", "\(revision)", "--physical"])
        etcdctl.note("compaction: exit \(compacted.exitCode)")
        let defragmented = try etcdctl.quietly(["defrag"])
        etcdctl.note("defrag: exit \(defragmented.exitCode)")
        try alarms("alarm", "disarm")
        try etcdctl("alarm", "list")
        try etcdctl("put", "small", "1")
        try etcdctl("get", "small")
    }
}
