import APIClient
import Logging
import Reconciliation

/// Runs the copier in one of several processes at a time.
struct CopierService {
    let transport: any APITransport
    let instance: String
    let clockwork: Clockwork
    let log: Logger

    /// Until something comes from `stop` or it ends.
    func run(until stop: AsyncStream<Void>) async {
        let client = ObjectClient(transport, manager: ConfigMapCopier.name)
        let election = LeaderElection(
            LeaderElection.Settings(name: ConfigMapCopier.name, identity: instance),
            client: client, clockwork: clockwork, log: log)
        await election.run(until: stop) { leadership in
            let loop = ControllerLoop(
                [ConfigMapCopier()], client: client, instance: instance, clockwork: clockwork,
                log: log, mayWrite: { leadership.isHeld })
            await loop.run()
        }
    }
}
