import ResourceModel
import Testing

/// Watches by `kubectl get --watch` and as clients of other languages open them.
struct WatchTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private func text(_ events: [JSON]) -> [String] {
        events.map { WatchStream.summary($0).description }
    }

    @Test(arguments: Programs.kubectls)
    func `kubectl get shows each change as it comes`(_ tool: Programs.Tool) throws {
        let plane = try ControlPlane(tool)
        try plane("create", "configmap", "before")
        let watch = try plane.start(
            "get", "configmaps", "--watch", "--output-watch-events", "--no-headers")
        func expect(_ line: String) throws {
            try watch.listen(for: line) { $0.replacing(#/ +/#, with: " ").contains(line) }
        }
        try expect("ADDED before 0")
        try plane("create", "configmap", "later")
        try expect("ADDED later 0")
        try plane("patch", "configmap", "later", "--type=merge", "--patch={\"data\":{\"a\":\"1\"}}")
        try expect("MODIFIED later 1")
        try plane("delete", "configmap", "before")
        try expect("DELETED before 0")
        #expect(watch.output.filter(\.isNewline).count == 4, "\(watch.output)")
    }

    /// Each way to begin: with what there is, behind a version, with an end of what there is.
    @Test func `a watch begins where it is told to`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "a")
        try plane("create", "configmap", "b")
        let list = try JSON(parsing: plane.request("GET", Self.maps).output)
        let version = list["metadata"]["resourceVersion"].stringValue ?? ""
        try plane("label", "configmap", "a", "x=1")
        let now = ["ADDED a", "ADDED b"]
        let initial = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        let rows: [(query: String, before: [String])] = [
            ("", now), ("&resourceVersion=0", now),
            ("&resourceVersion=\(version)", ["MODIFIED a"]),
            ("&allowWatchBookmarks=true\(initial)", now + ["BOOKMARK "]),
            ("&fieldSelector=metadata.name%3Db", ["ADDED b"]),
            ("&labelSelector=x%3D1", ["ADDED a"]),
        ]
        let watches = try rows.map { row in
            let watch = try WatchStream(plane, "\(Self.maps)?watch=true\(row.query)")
            let events = try watch.events(row.before.count)
            #expect(text(events) == row.before, "\(row.query)")
            if row.before.last == "BOOKMARK " {
                let annotation = events.last?["object"]["metadata"]["annotations"]
                #expect(annotation == ["k8s.io/initial-events-end": "true"])
            }
            return watch
        }
        try plane("label", "configmap", "a", "x=2", "--overwrite")
        try plane("delete", "configmap", "b")
        let after = [["MODIFIED a", "DELETED b"], ["DELETED b"], ["DELETED a"]]
        for (row, watch) in zip(rows, watches) {
            let wanted =
                row.query.contains("field") ? after[1] : row.query.contains("label")
                ? after[2] : after[0]
            let events = try watch.events(row.before.count + wanted.count)
            #expect(text(events) == row.before + wanted, "\(row.query)")
            let versions = events.dropFirst(now.count).map { WatchStream.summary($0).version }
            #expect(versions == versions.sorted(), "\(row.query)")
        }
    }

    @Test func `a watch ends in time, and may be of tables or metadata`() throws {
        let plane = try ControlPlane()
        try plane("create", "configmap", "a")
        let path = "\(Self.maps)?watch=true&timeoutSeconds=1"
        let plain = try WatchStream(plane, path)
        let tables = try WatchStream(
            plane, path, "--header", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io")
        let partial = try WatchStream(
            plane, path,
            "--header", "Accept: application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
        #expect(text(try plain.rest()) == ["ADDED a"])
        let row = try #require(try tables.rest().first)["object"]["rows"][0]
        #expect(row["cells"][0] == "a")
        let metadata = try #require(try partial.rest().first)["object"]
        #expect(metadata["kind"] == "PartialObjectMetadata")
        #expect(metadata["metadata"]["name"] == "a")
    }

    /// W3 and W7 of docs/TESTING.md, as a client of the API sees them: killed servers included.
    @Test func `a watch that is resumed misses and repeats nothing`() throws {
        let plane = try ControlPlane()
        let list = try JSON(parsing: plane.request("GET", Self.maps).output)
        var version = Int64(list["metadata"]["resourceVersion"].stringValue ?? "") ?? 0
        var seen: [WatchStream.Event] = []
        var wanted: [String] = []
        for life in 1...4 {
            let query = "watch=true&allowWatchBookmarks=true&resourceVersion=\(version)"
            let watch = try WatchStream(plane, "\(Self.maps)?\(query)")
            let names = (1...4).map { "map-\(life)-\($0)" }
            for name in names {
                try plane("create", "configmap", name)
                try plane("label", "configmap", name, "life=\(life)")
                wanted += ["ADDED \(name)", "MODIFIED \(name)"]
            }
            try plane("delete", "configmap", names[0])
            wanted.append("DELETED \(names[0])")
            // The first is killed before its watch is read, the others in the middle of it.
            if life > 1 { _ = try watch.events(until: names[life - 1]) }
            let events: [JSON]
            if life < 4 {
                plane.kill()
                events = try watch.rest()
                try plane.start()
            } else {
                try plane("create", "configmap", "end")
                wanted.append("ADDED end")
                events = try watch.events(until: "end")
            }
            let news = events.map(WatchStream.summary)
            version = news.last?.version ?? version
            seen += news.filter { $0.type != "BOOKMARK" }
        }
        #expect(seen.map(\.description) == wanted)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.version < $1.version })
    }

    /// One watch stays at a server whose member follows, the other is at the leader's, and goes
    /// on elsewhere when that is killed.
    @Test func `a change of the leader makes a watch miss and repeat nothing`() throws {
        var planes = try ControlPlane.three()
        let leading = try eventually("a leader") { try planes.firstIndex { try $0.isLeader() } }
        let leader = planes.remove(at: leading)
        let list = try JSON(parsing: planes[0].request("GET", Self.maps).output)
        let version = list["metadata"]["resourceVersion"].stringValue ?? ""
        let path = "\(Self.maps)?watch=true&resourceVersion="
        let staying = try WatchStream(planes[0], path + version)
        let moving = try WatchStream(leader, path + version)
        let names = (1...12).map { "map-\($0)" }
        var seen: [JSON] = []
        var moved: WatchStream?
        for (index, name) in names.enumerated() {
            if index == 6 {
                leader.kill()
                seen = try moving.rest()
                let last = seen.last.map { "\(WatchStream.summary($0).version)" }
                moved = try WatchStream(planes[1], path + (last ?? version))
            }
            // Whether a write got through while there was no leader, who knows.
            try eventually("\(name) to be there") {
                let plane = planes[index % 2]
                if try plane.request("GET", "\(Self.maps)/\(name)", "--fail").exitCode != 0 {
                    try plane("create", "configmap", name)
                }
                return true
            }
        }
        let wanted = names.map { "ADDED \($0)" }
        #expect(text(try staying.events(until: names.last!)) == wanted)
        seen += try #require(moved).events(until: names.last!)
        #expect(text(seen) == wanted)
    }
}
