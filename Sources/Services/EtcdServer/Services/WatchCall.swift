internal import EtcdAPI
internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport
internal import Wire

/// One stream of etcd's Watch service, with any number of watches.
final class WatchCall: StreamHandler, WatchSink {
    private let id: WatchStreamID
    private var isBlocked = false

    override init(_ node: StoreNode, _ call: GRPCCall) {
        id = node.nextSink()
        super.init(node, call)
        node.sinks[id] = self
    }

    override func received(_ message: ProtobufReader) {
        do {
            switch try WireWatchRequest.decode(message) {
            case .create(var request):
                // An empty key means from the beginning (etcd).
                if request.range.key.isEmpty { request.range.key = [0] }
                node.member.receive(.watch(id, request))
            case .cancel(let watchID): node.member.receive(.cancelWatch(id, watchID: watchID))
            case .progress: node.member.receive(.requestProgress(id))
            case nil: break
            }
            node.turn.schedule()
        } catch {
            finish(for: error)
        }
    }

    func deliver(_ delivery: WatchDelivery) {
        var writer = GRPCCall.messageWriter(capacity: delivery.estimatedBytes)
        delivery.encode(node.header, into: &writer)
        call.send(writer)
        if !call.isWritable, !isBlocked {
            isBlocked = true
            node.member.receive(.watchOutlet(id, isWritable: false))
        }
    }

    override func becameWritable() {
        guard isBlocked else { return }
        isBlocked = false
        node.member.receive(.watchOutlet(id, isWritable: true))
        node.turn.schedule()
    }

    override func left() {
        node.sinks[id] = nil
        guard !node.hasEnded else { return }
        node.member.receive(.closeWatchStream(id))
    }
}

extension WatchDelivery {
    /// About how many bytes it takes on the wire.
    fileprivate var estimatedBytes: Int {
        guard case .events(let events, _) = body else { return 64 }
        return events.reduce(64) { sum, event in
            let previous = event.previous.map { $0.key.count + $0.value.count + 32 } ?? 0
            return sum + event.keyValue.key.count + event.keyValue.value.count + 40 + previous
        }
    }
}

extension StoreNode {
    func registerWatch() {
        registerStream("etcdserverpb.Watch", "Watch") { WatchCall($0, $1) }
    }

    /// A name for a watch stream.
    func nextSink() -> WatchStreamID {
        lastSink += 1
        return WatchStreamID(lastSink)
    }
}
