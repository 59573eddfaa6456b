/// What runs containers: modelled on CRI, so that an engine behind a socket fits as well as
/// processes of this machine.
///
/// Contract: identifiers are the runtime's own. What was made stays known, over restarts of the
/// agent too, until it is removed. Every call may be repeated: stopping what has ended and
/// removing what is gone succeed. When a container ends no process of it is left.
package protocol ContainerRuntime: Sendable {
    /// What the runtime is and what it can do here.
    func status() async -> RuntimeStatus
    /// Identifiers of containers that have changed: hints, the oldest of which are dropped when
    /// nobody reads, so that a reader lists everything now and then as well. For one reader.
    var changes: AsyncStream<String> { get }

    /// Makes a sandbox and answers its identifier.
    func makeSandbox(_ spec: SandboxSpec) async throws(RuntimeFailure) -> String
    /// Ends all containers of a sandbox at once; it takes no new ones.
    func stopSandbox(_ id: String) async throws(RuntimeFailure)
    /// Stops a sandbox and removes it with its containers.
    func removeSandbox(_ id: String) async throws(RuntimeFailure)
    /// All sandboxes.
    func sandboxes() async -> [SandboxRecord]

    /// Makes a container in a sandbox and answers its identifier.
    func makeContainer(_ spec: ContainerSpec) async throws(RuntimeFailure) -> String
    /// Starts it; returns when its process runs.
    /// - Throws: `.start` if it cannot; the container is then one that has ended.
    func startContainer(_ id: String) async throws(RuntimeFailure)
    /// Asks it to end, and after the grace period makes it; returns when nothing of it runs.
    func stopContainer(_ id: String, grace: Duration) async throws(RuntimeFailure)
    /// Removes one that does not run. Its log stays.
    func removeContainer(_ id: String) async throws(RuntimeFailure)
    /// All containers.
    func containers() async -> [ContainerRecord]
    /// All containers of a sandbox.
    func containers(in sandbox: String) async -> [ContainerRecord]
    /// One container.
    func container(_ id: String) async throws(RuntimeFailure) -> ContainerRecord
    /// Starts a process in a running container, with its environment and folder.
    func exec(_ spec: ExecSpec, in id: String) async throws(RuntimeFailure) -> ExecSession
    /// Reads a container's log, giving it away in pieces; one that follows ends with the
    /// container.
    func readLog(
        of id: String, _ query: LogQuery, _ give: ([UInt8]) async throws -> Void) async throws
    /// What a running container uses.
    func stats(_ id: String) async throws(RuntimeFailure) -> ContainerStats
}

/// What a runtime is and can do.
package struct RuntimeStatus: Sendable, Equatable {
    /// Something that the machine may or may not allow.
    package struct Feature: Sendable, Equatable {
        /// As in `MemoryLimits`.
        package var name: String
        /// Whether it is there.
        package var isAvailable: Bool
        /// How it is done, or why it is not there.
        package var message: String
    }

    /// As in `process`.
    package var name: String
    /// Everything that may be missing, in a fixed order.
    package var features: [Feature]
}
