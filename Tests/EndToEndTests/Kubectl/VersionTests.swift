import ResourceModel
import Testing

/// What clients rely on of resourceVersions: optimistic concurrency, lists at a version, pages,
/// and what is left of them after a compaction.
struct VersionTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private func get(_ plane: ControlPlane, _ query: String) throws -> JSON {
        try JSON(parsing: plane.request("GET", Self.maps + query).output)
    }

    private func names(_ list: JSON) -> [String] {
        (list["items"].arrayValue ?? []).compactMap { $0["metadata"]["name"].stringValue }
    }

    private func version(_ list: JSON) -> String {
        list["metadata"]["resourceVersion"].stringValue ?? ""
    }

    /// Each reads, adds one and replaces, again until nobody came in between.
    @Test func `twenty writers lose no update`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "counter", "--from-literal=count=0")
        let answer = try plane.shell(
            """
            path=/api/v1/namespaces/default/configmaps/counter
            type='Content-Type: application/json'
            add() {
                while :; do
                    object=$(api GET $path)
                    count=$(echo "$object" | sed 's/.*"count":"\\([0-9]*\\)".*/\\1/')
                    next=$(echo "$object" | sed "s/:\\"$count\\"/:\\"$((count + 1))\\"/")
                    answer=$(echo "$next" | api PUT $path --header "$type" --data @-)
                    case $answer in
                    *'"reason":"Conflict"'*) echo conflict ;;
                    *'"kind":"ConfigMap"'*) return ;;
                    *) echo "$answer"; return ;;
                    esac
                done
            }
            for writer in $(seq 20); do add $writer & done
            wait
            """)
        #expect(answer.exitCode == 0)
        let conflicts = answer.lines.filter { $0 == "conflict" }.count
        #expect(conflicts > 0 && answer.lines.count == conflicts, "\(answer.output)")
        let count = try plane(
            "get", "configmap", "counter", "--output=jsonpath={.data.count}")
        #expect(count == "20")
    }

    @Test func `a list may be of now, of a version, or not older than one`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "a")
        let old = version(try get(plane, ""))
        try plane("create", "configmap", "b")
        let new = version(try get(plane, ""))
        let rows: [(query: String, names: [String], version: String?)] = [
            ("", ["a", "b"], new),
            ("?resourceVersion=0", ["a", "b"], nil),
            ("?resourceVersion=\(new)", ["a", "b"], nil),
            ("?resourceVersion=\(old)&resourceVersionMatch=NotOlderThan", ["a", "b"], nil),
            ("?resourceVersion=\(old)&resourceVersionMatch=Exact", ["a"], old),
            ("?resourceVersion=\(old)&limit=5", ["a"], old),
        ]
        for row in rows {
            let list = try get(plane, row.query)
            #expect(names(list) == row.names, "\(row.query)")
            if let wanted = row.version { #expect(version(list) == wanted, "\(row.query)") }
        }
        let future = try get(plane, "?resourceVersion=1000000")
        #expect(future["code"] == 504)
        #expect(future["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge")
    }

    @Test func `pages are of one version until it is compacted`() throws {
        let plane = try ControlPlane()
        for name in ["a", "b", "c", "d"] { try plane("create", "configmap", name) }
        let first = try get(plane, "?limit=2")
        let token = first["metadata"]["continue"].stringValue ?? ""
        #expect(names(first) == ["a", "b"])
        #expect(first["metadata"]["remainingItemCount"] == 2)
        try plane("delete", "configmap", "c")
        try plane("create", "configmap", "e")
        let second = try get(plane, "?limit=2&continue=\(token)")
        #expect(names(second) == ["c", "d"])
        #expect(version(second) == version(first))

        let now = version(try get(plane, ""))
        try compact(plane, at: now)
        let expired = try get(plane, "?limit=2&continue=\(token)")
        #expect(expired["code"] == 410)
        #expect(expired["reason"] == "Expired")
        let fresh = expired["metadata"]["continue"].stringValue ?? ""
        #expect(fresh != token)
        #expect(names(try get(plane, "?limit=2&continue=\(fresh)")) == ["d", "e"])

        let exact = try get(plane, "?resourceVersion=\(version(first))&resourceVersionMatch=Exact")
        #expect(exact["reason"] == "Expired")
        // A server that has seen the changes itself could still tell them.
        plane.kill()
        try plane.start()
        let late = try get(plane, "?watch=true&resourceVersion=\(version(first))")
        let status = late["object"] ?? late
        #expect(status["code"] == 410 && status["reason"] == "Expired", "\(late.encoded)")
        #expect(try plane("get", "configmaps", "--output=name").split(separator: "\n").count == 4)
    }

    private func compact(_ plane: ControlPlane, at version: String) throws {
        let tool = try #require(Programs.etcdctls.last).path
        let answer = try ChildProcess.run(
            [tool, "--endpoints=" + plane.storeAddress, "compact", version],
            variables: ["ETCDCTL_API": "3"])
        #expect(answer.exitCode == 0, "\(answer.errors)")
    }
}
