internal import Primitives
internal import ResourceModel

// A sandbox is a record alone: processes of this machine share its network and its names anyway.
extension ProcessRuntime {
    /// Makes a sandbox and answers its identifier.
    package func makeSandbox(_ spec: SandboxSpec) throws(RuntimeFailure) -> String {
        let id = makeID()
        let record = SandboxRecord(id: id, spec: spec, createdAt: HostClock.now(), isReady: true)
        try write(record)
        knownSandboxes[id] = record
        return id
    }

    /// Ends all containers of a sandbox at once; it takes no new ones.
    package func stopSandbox(_ id: String) async throws(RuntimeFailure) {
        guard var record = knownSandboxes[id] else { return }
        if record.isReady {
            record.isReady = false
            try write(record)
            knownSandboxes[id] = record
        }
        for container in containers(in: id) { try await stopContainer(container.id, grace: .zero) }
    }

    /// Stops a sandbox and removes it with its containers.
    package func removeSandbox(_ id: String) async throws(RuntimeFailure) {
        try await stopSandbox(id)
        for container in containers(in: id) { try removeContainer(container.id) }
        try host { () throws(HostFailure) in try HostFiles.remove(path(of: id)) }
        knownSandboxes[id] = nil
    }

    /// All sandboxes, the oldest first.
    package func sandboxes() -> [SandboxRecord] {
        knownSandboxes.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// Finds the sandboxes of an earlier runtime.
    func recoverSandboxes() {
        for name in HostFiles.names(in: sandboxesFolder) where name.hasSuffix(".json") {
            let id = String(name.dropLast(5))
            // A record torn by the loss of power was never answered for.
            guard let bytes = try? HostFiles.read(path(of: id)),
                // As above.
                let json = try? JSON(parsing: bytes), let spec = SandboxSpec(json["spec"]),
                let createdAt = json["createdAt"].integerValue,
                let isReady = json["ready"].boolValue
            else {
                // It holds nothing; a file that stays is looked at again next time.
                try? HostFiles.remove(path(of: id))
                continue
            }
            knownSandboxes[id] = SandboxRecord(
                id: id, spec: spec, createdAt: createdAt, isReady: isReady)
        }
    }

    private func path(of id: String) -> String { sandboxesFolder + "/" + id + ".json" }

    private func write(_ record: SandboxRecord) throws(RuntimeFailure) {
        let json: JSON = [
            "spec": record.spec.json, "createdAt": .integer(record.createdAt),
            "ready": .bool(record.isReady),
        ]
        try host { () throws(HostFailure) in
            try HostFiles.replace(path(of: record.id), with: json.encoded)
        }
    }
}
