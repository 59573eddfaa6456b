import Primitives
import Testing

/// The pages beside gRPC, whole (ETCD-SURFACE, HTTP on the client port).
@Suite struct Pages {
    private static let ready = "[+]data_corruption ok\n[+]serializable_read ok\n"
    private static let pages: [(path: String, body: String)] = [
        ("/health", "{\"health\":\"true\",\"reason\":\"\"}"),
        ("/health?serializable=true", "{\"health\":\"true\",\"reason\":\"\"}"),
        ("/livez", "ok\n"),
        ("/livez?verbose", "[+]serializable_read ok\nok\n"),
        ("/readyz", "ok\n"),
        ("/readyz?verbose", ready + "[+]linearizable_read ok\nok\n"),
        (
            "/readyz?verbose&exclude=data_corruption",
            "[+]serializable_read ok\n[+]linearizable_read ok\nok\n"
        ),
        (
            "/version",
            "{\"etcdserver\":\"3.6.6\",\"etcdcluster\":\"3.6.0\",\"storage\":\"3.6.0\"}"
        ),
    ]
    private static let metrics = [
        "etcd_server_has_leader 1", "etcd_server_leader_changes_seen_total 1",
        "etcd_server_proposals_committed_total ", "etcd_disk_wal_fsync_duration_seconds_bucket{",
        "etcd_disk_backend_commit_duration_seconds_count ",
        "etcd_mvcc_db_total_size_in_bytes ", "etcd_debugging_mvcc_watcher_total 0",
        "etcd_mvcc_put_total ", "process_resident_memory_bytes ",
        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\","
            + "grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 1",
    ]

    private static func get(_ path: String, _ store: StoreProcess) throws -> (String, String) {
        let page = try RawConnection(port: store.port)
        page.send(Bytes("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        let text = String(decoding: page.receiveAll() ?? [], as: UTF8.self)
        let bytes = Bytes(text.utf8)
        let end = Bytes("\r\n\r\n".utf8)
        let split = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.count
        return (
            String(decoding: bytes.prefix(split), as: UTF8.self),
            String(decoding: bytes.dropFirst(split + 4), as: UTF8.self)
        )
    }

    @Test func `say what etcd's say`() throws {
        let store = try StoreProcess()
        for page in Self.pages {
            let (head, body) = try Self.get(page.path, store)
            #expect(head.hasPrefix("HTTP/1.1 200 "), "\(page.path): \(head)")
            #expect(body == page.body, "\(page.path)")
        }
        store.expectServesOthers("pages")
        let text = try Self.get("/metrics", store).1
        for line in Self.metrics { #expect(text.contains("\n" + line), "\(line)") }
    }

    @Test func `say that space has run out, unless asked not to`() throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        let raise = Call("/etcdserverpb.Maintenance/Alarm", Message.numbers([(1, 1), (3, 1)]))
        #expect(client.call(raise) == .served)
        let (head, body) = try Self.get("/health", store)
        #expect(head.hasPrefix("HTTP/1.1 503 "))
        #expect(body == "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}")
        #expect(try Self.get("/health?exclude=NOSPACE", store).0.hasPrefix("HTTP/1.1 200 "))
        #expect(try Self.get("/readyz", store).0.hasPrefix("HTTP/1.1 200 "))
    }
}
