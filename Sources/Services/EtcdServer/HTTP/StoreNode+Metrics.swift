internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// The page for Prometheus, with etcd's names.
extension StoreNode {
    var metricsText: String {
        var page = MetricsPage()
        let status = member.status
        writeServer(&page, status)
        writeStore(&page, status)
        writeTimes(&page)
        writeHandled(&page)
        writeProcess(&page)
        return page.text
    }

    private func writeServer(_ page: inout MetricsPage, _ status: MemberStatus) {
        let hasLeader = member.leader == .zero ? 0 : 1
        page.gauge("etcd_server_has_leader", "Whether or not a leader exists.", hasLeader)
        page.gauge(
            "etcd_server_is_leader", "Whether or not this member is a leader.",
            member.isLeader ? 1 : 0)
        page.gauge(
            "etcd_server_is_learner", "Whether or not this member is a learner.",
            isLearner ? 1 : 0)
        page.counter(
            "etcd_server_leader_changes_seen_total", "The number of leader changes seen.",
            metrics.leaderChanges)
        page.gauge(
            "etcd_server_proposals_committed_total",
            "The total number of consensus proposals committed.", status.commitIndex.rawValue)
        page.gauge(
            "etcd_server_proposals_applied_total",
            "The total number of consensus proposals applied.", status.appliedIndex.rawValue)
        page.gauge(
            "etcd_server_proposals_pending", "The current number of pending proposals to commit.",
            member.waitingCount)
        page.gauge(
            "etcd_server_quota_backend_bytes", "Current backend storage quota size in bytes.",
            settings.effectiveQuotaBytes)
        page.line(
            "etcd_server_version", "gauge", "Which version is running.",
            "{server_version=\"\(ServerVersion.etcd)\"}", "1")
        page.line(
            "etcd_cluster_version", "gauge", "Which version the cluster has.",
            "{cluster_version=\"3.6\"}", "1")
    }

    private func writeStore(_ page: inout MetricsPage, _ status: MemberStatus) {
        let watches = member.watchCounts
        page.gauge(
            "etcd_mvcc_db_total_size_in_bytes", "Total size of the underlying database in bytes.",
            status.allocatedBytes)
        page.gauge(
            "etcd_mvcc_db_total_size_in_use_in_bytes",
            "Total size of the underlying database logically in use in bytes.", status.inUseBytes)
        page.counter(
            "etcd_mvcc_put_total", "Total number of puts seen by this member.", metrics.puts)
        page.counter(
            "etcd_mvcc_delete_total", "Total number of deletes seen by this member.",
            metrics.deletes)
        page.counter(
            "etcd_mvcc_range_total", "Total number of ranges seen by this member.", metrics.ranges)
        page.counter(
            "etcd_mvcc_txn_total", "Total number of txns seen by this member.",
            metrics.transactions)
        page.gauge(
            "etcd_debugging_mvcc_keys_total", "Total number of keys.", member.keyCount)
        page.gauge(
            "etcd_debugging_mvcc_current_revision", "The current revision of store.",
            member.revision.rawValue)
        page.gauge(
            "etcd_debugging_mvcc_compact_revision", "The revision of the last compaction.",
            member.compactRevision.rawValue)
        page.gauge(
            "etcd_debugging_mvcc_watcher_total", "Total number of watchers.", watches.all)
        page.gauge(
            "etcd_debugging_mvcc_slow_watcher_total", "Total number of unsynced slow watchers.",
            watches.unsynced)
        page.gauge(
            "etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.",
            sinks.count)
    }

    private func writeTimes(_ page: inout MetricsPage) {
        page.histogram(
            "etcd_disk_backend_commit_duration_seconds",
            "The latency distributions of commit called by backend.", metrics.backendCommits)
        page.histogram(
            "etcd_disk_wal_fsync_duration_seconds",
            "The latency distributions of fsync called by WAL.", syncTimes.histogram)
        page.counter(
            "etcd_network_peer_sent_bytes_total", "The total number of bytes sent to peers.",
            links.sentBytes)
        page.counter(
            "etcd_network_peer_received_bytes_total",
            "The total number of bytes received from peers.", links.receivedBytes)
        page.gauge(
            "etcd_network_active_peers", "The current number of active peer connections.",
            links.connected.count)
    }

    private func writeProcess(_ page: inout MetricsPage) {
        let facts = ProcessFacts.read()
        page.gauge(
            "process_resident_memory_bytes", "Resident memory size in bytes.",
            facts.residentBytes)
        page.gauge(
            "process_virtual_memory_bytes", "Virtual memory size in bytes.", facts.virtualBytes)
        page.gauge("process_open_fds", "Number of open file descriptors.", facts.openFiles)
        page.line(
            "process_cpu_seconds_total", "counter",
            "Total user and system CPU time spent in seconds.", "", "\(facts.cpuSeconds)")
    }

    private func writeHandled(_ page: inout MetricsPage) {
        page.head(
            "grpc_server_handled_total", "counter",
            "Total number of RPCs completed on the server, regardless of success or failure.")
        let sorted = metrics.handled.sorted {
            ($0.key.path, $0.key.code.rawValue) < ($1.key.path, $1.key.code.rawValue)
        }
        for (key, count) in sorted where key.path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x22 }) {
            let parts = key.path.split(separator: "/")
            guard parts.count == 2 else { continue }
            let streaming = ["Watch", "LeaseKeepAlive", "Snapshot", "Observe"]
            let type = streaming.contains(String(parts[1])) ? "bidi_stream" : "unary"
            page.value(
                "grpc_server_handled_total",
                "{grpc_code=\"\(key.code.metricName)\",grpc_method=\"\(parts[1])\","
                    + "grpc_service=\"\(parts[0])\",grpc_type=\"\(type)\"}",
                "\(count)")
        }
    }
}

/// Text in Prometheus' format.
struct MetricsPage {
    private(set) var text = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func value(_ name: String, _ labels: String, _ value: String) {
        text += "\(name)\(labels) \(value)\n"
    }

    mutating func line(
        _ name: String, _ type: String, _ help: String, _ labels: String, _ value: String
    ) {
        head(name, type, help)
        self.value(name, labels, value)
    }

    mutating func gauge(_ name: String, _ help: String, _ number: some FixedWidthInteger) {
        line(name, "gauge", help, "", "\(number)")
    }

    mutating func counter(_ name: String, _ help: String, _ number: some FixedWidthInteger) {
        line(name, "counter", help, "", "\(number)")
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        head(name, "histogram", help)
        var total: UInt64 = 0
        for (bound, count) in zip(Histogram.bounds, histogram.counts) {
            total += count
            value("\(name)_bucket", "{le=\"\(bound)\"}", "\(total)")
        }
        value("\(name)_bucket", "{le=\"+Inf\"}", "\(histogram.count)")
        value("\(name)_sum", "", "\(histogram.sumSeconds)")
        value("\(name)_count", "", "\(histogram.count)")
    }
}

extension GRPCStatus.Code {
    /// The name that gRPC's metrics have for it.
    fileprivate var metricName: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "Canceled"
        default:
            "\(self)".prefix(1).uppercased() + "\(self)".dropFirst()
        }
    }
}
