internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import StoreModel

extension APIService {
    /// Keys read at once from the store while looking for objects that selectors choose.
    private static let selectionPage: Int64 = 1_000

    /// A page of the objects of a resource.
    func list(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        let options = try ListOptions(call.request.query)
        let view = try view(call)
        let filter = try filter(call, options)
        return Answer(body: view.bytes(of: try await page(call, options, filter)))
    }

    /// What the address and the selectors choose.
    func filter(_ call: ResourceCall, _ options: ListOptions) throws(APIFailure) -> WatchFilter {
        var filter = try selection(call, options)
        filter.namespace = call.address.namespace
        return filter
    }

    /// Finds the objects where the resourceVersion rules say.
    func page(
        _ call: ResourceCall, _ options: ListOptions, _ filter: WatchFilter
    ) async throws(APIFailure) -> ListPage {
        if let token = options.continueToken {
            return try await storedPage(call, options, filter, token.revision, after: token.after)
        }
        guard let version = options.resourceVersion else {
            return try await storedPage(call, options, filter, .zero)
        }
        // A limit makes the rest of the list come at the same revision, and so exact.
        let isExact =
            options.match == .exact || (options.match == nil && version > 0 && options.limit > 0)
        if isExact { return try await storedPage(call, options, filter, Revision(version)) }
        return try await cachedPage(call, filter, atLeast: version)
    }

    /// A list from the cache, in whole (Kubernetes: limits don't apply there).
    private func cachedPage(
        _ call: ResourceCall, _ filter: WatchFilter, atLeast version: Int64
    ) async throws(APIFailure) -> ListPage {
        let keys = call.resource.keys
        if version > 0 {
            let current = try await store.revision(of: keys)
            guard version <= current.rawValue else {
                throw .tooLargeResourceVersion(version, current: current.rawValue)
            }
        }
        try await freshCache(keys, atLeast: Revision(max(1, version)))
        let namespace = filter.namespace
        let (entries, revision) = try await onLoop { caches in
            let cache = caches.cache(keys)
            return (cache?.entries(in: namespace) ?? [], cache?.revision ?? .zero)
        }
        let chosen = entries.filter { entry in
            filter.covers(entry.place) && filter.chooses(entry.object)
        }
        return ListPage(objects: chosen.map(\.object), revision: revision)
    }

    /// Waits until the cache of a resource has everything up to a revision.
    func freshCache(_ keys: RegistryKeys, atLeast revision: Revision) async throws(APIFailure) {
        do {
            try await loop.flatSubmit { [loop, caches] () -> EventLoopFuture<Void> in
                guard let cache = caches.value.cache(keys) else {
                    return loop.makeFailedFuture(CacheClosed())
                }
                return cache.wait(for: revision, on: loop)
            }.get()
        } catch {
            throw .serviceUnavailable("the resource is no longer served")
        }
    }

    /// A page from the store, all of it at one revision.
    private func storedPage(
        _ call: ResourceCall, _ options: ListOptions, _ filter: WatchFilter, _ at: Revision,
        after place: String? = nil
    ) async throws(APIFailure) -> ListPage {
        let keys = call.resource.keys
        let limit = options.limit
        var page = ListPage(objects: [], revision: at)
        var start = place.map { keys.prefix(namespace: nil) + Bytes($0.utf8) + [0] }
        let prefix = keys.prefix(namespace: filter.namespace)
        if let start, !start.starts(with: prefix) {
            throw .badRequest("continue key is not valid: it is of another namespace")
        }
        let isFiltered = filter.selects != nil || filter.name != nil
        while true {
            let wanted = isFiltered || limit == 0
                ? Self.selectionPage : limit - Int64(page.objects.count)
            let answer = try await range(
                RangeRequest(
                    keys.range(namespace: filter.namespace, from: start),
                    limit: min(wanted, Self.selectionPage), revision: page.revision),
                options, isContinued: place != nil)
            if page.revision == .zero { page.revision = answer.revision }
            var last: KeyValue?
            for keyValue in answer.answer.keyValues {
                last = keyValue
                let object = ObjectStore.object(keyValue)
                if isFiltered, !chooses(filter, keyValue, object, keys) { continue }
                page.objects.append(object)
                if limit > 0, page.objects.count == limit { break }
            }
            guard let last else { return page }
            let isLastKey = last.key == answer.answer.keyValues.last?.key
            let hasMore = answer.answer.hasMore || !isLastKey
            if limit > 0, page.objects.count == limit, hasMore {
                page.continueToken =
                    ContinueToken(revision: page.revision, after: keys.place(of: last.key)).text
                if !isFiltered {
                    page.remaining =
                        answer.answer.count - Int64(answer.answer.keyValues.count)
                }
                return page
            }
            guard answer.answer.hasMore else { return page }
            start = last.key + [0]
        }
    }

    private func chooses(
        _ filter: WatchFilter, _ keyValue: KeyValue, _ object: VersionedObject, _ keys: RegistryKeys
    ) -> Bool {
        filter.covers(keys.place(of: keyValue.key)) && filter.chooses(object)
    }

    /// Reads a range; of a list whose history is gone it says how to go on.
    private func range(
        _ request: RangeRequest, _ options: ListOptions, isContinued: Bool
    ) async throws(APIFailure) -> Revised<RangeResponse> {
        do throws(KeyValueFailure) {
            return try await store.client.range(request, isSerializable: false)
        } catch .store(.futureRevision(let current)) {
            throw .tooLargeResourceVersion(
                request.revision.rawValue, current: current.rawValue)
        } catch .store(.compacted) {
            guard isContinued, let token = options.continueToken else {
                throw .expired("The resourceVersion for the provided list is too old.")
            }
            var failure = APIFailure.expired(
                "The provided continue parameter is too old to display a consistent list result. "
                    + "You can start a new list without the continue parameter, or use the "
                    + "continue token in this response to retrieve the remainder of the results. "
                    + "Continuing with the provided token results in an inconsistent list - "
                    + "objects that were created, modified, or deleted between the time the "
                    + "first chunk was returned and now may show up in the list.")
            failure.continueToken = ContinueToken(revision: .zero, after: token.after).text
            throw failure
        } catch {
            throw APIFailure(error)
        }
    }
}
