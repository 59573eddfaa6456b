internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import StoreModel

extension APIService {
    /// Changes that a watch may have to catch up with from the store's history.
    private static let historyMax = 20_000
    /// Seconds after which a watch ends if its client names no time; up to twice as many.
    private static let watchSecondsMin: Int64 = 1_800
    /// Watches that may be open.
    private static let watchesMax = 20_000

    /// Begins a watch: from now on its session writes to the stream.
    func watch(_ call: ResourceCall, _ exchange: Exchange) async throws(APIFailure) {
        let options = try ListOptions(call.request.query)
        let keys = call.resource.keys
        let seconds = Int64(
            surroundings.random() % UInt64(Self.watchSecondsMin)) + Self.watchSecondsMin
        let filter = try filter(call, options)
        let wish = WatchSession.Wish(
            filter: filter, view: try view(call), allowsBookmarks: options.allowsBookmarks,
            bookmarkMilliseconds: surroundings.bookmarkMilliseconds,
            marksEndOfInitial: options.sendsInitialEvents == true,
            timeoutSeconds: options.timeoutSeconds.flatMap { $0 == 0 ? nil : $0 } ?? seconds)
        var wanted = Revision(max(1, options.resourceVersion ?? 0))
        if options.resourceVersion == nil { wanted = try await store.revision(of: keys) }
        let startsWithState =
            options.sendsInitialEvents ?? ((options.resourceVersion ?? 0) == 0)
        if startsWithState, let version = options.resourceVersion, version > 0 {
            let current = try await store.revision(of: keys)
            guard version <= current.rawValue else {
                throw .tooLargeResourceVersion(version, current: current.rawValue)
            }
        }
        try await freshCache(keys, atLeast: startsWithState ? wanted : Revision(1))
        if startsWithState || options.resourceVersion == nil {
            let isOpen = try await onLoop { caches in
                begin(exchange, caches, keys, wish) { cache in
                    WatchSession.Start(
                        initial: startsWithState
                            ? cache.entries(in: wish.filter.namespace) : [],
                        number: cache.nextNumber, after: cache.revision)
                }
            }
            guard isOpen else { throw .busy }
            return
        }
        try await follow(exchange, keys, wish, after: wanted)
    }

    /// Begins a watch behind a revision, with the store's history where the cache's window begins
    /// later.
    private func follow(
        _ exchange: Exchange, _ keys: RegistryKeys, _ wish: WatchSession.Wish,
        after revision: Revision
    ) async throws(APIFailure) {
        var history: [Change] = []
        var known = revision
        for _ in 0..<8 {
            let (changes, from) = (history, known)
            let state = try await onLoop { caches -> (isOpen: Bool, windowStart: Revision)? in
                guard let cache = caches.cache(keys) else { return nil }
                guard let number = cache.number(after: from) else {
                    return (false, cache.windowStart)
                }
                let events = changes.map(\.event)
                let isOpen = begin(exchange, caches, keys, wish) { _ in
                    WatchSession.Start(history: events[...], number: number, after: revision)
                }
                return (isOpen, .zero)
            }
            guard let state else { throw .serviceUnavailable("the resource is no longer served") }
            if state.windowStart == .zero {
                guard state.isOpen else { throw .busy }
                return
            }
            known = try await readHistory(
                keys, after: known, until: state.windowStart, into: &history)
        }
        throw .expired("too old resource version: \(revision) (\(known))")
    }

    /// On the loop. Answers false where there are too many watches.
    private func begin(
        _ exchange: Exchange, _ caches: CacheDirectory, _ keys: RegistryKeys,
        _ wish: WatchSession.Wish, _ start: (ResourceCache) -> WatchSession.Start
    ) -> Bool {
        guard let cache = caches.cache(keys), caches.sessionCount < Self.watchesMax else {
            return false
        }
        let inlet = exchange.inlet.value
        let session = WatchSession(
            stream: inlet.stream, wish: wish, cache: cache, loop: loop, start: start(cache))
        if inlet.handOver(to: session) { session.begin() }
        return true
    }

    /// A change read from the store's history.
    private struct Change: Sendable {
        var revision: Revision
        var place: String
        var object: VersionedObject?
        var previous: VersionedObject?

        var event: CacheEvent {
            CacheEvent(revision: revision, place: place, object: object, previous: previous)
        }
    }

    /// Reads the changes between two revisions; answers up to where it has read.
    private func readHistory(
        _ keys: RegistryKeys, after start: Revision, until end: Revision,
        into history: inout [Change]
    ) async throws(APIFailure) -> Revision {
        var request = WatchRequest(keys.range(namespace: nil), startRevision: start.next)
        request.wantsPrevious = true
        let watch = store.client.watch(request)
        defer { watch.close() }
        watch.requestProgress()
        do throws(KeyValueFailure) {
            while let batch = try await watch.next() {
                history += batch.events.map { event in
                    Change(
                        revision: event.keyValue.modRevision,
                        place: keys.place(of: event.keyValue.key),
                        object: event.kind == .put ? ObjectStore.object(event.keyValue) : nil,
                        previous: event.previous.map(ObjectStore.object))
                }
                guard history.count <= Self.historyMax else { break }
                if batch.revision >= end { return batch.revision }
                watch.requestProgress()
            }
        } catch .watchCompacted(let floor) {
            throw .expired("too old resource version: \(start) (\(floor))")
        } catch {
            throw APIFailure(error)
        }
        throw .expired("too old resource version: \(start) (\(end))")
    }
}
