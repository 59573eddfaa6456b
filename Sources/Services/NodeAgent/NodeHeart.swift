internal import APIClient
internal import Logging
internal import Planning
internal import Reconciliation
internal import ResourceModel
internal import Runtimes

/// Registers the node and keeps it alive in the eyes of the cluster: a Lease that is renewed,
/// and a status that says what the machine has and can do.
struct NodeHeart {
    /// The lease is renewed so often; the cluster waits for several times as long.
    private static let beatMilliseconds: Int64 = 10_000
    /// A failed attempt is repeated after this time.
    private static let retryMilliseconds: Int64 = 1_000
    /// The lease's duration, in seconds, as kubelet has it.
    private static let leaseSeconds: Int64 = 40

    let settings: NodeSettings
    let client: ObjectClient
    let runtime: any ContainerRuntime
    let clockwork: Clockwork
    let log: Logger

    /// Beats until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do throws(APIFailure) {
                try await register()
                try await renew()
                await clockwork.pause(milliseconds: Self.beatMilliseconds)
            } catch {
                if !Task.isCancelled {
                    log.warning(
                        "the node could not report", metadata: ["reason": "\(error.message)"])
                }
                await clockwork.pause(milliseconds: Self.retryMilliseconds)
            }
        }
    }

    private var address: ObjectClient.Address {
        ObjectClient.Address(.node, name: settings.name)
    }

    /// Makes the Node where there is none, and sets its status where it is not what it should be.
    private func register() async throws(APIFailure) {
        var node: JSON
        do throws(APIFailure) {
            node = try await client.get(address)
        } catch where error.reason == .notFound {
            node = try await client.create(
                [
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": [
                        "name": .string(settings.name),
                        "labels": [
                            "kubernetes.io/hostname": .string(settings.name),
                            "kubernetes.io/os": "linux",
                            "kubernetes.io/arch": .string(settings.architecture),
                        ],
                    ],
                ], at: ObjectClient.Address(.node))
        }
        let status = await status(of: node)
        guard status != node["status"] else { return }
        node["status"] = status
        var statusAddress = address
        statusAddress.subresource = "status"
        _ = try await client.update(node, at: statusAddress)
    }

    private func status(of node: JSON) async -> JSON {
        var status = node["status"] ?? .emptyObject
        let amounts: JSON = [
            "cpu": .string(String(settings.processors)),
            "memory": .string("\(settings.memoryBytes / 1024)Ki"),
            "pods": .string(String(settings.podsMax)),
        ]
        status["capacity"] = amounts
        status["allocatable"] = amounts
        status["addresses"] = [
            ["type": "InternalIP", "address": .string(settings.address)],
            ["type": "Hostname", "address": .string(settings.name)],
        ]
        let info: [(String, String)] = [
            ("architecture", settings.architecture), ("bootID", settings.bootID),
            ("containerRuntimeVersion", "process://\(settings.version)"),
            ("kernelVersion", settings.kernelVersion),
            ("kubeProxyVersion", "v\(settings.version)-keelson"),
            ("kubeletVersion", "v\(settings.version)-keelson"), ("machineID", settings.machineID),
            ("operatingSystem", "linux"), ("osImage", "host"), ("systemUUID", settings.machineID),
        ]
        status["nodeInfo"] = info.reduce(into: .emptyObject) { $0[$1.0] = .string($1.1) }
        var conditions = status["conditions"].arrayValue ?? []
        set("Ready", true, "KeelsonReady", "the node agent runs", in: &conditions)
        let runtime = await runtime.status()
        for feature in runtime.features {
            set(
                feature.name, feature.isAvailable, feature.isAvailable ? "Available" : "Missing",
                feature.message, in: &conditions)
        }
        status["conditions"] = .array(conditions)
        return status
    }

    private func set(
        _ type: String, _ value: Bool, _ reason: String, _ message: String,
        in conditions: inout [JSON]
    ) {
        let index = conditions.firstIndex { $0["type"].stringValue == type }
        let word: JSON = value ? "True" : "False"
        if let index, conditions[index]["status"] == word,
            conditions[index]["message"].stringValue == message
        {
            return
        }
        let now = clockwork.wall().json
        let condition: JSON = [
            "type": .string(type), "status": word, "reason": .string(reason),
            "message": .string(message), "lastHeartbeatTime": now, "lastTransitionTime": now,
        ]
        if let index { conditions[index] = condition } else { conditions.append(condition) }
    }

    private func renew() async throws(APIFailure) {
        let namespace = NodeLifecyclePlanner.leaseNamespace
        let address = ObjectClient.Address(
            .leaseResource, namespace: namespace, name: settings.name)
        let now = JSON.string(Timestamp.text(microseconds: clockwork.wall().seconds * 1_000_000))
        do throws(APIFailure) {
            _ = try await client.patch(address, ["spec": ["renewTime": now]])
        } catch where error.reason == .notFound {
            _ = try await client.create(
                [
                    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                    "metadata": ["name": .string(settings.name), "namespace": .string(namespace)],
                    "spec": [
                        "holderIdentity": .string(settings.name), "renewTime": now,
                        "leaseDurationSeconds": .integer(Self.leaseSeconds),
                    ],
                ], at: ObjectClient.Address(.leaseResource, namespace: namespace))
        }
    }
}
