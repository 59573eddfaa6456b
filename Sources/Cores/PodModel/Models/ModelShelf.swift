package import ResourceModel

/// A file of a model that a node has.
package struct StoredModel: Sendable, Hashable {
    /// Names it: its SHA-256 in small hexadecimal digits.
    package var sha256: String
    /// Its size.
    package var sizeBytes: Int64

    /// A file.
    package init(sha256: String, sizeBytes: Int64) {
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
    }
}

/// Which files of models a node has, fetches, and keeps: one fetch for all pods that ask for the
/// same, a few at a time, again after a while if it failed; and room made by giving up what no
/// pod uses, that which was used longest ago first. Times are since any fixed moment.
package struct ModelShelf: Sendable {
    /// What is allowed.
    package struct Bounds: Sendable {
        /// The size of one file.
        package var modelBytesMax: Int64
        /// The size of all, those that are being fetched included.
        package var bytesMax: Int64
        /// So many are fetched at a time.
        package var fetchesMax = 4
        /// How long a failed fetch waits for the next.
        package var pace = RestartBackOff.Pace(base: .seconds(2), bound: .seconds(300))

        /// One file may take a quarter of the room for all.
        package init(bytesMax: Int64) {
            self.bytesMax = bytesMax
            modelBytesMax = max(1, bytesMax / 4)
        }
    }

    /// How far the node is with a model.
    package enum State: Sendable, Equatable {
        /// It waits for its turn, or comes: so many bytes of so many, where that is known.
        case fetching(receivedBytes: Int64, totalBytes: Int64?, after: ModelFailure?)
        /// It could not be had; it is tried again at `retryAt`.
        case failed(ModelFailure, retryAt: Duration)
        /// It is there.
        case present(StoredModel)
    }

    private struct Fetch {
        var isRunning = false
        var receivedBytes: Int64 = 0
        var totalBytes: Int64?
        var lastFailure: ModelFailure?
        /// When it failed; nil while it is queued or runs.
        var failedAt: Duration?
        var backOff: RestartBackOff
    }

    private struct Entry {
        var sizeBytes: Int64
        /// The higher, the later it was used.
        var lastUse: Int
    }

    private let bounds: Bounds
    private var entries: [String: Entry] = [:]
    /// What came from addresses that are asked for without a hash.
    private var hashes: [String: String] = [:]
    private var fetches: [ModelVolume: Fetch] = [:]
    private var queue: [ModelVolume] = []
    private var users: [String: [ModelVolume]] = [:]
    private var uses = 0

    /// - Parameters:
    ///   - stored: what the disk has, that which was used longest ago first.
    ///   - hashes: what came from which address.
    package init(
        _ bounds: Bounds, stored: [StoredModel] = [], hashes: [String: String] = [:]
    ) {
        self.bounds = bounds
        for model in stored { enter(model) }
        self.hashes = hashes.filter { entries[$0.value] != nil }
    }

    /// The bytes of all files, those that are being fetched included.
    package var sizeBytes: Int64 {
        entries.values.reduce(0) { $0 + $1.sizeBytes }
            + fetches.values.reduce(0) { $0 + $1.receivedBytes }
    }

    /// A pod uses these from now on, and no others: they are kept.
    package mutating func use(_ volumes: [ModelVolume], by uid: String) {
        users[uid] = volumes.isEmpty ? nil : volumes
        for volume in volumes { touch(volume) }
    }

    /// A pod is gone. Fetches that nobody waits for any more are not begun, or come to nothing.
    package mutating func release(_ uid: String) {
        for volume in users.removeValue(forKey: uid) ?? [] {
            touch(volume)
            if !isWanted(volume), fetches[volume]?.isRunning == false {
                fetches[volume] = nil
                queue.removeAll { $0 == volume }
            }
        }
    }

    /// Whether a pod asks for it.
    package func isWanted(_ volume: ModelVolume) -> Bool {
        users.values.contains { $0.contains(volume) }
    }

    /// The hashes of the files that a pod uses, as far as they are there.
    package func hashes(usedBy uid: String) -> [String] {
        (users[uid] ?? []).compactMap { sha256(of: $0) }.filter { entries[$0] != nil }
    }

    /// How much has come of what is being fetched.
    package func receivedBytes(of volume: ModelVolume) -> Int64 {
        fetches[volume]?.receivedBytes ?? 0
    }

    /// The pods that ask for it.
    package func users(of volume: ModelVolume) -> [String] {
        users.filter { $0.value.contains(volume) }.keys.sorted()
    }

    /// How far it is. What is not there, or has waited long enough, is queued.
    package mutating func look(at volume: ModelVolume, now: Duration) -> State {
        if let sha256 = sha256(of: volume), let entry = entries[sha256] {
            return .present(StoredModel(sha256: sha256, sizeBytes: entry.sizeBytes))
        }
        var fetch = fetches[volume] ?? Fetch(backOff: RestartBackOff(bounds.pace))
        if let failedAt = fetch.failedAt, let failure = fetch.lastFailure {
            if let wait = fetch.backOff.remaining(since: failedAt, at: now) {
                return .failed(failure, retryAt: now + wait)
            }
            fetch.failedAt = nil
        } else if fetches[volume] != nil {
            return state(fetch)
        }
        fetches[volume] = fetch
        queue.append(volume)
        return state(fetch)
    }

    private func state(_ fetch: Fetch) -> State {
        .fetching(
            receivedBytes: fetch.receivedBytes, totalBytes: fetch.totalBytes,
            after: fetch.lastFailure)
    }

    /// What is to be fetched now; each is answered once, and ends with `finished`.
    package mutating func begin() -> [ModelVolume] {
        let free = bounds.fetchesMax - fetches.values.count(where: \.isRunning)
        let next = Array(queue.prefix(max(0, free)))
        queue.removeFirst(next.count)
        for volume in next { fetches[volume]?.isRunning = true }
        return next
    }

    /// So much is to come.
    package mutating func expect(
        _ totalBytes: Int64, for volume: ModelVolume
    ) throws(ModelFailure) {
        guard totalBytes <= bounds.modelBytesMax else {
            throw .tooLarge(bytesMax: bounds.modelBytesMax)
        }
        fetches[volume]?.totalBytes = totalBytes
    }

    /// So many more bytes have come; they may be written once the files of these hashes are gone.
    package mutating func receive(
        _ count: Int, for volume: ModelVolume
    ) throws(ModelFailure) -> [String] {
        guard var fetch = fetches[volume], isWanted(volume) else { throw .unwanted }
        fetch.receivedBytes += Int64(count)
        guard fetch.receivedBytes <= bounds.modelBytesMax else {
            throw .tooLarge(bytesMax: bounds.modelBytesMax)
        }
        fetches[volume] = fetch
        guard sizeBytes > bounds.bytesMax else { return [] }
        let used = Set(users.values.joined().compactMap { sha256(of: $0) })
        var unused = entries.filter { !used.contains($0.key) }
            .sorted { $0.value.lastUse > $1.value.lastUse }.map(\.key)
        var removed: [String] = []
        while sizeBytes > bounds.bytesMax {
            guard let oldest = unused.popLast() else { throw .noRoom(bytesMax: bounds.bytesMax) }
            forget(oldest)
            removed.append(oldest)
        }
        return removed
    }

    /// A fetch has come to its end.
    package mutating func finished(
        _ volume: ModelVolume, _ result: Result<StoredModel, ModelFailure>, now: Duration
    ) {
        guard var fetch = fetches[volume] else { return }
        switch result {
        case .success(let model):
            enter(model)
            if volume.sha256.isEmpty { hashes[volume.uri] = model.sha256 }
            fetches[volume] = nil
        case .failure(let failure):
            guard failure != .unwanted, isWanted(volume) else { return fetches[volume] = nil }
            fetch.isRunning = false
            fetch.receivedBytes = 0
            fetch.totalBytes = nil
            fetch.lastFailure = failure
            fetch.failedAt = now
            fetch.backOff.restarted(at: now)
            fetches[volume] = fetch
        }
    }

    /// A file has vanished from the disk.
    package mutating func forget(_ sha256: String) {
        entries[sha256] = nil
        hashes = hashes.filter { $0.value != sha256 }
    }

    private func sha256(of volume: ModelVolume) -> String? {
        volume.sha256.isEmpty ? hashes[volume.uri] : volume.sha256
    }

    private mutating func enter(_ model: StoredModel) {
        uses += 1
        entries[model.sha256] = Entry(sizeBytes: model.sizeBytes, lastUse: uses)
    }

    private mutating func touch(_ volume: ModelVolume) {
        guard let sha256 = sha256(of: volume) else { return }
        uses += 1
        entries[sha256]?.lastUse = uses
    }
}
