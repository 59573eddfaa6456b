internal import Logging
internal import NIOCore
internal import Primitives
internal import StoreModel
internal import Transport

/// The server without its port: what answers requests, and the tasks that have to run for it.
struct APIServerParts: Sendable {
    let service: APIService
    /// Takes requests from connections, on the loop.
    let router: NIOLoopBound<APIRouter>
    private let incoming: AsyncStream<Exchange>
    private let feeds: AsyncStream<CacheFeed>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Puts the parts together.
    static func make(
        loop: any EventLoop, store: any KeyValueClient, authentication: Authentication,
        facts: ServerFacts, surroundings: Surroundings,
        podStreams: any PodStreams = NoPodStreams(), log: Logger
    ) async throws -> APIServerParts {
        try await loop.submit {
            APIServerParts(
                onLoop: loop, store, authentication, facts, surroundings, podStreams, log)
        }.get()
    }

    private init(
        onLoop loop: any EventLoop, _ store: any KeyValueClient, _ authentication: Authentication,
        _ facts: ServerFacts, _ surroundings: Surroundings, _ podStreams: any PodStreams,
        _ log: Logger
    ) {
        // At most one feed for each cache, and those are bounded.
        let (feeds, starts) = AsyncStream<CacheFeed>.makeStream(
            bufferingPolicy: .bufferingOldest(CacheDirectory.cachesMax))
        // One wake-up stands for any number of them.
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let caches = CacheDirectory(
            client: store, loop: loop, clock: surroundings.clock, log: log, starts: starts)
        let router = APIRouter(loop: loop)
        self.router = NIOLoopBound(router, eventLoop: loop)
        incoming = router.incoming
        self.feeds = feeds
        self.wakes = wakes
        self.wake = wake
        service = APIService(
            store: ObjectStore(client: store), registry: .builtIn(),
            authentication: authentication, authorizer: GroupAuthorizer(), loop: loop,
            caches: NIOLoopBound(caches, eventLoop: loop), surroundings: surroundings,
            facts: facts, metrics: APIMetrics(),
            eventLeases: EventLeases(
                client: store, ttlSeconds: APIService.eventSeconds, now: surroundings.now),
            podStreams: podStreams, wakeHousekeeper: { wake.yield() }, log: log)
    }

    /// Makes the first namespaces, serves the definitions that are there, then answers requests
    /// until the task is cancelled.
    func run(ready: @escaping @Sendable () -> Void) async throws {
        try await service.prepareNamespaces()
        let housekeeper = Housekeeper(service: service, wakes: wakes)
        _ = try await housekeeper.tendDefinitions()
        await withDiscardingTaskGroup { group in
            group.addTask { await answerRequests() }
            group.addTask { await runFeeds() }
            group.addTask { await housekeeper.run() }
            for keys in service.watchedByHousekeeper {
                let watch = DefinitionWatch(
                    keys: keys, client: service.store.client,
                    surroundings: service.surroundings, wake: wake)
                group.addTask { await watch.run() }
            }
            ready()
        }
    }

    /// Lets no more requests in and ends the watches; on the loop.
    func stop() {
        router.value.stop()
        service.caches.value.stop()
    }

    /// Answers each request in a task of its own; the router bounds how many there are.
    private func answerRequests() async {
        await withDiscardingTaskGroup { group in
            for await exchange in incoming {
                group.addTask { await service.answer(exchange) }
            }
        }
    }

    private func runFeeds() async {
        await withDiscardingTaskGroup { group in
            for await feed in feeds {
                group.addTask { await feed.run() }
            }
        }
    }
}
