internal import Primitives
internal import ReplicatedStore

/// What can happen next in a run.
enum SimulatedEvent {
    /// A member's clock ticks.
    case tick(slot: Int, epoch: UInt64)
    /// A member ends the turn in which it collected inputs.
    case turn(slot: Int, epoch: UInt64)
    /// A message arrives over a link. Boxed, since the rest is small and moved about in the heap.
    indirect case message(link: Int, linkEpoch: UInt64, from: Int, to: Int, PeerMessage)
    /// A member learns that a connection broke.
    case unreachable(slot: Int, epoch: UInt64, PeerID)
    /// A job ends.
    case job(slot: Int, epoch: UInt64, number: UInt64)
    /// A process starts.
    case start(slot: Int, epoch: UInt64)
    /// A client acts.
    case client(Int)
    /// A client with watches acts.
    case watcher(Int)
    /// The fault at this place of the schedule happens.
    case fault(Int)
    /// A fault with a duration ends.
    case faultEnds(Int)
    /// A slow or failing disk is as before.
    case diskRecovers(slot: Int, fault: Int)
    /// The operator goes on with a change of membership.
    case admin(Int)
    /// Trouble ends; from now on all must come right.
    case heal
    /// A member that was cut off is back.
    case rejoin
    /// Whether it has.
    case inspect
}
