/// Why a watch is not created. etcd answers it with watch identifier -1.
enum WatchRefusal: Error, Equatable {
    /// The start revision is negative; etcd 3.6 calls it compacted (etcd #20707).
    case negativeRevision
    /// The range's end is not above its beginning.
    case emptyRange
    /// The stream has a watch with the identifier that the client chose.
    case duplicateID
    /// `WatchConfiguration.watchesMax` watches exist.
    case tooManyWatches

    /// The cancellation's reason; etcd's words.
    var reason: String {
        switch self {
        case .negativeRevision: "etcdserver: mvcc: required revision has been compacted"
        case .emptyRange: "mvcc: watcher range is empty"
        case .duplicateID: "mvcc: duplicate watch ID provided on the WatchStream"
        case .tooManyWatches: "etcdserver: too many requests"
        }
    }
}
