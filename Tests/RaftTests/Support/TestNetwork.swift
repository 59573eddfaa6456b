import Primitives
import Raft

/// One direction between two members.
struct Link: Hashable, Comparable, CustomStringConvertible {
    var from: PeerID
    var to: PeerID

    init(_ from: UInt64, _ to: UInt64) {
        self.from = PeerID(from)
        self.to = PeerID(to)
    }

    init(of message: Message) {
        from = message.from
        to = message.to
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.from, left.to) < (right.from, right.to)
    }

    var description: String { "\(from)->\(to)" }
}

/// Messages under way. Nothing moves by itself.
struct TestNetwork {
    /// In the order in which they were sent.
    var inFlight: [Message] = []
    /// What is sent here is lost.
    var blocked: Set<Link> = []
    /// What is sent here stays under way until it is asked for by name or released.
    var held: Set<Link> = []

    /// Returns whether the message is under way, and not lost.
    mutating func send(_ message: Message) -> Bool {
        guard !blocked.contains(Link(of: message)) else { return false }
        inFlight.append(message)
        return true
    }

    /// Takes out the messages that fit, in order.
    mutating func take(where fits: (Message) -> Bool) -> [Message] {
        let taken = inFlight.filter(fits)
        inFlight.removeAll(where: fits)
        return taken
    }

    /// Takes out the oldest message that nobody holds back.
    mutating func takeFirst() -> Message? {
        guard let position = inFlight.firstIndex(where: { !held.contains(Link(of: $0)) }) else {
            return nil
        }
        return inFlight.remove(at: position)
    }
}
