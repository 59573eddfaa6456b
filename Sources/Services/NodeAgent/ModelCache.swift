package import HTTPClient
package import Logging
package import PodModel
internal import Primitives
package import Reconciliation
package import ResourceModel
internal import Runtimes

/// The models of a machine: each is fetched once for all pods that ask for it, checked against its
/// hash, and kept while it is used and as long as there is room. What to do is decided by
/// `ModelShelf`; here it is done.
package actor ModelCache {
    /// A fetch that brings nothing for so long is given up.
    private static let stallMilliseconds: Int64 = 60_000
    /// How long one from the web may take in all.
    private static let downloadMax = Duration.seconds(4 * 3_600)
    private static let redirectsMax = 5

    private let folder: ModelFolder
    private let bounds: ModelShelf.Bounds
    private let web: HTTPConnectionPool
    private let clockwork: Clockwork
    private let log: Logger

    private var shelf: ModelShelf
    /// Told of changes, by the uids of their pods.
    private var wakes: [String: @Sendable () -> Void] = [:]
    private var draftCount = 0
    private let jobs: AsyncStream<ModelVolume>
    private let job: AsyncStream<ModelVolume>.Continuation

    /// - Parameters:
    ///   - folder: where files are kept.
    ///   - web: asks web servers.
    package init(
        folder: String, bounds: ModelShelf.Bounds, web: HTTPConnectionPool, clockwork: Clockwork,
        log: Logger
    ) {
        self.folder = ModelFolder(folder)
        self.bounds = bounds
        self.web = web
        self.clockwork = clockwork
        self.log = log
        shelf = ModelShelf(bounds)
        // As many as may be fetched at a time.
        (jobs, job) = AsyncStream.makeStream()
    }

    /// Finds what is there already.
    package func open() {
        do {
            let (stored, hashes) = try folder.open()
            shelf = ModelShelf(bounds, stored: stored, hashes: hashes)
        } catch {
            log.warning("no models can be kept", metadata: ["reason": "\(error)"])
        }
    }

    /// Fetches until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await volume in jobs {
                group.addTask { await self.fetch(volume) }
            }
        }
    }

    /// A pod uses these: they are kept until it is released.
    package func use(_ volumes: [ModelVolume], by uid: String) {
        shelf.use(volumes, by: uid)
    }

    /// A pod uses nothing any more.
    package func release(_ uid: String) {
        for sha256 in shelf.hashes(usedBy: uid) { folder.touch(sha256) }
        shelf.release(uid)
        wakes[uid] = nil
    }

    /// How far the models of a pod are; what is missing is fetched.
    /// - Parameter wake: called when it is worth while to look again.
    package func look(
        at volumes: [ModelVolume], for uid: String, wake: @escaping @Sendable () -> Void
    ) -> [ModelShelf.State] {
        shelf.use(volumes, by: uid)
        wakes[uid] = wake
        let states = volumes.map { volume in
            let state = shelf.look(at: volume, now: now)
            guard case .present(let model) = state, !folder.has(model) else { return state }
            shelf.forget(model.sha256)
            return shelf.look(at: volume, now: now)
        }
        begin()
        return states
    }

    /// The folder in which a file is, by the name `ModelVolume.fileName`.
    package nonisolated func folder(of model: StoredModel) -> String {
        folder.folder(of: model.sha256)
    }

    /// The clock of the shelf.
    private var now: Duration { .nanoseconds(clockwork.monotonic().nanoseconds) }

    private func begin() {
        for volume in shelf.begin() { job.yield(volume) }
    }

    private func fetch(_ volume: ModelVolume) async {
        draftCount += 1
        let draft = folder.draft(String(draftCount))
        let result: Result<StoredModel, ModelFailure>
        do throws(ModelFailure) {
            try await transfer(volume, to: draft)
            let model = try await draft.commit(expecting: volume.sha256)
            result = .success(model)
            log.info(
                "fetched a model",
                metadata: [
                    "uri": "\(volume.shortURI)", "sha256": "\(model.sha256)",
                    "bytes": "\(model.sizeBytes)",
                ])
        } catch {
            await draft.discard()
            result = .failure(error)
            log.warning(
                "a model was not fetched",
                metadata: ["uri": "\(volume.shortURI)", "reason": "\(error)"])
        }
        shelf.finished(volume, result, now: now)
        if volume.sha256.isEmpty, case .success(let model) = result { note(model, volume) }
        for uid in shelf.users(of: volume) { wakes[uid]?() }
        begin()
    }

    private func note(_ model: StoredModel, _ volume: ModelVolume) {
        do {
            try folder.note(model.sha256, from: volume.uri)
        } catch {
            // After a restart it is fetched again.
            log.warning("a model's address is forgotten", metadata: ["reason": "\(error)"])
        }
    }

    /// Receives the file, and sees to it that it does not take for ever.
    private func transfer(
        _ volume: ModelVolume, to draft: ModelDraft
    ) async throws(ModelFailure) {
        let failure = await withTaskGroup(of: ModelFailure?.self) { group in
            group.addTask {
                do throws(ModelFailure) {
                    try await self.receive(volume, to: draft)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask { await self.stall(of: volume) }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let failure { throw failure }
    }

    /// Waits until nothing comes any more, or the task is cancelled.
    private func stall(of volume: ModelVolume) async -> ModelFailure? {
        var before = shelf.receivedBytes(of: volume)
        while !Task.isCancelled {
            await clockwork.pause(milliseconds: Self.stallMilliseconds)
            guard shelf.isWanted(volume) else { return .unwanted }
            let present = shelf.receivedBytes(of: volume)
            if present == before {
                return .unavailable("nothing came for \(Self.stallMilliseconds / 1_000) seconds")
            }
            before = present
        }
        return nil
    }

    private func receive(_ volume: ModelVolume, to draft: ModelDraft) async throws(ModelFailure) {
        switch try ModelPlace(volume) {
        case .inline(let bytes): try await keep(bytes, of: volume, in: draft)
        case .file(let path):
            let file = ModelFile(path)
            try shelf.expect(try await file.open(), for: volume)
            while let piece = try await file.next() {
                try await keep(piece, of: volume, in: draft)
            }
        case .web(let address):
            do {
                try await download(address, volume, to: draft)
            } catch let failure as HTTPFailure {
                throw .unavailable(failure.description)
            } catch {
                throw error as? ModelFailure ?? .unavailable("\(error)")
            }
        }
    }

    private func download(
        _ address: String, _ volume: ModelVolume, to draft: ModelDraft
    ) async throws {
        let answer = try await web.send(
            HTTPRequest(
                "GET", address, headers: [HTTPHeader("User-Agent", "keelson")],
                redirectsMax: Self.redirectsMax, timeout: Self.downloadMax))
        guard answer.status == 200 else { throw ModelFailure.answer(status: answer.status) }
        if let size = answer.header("content-length").flatMap({ Int64($0) }) {
            try shelf.expect(size, for: volume)
        }
        while let piece = try await answer.next() {
            try await keep(piece, of: volume, in: draft)
        }
    }

    /// Writes a piece once there is room for it.
    private func keep(
        _ piece: Bytes, of volume: ModelVolume, in draft: ModelDraft
    ) async throws(ModelFailure) {
        guard !Task.isCancelled else { throw .unwanted }
        for sha256 in try shelf.receive(piece.count, for: volume) { giveUp(sha256) }
        try await draft.write(piece)
    }

    private func giveUp(_ sha256: String) {
        do {
            try folder.remove(sha256)
            log.info("gave up a model for lack of room", metadata: ["sha256": "\(sha256)"])
        } catch {
            log.warning("a model stays", metadata: ["sha256": "\(sha256)", "reason": "\(error)"])
        }
    }
}
