internal import Logging
internal import NIOCore
internal import Primitives
internal import StoreModel

/// Keeps one cache equal to the store: reads everything, then follows one watch. Runs until the
/// cache is closed or the task cancelled.
struct CacheFeed: Sendable {
    /// Keys read at once; other requests of the store get their turn in between.
    static let pageKeys: Int64 = 1_000
    /// What passes before a failed attempt is repeated.
    static let pause = Duration.milliseconds(200)

    let keys: RegistryKeys
    let client: any KeyValueClient
    let cache: NIOLoopBound<ResourceCache>
    let loop: any EventLoop
    let clock: any Clock<Duration>
    let log: Logger

    func run() async {
        while !Task.isCancelled {
            do {
                if try await fillAndFollow() { return }
            } catch {
                log.warning("a watch of the store ended", metadata: ["reason": "\(error)"])
                // Cancelled while asleep: the loop ends.
                try? await clock.sleep(for: Self.pause)
            }
        }
    }

    /// Answers true once the cache is closed.
    private func fillAndFollow() async throws -> Bool {
        let (keyValues, revision) = try await read()
        var request = WatchRequest(keys.range(namespace: nil), startRevision: revision.next)
        request.wantsProgress = true
        let watch = client.watch(request)
        defer { watch.close() }
        let isClosed = try await loop.submit { [cache] in
            let cache = cache.value
            guard !cache.isClosed else { return true }
            cache.requestProgress = { watch.requestProgress() }
            cache.closeFeed = { watch.close() }
            cache.fill(keyValues, at: revision)
            return false
        }.get()
        if isClosed { return true }
        while let batch = try await watch.next() {
            try await loop.submit { [cache] in cache.value.apply(batch) }.get()
        }
        return try await loop.submit { [cache] in cache.value.isClosed }.get()
    }

    /// Everything, at one revision.
    private func read() async throws(KeyValueFailure) -> ([KeyValue], Revision) {
        var found: [KeyValue] = []
        var revision = Revision.zero
        var start: Bytes?
        while true {
            let request = RangeRequest(
                keys.range(namespace: nil, from: start), limit: Self.pageKeys, revision: revision)
            let page = try await client.range(request, isSerializable: false)
            if revision == .zero { revision = page.revision }
            found += page.answer.keyValues
            guard page.answer.hasMore, let last = found.last else { return (found, revision) }
            start = last.key + [0]
        }
    }
}

/// The caches that exist, made when they are first needed. Belongs to the event loop.
final class CacheDirectory {
    private var caches: [RegistryKeys: ResourceCache] = [:]
    private let starts: AsyncStream<CacheFeed>.Continuation
    private let client: any KeyValueClient
    private let loop: any EventLoop
    private let clock: any Clock<Duration>
    private let log: Logger
    private var isStopped = false

    /// Caches, and so feeds, that may exist.
    static let cachesMax = 10_000

    /// Feeds that a task has to run are sent to `starts`.
    init(
        client: any KeyValueClient, loop: any EventLoop, clock: any Clock<Duration>, log: Logger,
        starts: AsyncStream<CacheFeed>.Continuation
    ) {
        self.client = client
        self.loop = loop
        self.clock = clock
        self.log = log
        self.starts = starts
    }

    /// The cache of a resource; nil where there are too many, and once the server stops.
    func cache(_ keys: RegistryKeys) -> ResourceCache? {
        if let cache = caches[keys] { return cache }
        guard !isStopped, caches.count < Self.cachesMax else { return nil }
        let cache = ResourceCache(keys: keys)
        caches[keys] = cache
        starts.yield(
            CacheFeed(
                keys: keys, client: client, cache: NIOLoopBound(cache, eventLoop: loop),
                loop: loop, clock: clock, log: log))
        return cache
    }

    /// Ends the cache of a resource that is no longer served.
    func close(_ keys: RegistryKeys) {
        caches.removeValue(forKey: keys)?.close()
    }

    /// Ends all caches.
    func stop() {
        isStopped = true
        for cache in caches.values { cache.close() }
        caches = [:]
        starts.finish()
    }

    /// How many watches are open.
    var sessionCount: Int { caches.values.reduce(0) { $0 + $1.sessionCount } }
}
