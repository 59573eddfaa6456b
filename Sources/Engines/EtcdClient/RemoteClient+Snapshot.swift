package import EtcdAPI
internal import NIOCore
internal import Transport
internal import Wire

/// Backups.
extension RemoteClient {
    /// Has a member send an image of the store, part by part; of the endpoints, the first that can
    /// be reached. `take` is called on the client's own thread and may block: the member waits
    /// meanwhile. What was begun is never tried again.
    /// - Throws: the store's status, or what `take` throws.
    package func snapshot(
        _ take: @escaping @Sendable (WireSnapshotPart) throws -> Void
    ) async throws {
        let failure: (any Error)? = await withCheckedContinuation { continuation in
            let isIn = link.gate.enter { [link] in
                Self.download(from: link, take) { continuation.resume(returning: $0) }
            }
            if !isIn { continuation.resume(returning: RemoteLink.closed.status) }
        }
        if let failure { throw failure }
    }

    private static func download(
        from link: RemoteLink, _ take: @escaping @Sendable (WireSnapshotPart) throws -> Void,
        _ done: @escaping ((any Error)?) -> Void
    ) {
        link.connect { connected in
            switch connected {
            case .failure(let ending): done(ending.status)
            case .success(let connection):
                let download = SnapshotDownload(take, done)
                let call = connection.start(
                    "/etcdserverpb.Maintenance/Snapshot", metadata: link.metadata, download)
                download.call = call
                call.send(GRPCCall.messageWriter())
                call.endRequests()
            }
        }
    }
}

/// Takes the parts of one image as they come. Belongs to the event loop.
private final class SnapshotDownload: GRPCAnswerReceiver {
    weak var call: GRPCClientCall?
    private let take: @Sendable (WireSnapshotPart) throws -> Void
    private var done: (((any Error)?) -> Void)?

    init(
        _ take: @escaping @Sendable (WireSnapshotPart) throws -> Void,
        _ done: @escaping ((any Error)?) -> Void
    ) {
        self.take = take
        self.done = done
    }

    func received(_ message: ProtobufReader) {
        guard done != nil else { return }
        do {
            try take(try WireSnapshotPart(decoding: message))
        } catch {
            call?.cancel()
            finish(error)
        }
    }

    func ended(_ ending: GRPCEnding) {
        finish(ending.status.code == .ok ? nil : ending.status)
    }

    private func finish(_ error: (any Error)?) {
        done?(error)
        done = nil
    }
}
