internal import StoreModel
internal import Transport
internal import Wire

/// One streaming call of a client that is open. Kinds of streams override what they need.
class StreamHandler: GRPCMessageReceiver {
    let node: StoreNode
    let call: GRPCCall
    /// The client wants an error as soon as there is no leader.
    let wantsLeader: Bool

    init(_ node: StoreNode, _ call: GRPCCall) {
        self.node = node
        self.call = call
        wantsLeader = call.metadata("hasleader") == "true"
        node.streams[ObjectIdentifier(call)] = self
    }

    func received(_ message: ProtobufReader) {}

    func requestsEnded() {}

    func becameWritable() {}

    /// The stream is over; called once.
    func left() {}

    func cancelled() {
        leave()
    }

    /// Ends the stream from this side.
    func finish(_ status: GRPCStatus) {
        call.finish(status)
        leave()
    }

    private func leave() {
        guard node.streams.removeValue(forKey: ObjectIdentifier(call)) != nil else { return }
        left()
    }
}

/// Where deliveries of a watch stream go.
protocol WatchSink: AnyObject {
    func deliver(_ delivery: WatchDelivery)
    /// Nothing more will be delivered.
    func nodeStopped()
}

extension WatchSink {
    /// Sinks that belong to a client's stream end with it.
    func nodeStopped() {}
}
