package import APIClient
package import Logging
internal import Planning
package import Reconciliation
internal import ResourceModel

/// The controllers of the control plane: everything that makes the actual state follow the
/// desired one, save what runs on nodes. One process of all that run them is active at a time.
package struct ControllerService: Sendable {
    private let client: ObjectClient
    private let instance: String
    private let clockwork: Clockwork
    private let log: Logger

    /// - Parameter instance: the name of this process among those that run controllers.
    package init(
        _ transport: any APITransport, instance: String, clockwork: Clockwork, log: Logger
    ) {
        client = ObjectClient(transport, manager: "keelson-controllers")
        self.instance = instance
        self.clockwork = clockwork
        self.log = log
    }

    /// Leads, or waits to lead, until something comes from `stop` or it ends: then another process
    /// takes over at once. If the task is cancelled, it has to wait for the lease to run out.
    package func run(until stop: AsyncStream<Void> = AsyncStream { _ in }) async {
        let election = LeaderElection(
            LeaderElection.Settings(name: "keelson-controllers", identity: instance),
            client: client, clockwork: clockwork, log: log)
        await election.run(until: stop) { leadership in
            let loop = ControllerLoop(
                Self.planners, watching: Self.watched, client: client, instance: instance,
                clockwork: clockwork, log: log, mayWrite: { leadership.isHeld })
            await loop.run()
        }
    }

    private static let planners: [any Planner] = [
        DeploymentPlanner(), ReplicaSetPlanner(), JobPlanner(), SchedulerPlanner(),
        EndpointSlicePlanner(), ServiceAddressPlanner(), NodeLifecyclePlanner(),
        ModelDeploymentPlanner(), ModelPlanner(), GarbageCollector(),
    ]

    /// What the garbage collector sees beside what the others read.
    private static let watched: [GroupVersionKind] = ["ConfigMap", "Secret"].map {
        GroupVersionKind(group: "", version: "v1", kind: $0)
    }
}
