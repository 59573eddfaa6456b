internal import Environment
internal import MVCC
internal import Primitives
internal import StoreModel
internal import Watching

/// Watches, served from this member's own applied state.
extension Member {
    /// A watch stream's input.
    mutating func receiveWatch(_ input: MemberInput) {
        switch input {
        case .watch(let stream, let request):
            hub.create(
                stream, request, revision: store.revision,
                compactRevision: store.compactRevision, into: &output.deliveries)
        case .cancelWatch(let stream, let watchID):
            hub.cancel(
                stream, watchID: watchID, revision: store.revision, into: &output.deliveries)
        case .requestProgress(let stream):
            hub.requestProgress(stream, revision: store.revision, into: &output.deliveries)
        case .watchOutlet(let stream, let isWritable):
            hub.setWritable(stream, isWritable)
        case .closeWatchStream(let stream):
            hub.close(stream)
        default: break
        }
    }

    /// Reads history for watches that lag, a bounded amount in each turn.
    mutating func catchUpWatchers() {
        guard hasWork else { return }
        hub.catchUp(
            history: store, eventsMax: configuration.watchCatchUpEventsMax,
            into: &output.deliveries)
    }
}

extension StateMachine: WatchHistory {}
