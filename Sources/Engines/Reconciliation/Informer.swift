package import APIClient
package import Logging
package import Planning
package import ResourceModel

/// Keeps somebody up to date about the objects of one kind: lists them, then watches, and goes on
/// where it was after any loss. Only when the server has forgotten that place it lists again.
package struct Informer: Sendable {
    /// What it tells, in order.
    package enum News: Sendable {
        /// Everything there is, as of a version.
        case list([JSON], resourceVersion: Int64)
        /// What has happened since.
        case event(ObjectEvent)
    }

    /// After a failure it waits so long, twice as long each time …
    private static let firstPauseMilliseconds: Int64 = 50
    /// … but not longer than this.
    private static let longestPauseMilliseconds: Int64 = 5_000

    private let client: ObjectClient
    private let kind: GroupVersionKind
    private let fieldSelector: String
    private let clockwork: Clockwork
    private let log: Logger

    /// Watches a kind; those that a field selector selects, as in `spec.nodeName=n1`.
    package init(
        _ client: ObjectClient, _ kind: GroupVersionKind, fieldSelector: String = "",
        clockwork: Clockwork, log: Logger
    ) {
        self.client = client
        self.kind = kind
        self.fieldSelector = fieldSelector
        self.clockwork = clockwork
        self.log = log
    }

    /// Tells until the task is cancelled.
    package func run(_ tell: @Sendable (News) async -> Void) async {
        var version: Int64?
        var pause = Self.firstPauseMilliseconds
        while !Task.isCancelled {
            let before = version
            do throws(APIFailure) {
                let start: Int64
                if let version {
                    start = version
                } else {
                    let list = try await client.list(kind, fieldSelector: fieldSelector)
                    await tell(.list(list.objects, resourceVersion: list.resourceVersion))
                    version = list.resourceVersion
                    start = list.resourceVersion
                }
                try await follow(from: start, &version, tell)
            } catch {
                if error.code == 410 {
                    version = nil
                } else if !Task.isCancelled {
                    log.warning(
                        "a watch failed",
                        metadata: ["kind": "\(kind)", "reason": "\(error.message)"])
                }
            }
            guard !Task.isCancelled else { return }
            // A watch that told something has worked: what ends it is no reason to wait longer.
            if let before, let version, version > before { pause = Self.firstPauseMilliseconds }
            await clockwork.pause(milliseconds: pause)
            pause = min(2 * pause, Self.longestPauseMilliseconds)
        }
    }

    private func follow(
        from start: Int64, _ version: inout Int64?, _ tell: @Sendable (News) async -> Void
    ) async throws(APIFailure) {
        let watch = try await client.watch(kind, after: start, fieldSelector: fieldSelector)
        defer { watch.close() }
        while let event = try await watch.next() {
            version = max(version ?? 0, event.resourceVersion)
            await tell(.event(event))
        }
    }
}

extension ObjectEvent {
    /// Up to where things are known with this event.
    package var resourceVersion: Int64 {
        switch self {
        case .added(let object), .modified(let object), .deleted(let object):
            Resource(object).version
        case .bookmark(let version): version
        }
    }
}

extension ObjectCache {
    /// Takes in what an informer tells.
    /// - Returns: what is different now.
    package mutating func take(_ news: Informer.News) -> [Change] {
        switch news {
        case .list(let objects, let version):
            return replace(with: objects, resourceVersion: version)
        case .event(.added(let object)), .event(.modified(let object)): return [apply(object)]
        case .event(.deleted(let object)): return [applyDeletion(of: object)]
        case .event(.bookmark(let version)):
            advance(to: version)
            return []
        }
    }
}
