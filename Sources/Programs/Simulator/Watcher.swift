internal import Primitives
internal import StoreModel
internal import Verification

/// A client with a watch stream: it follows some ranges of keys, wherever it has to connect for
/// that.
struct Watcher {
    /// Its number from 0 on.
    let number: Int
    /// How often it acted.
    var ordinal: UInt64 = 0
    /// The machine that it is connected to.
    var slot = 0
    /// Its stream; nil while it is not connected.
    var stream: WatchStreamID?
    /// Whether its outlet has room.
    var isWritable = true
    /// What it follows.
    var watches: [FollowedRange] = []
}

/// Something that a watcher follows over all its connections.
struct FollowedRange {
    /// The request, without its start.
    var request: WatchRequest
    /// What the present watch was told, in the list of all; nil while there is none.
    var observed: Int?
    /// The present watch's identifier, once it is known.
    var watchID: Int64?
    /// Everything up to here was seen.
    var seen = Revision.zero
    /// A revision of which only a part was seen.
    var isInsideRevision = false
    /// Where the next watch begins; zero for the present revision.
    var nextStart = Revision.zero
    /// Whether the present watch has been told any event.
    var hasEvents = false
    /// The last compaction when it was created.
    var compactedAtStart = 0
}

/// All watchers and all that they saw.
struct Watchers {
    var all: [Watcher] = []
    /// What each watch was told, those of the past as well.
    var observed: [ObservedWatch] = []
    /// Revisions that anybody tried to compact.
    var compactions: [Revision] = []
    /// Whose stream it is, by the stream's number from 1 on.
    var owners: [Int] = []

    /// A stream for a watcher.
    mutating func newStream(for watcher: Int) -> WatchStreamID {
        owners.append(watcher)
        return WatchStreamID(UInt64(owners.count))
    }

    /// Whose stream it is.
    func owner(of stream: WatchStreamID) -> Int? {
        let position = Int(stream.rawValue) - 1
        return owners.indices.contains(position) ? owners[position] : nil
    }
}
