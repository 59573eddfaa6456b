internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import ReplicatedStore

extension StoreNode {
    /// Seconds that requests under way have to finish.
    static let graceSeconds: Int64 = 3

    /// Hands leadership over, lets requests finish, hangs up and closes the files. Blocks; the node
    /// cannot be started again.
    package func stop() {
        log.info("stopping")
        do {
            try loop.flatSubmit { self.handOver() }.wait()
            try loop.flatSubmit { self.drain() }.wait()
            gate.close()
            // No new jobs from here on; those that run are waited for.
            try loop.submit { self.hasEnded = true }.wait()
            jobs.sync {}
            imagePace.hurry()
            imageQueue.sync {}
            try loop.submit { self.close() }.wait()
            try group.syncShutdownGracefully()
        } catch {
            log.warning("stopping was not clean", metadata: ["error": "\(error)"])
        }
        log.info("stopped")
    }

    /// As leader, lets another voter lead before this one goes (etcd does too): clients then wait
    /// for a moment and not for an election.
    private func handOver() -> EventLoopFuture<Void> {
        isStopping = true
        let connected = links?.connected ?? []
        guard let member, member.isLeader, !hasEnded,
            let target = member.membership.voters.first(where: { connected.contains($0) })
        else { return loop.makeSucceededVoidFuture() }
        let done = loop.makePromise(of: Void.self)
        log.info("moving leadership", metadata: ["to": "\(MemberRecord.hex(target.rawValue))"])
        ask(.moveLeader(target)) { _ in done.succeed(()) }
        loop.assumeIsolated().scheduleTask(in: .seconds(1)) { done.succeed(()) }
        return done.futureResult
    }

    private func drain() -> EventLoopFuture<Void> {
        for stream in streams.values { stream.finish(EtcdError.stopped) }
        for sink in sinks.values { sink.nodeStopped() }
        let closing = listeners.map { $0.close(graceSeconds: Self.graceSeconds) }
        listeners = []
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    private func close() {
        links?.close()
        conditions = []
        member?.close()
        member = nil
    }
}
