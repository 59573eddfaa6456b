internal import Primitives
internal import StoreModel

/// A part of a watch's events that makes one delivery.
struct DeliveryPiece: Equatable, Sendable {
    var events: Range<Int>
    /// The last revision goes on in the next piece.
    var hasMoreFragments: Bool

    /// Spreads events over deliveries of at most `bytesMax`, whole revisions each (W4). A revision
    /// that is larger makes a delivery of its own, or several where fragments are allowed.
    static func cut(_ events: [Event], bytesMax: Int, allowsFragments: Bool) -> [DeliveryPiece] {
        var pieces: [DeliveryPiece] = []
        var start = 0
        var bytes = 0
        var position = 0
        while position < events.count {
            let end = endOfRevision(events, from: position)
            let size = events[position..<end].reduce(0) { $0 + $1.deliveryBytes }
            if start < position, bytes + size > bytesMax {
                pieces.append(DeliveryPiece(events: start..<position, hasMoreFragments: false))
                start = position
                bytes = 0
            }
            if allowsFragments, size > bytesMax {
                pieces += fragments(events, position..<end, bytesMax: bytesMax)
                start = end
            } else {
                bytes += size
            }
            position = end
        }
        if start < events.count {
            pieces.append(DeliveryPiece(events: start..<events.count, hasMoreFragments: false))
        }
        return pieces
    }

    /// Parts one revision's events; each part has at least one.
    private static func fragments(
        _ events: [Event], _ revision: Range<Int>, bytesMax: Int
    ) -> [DeliveryPiece] {
        var pieces: [DeliveryPiece] = []
        var start = revision.lowerBound
        var bytes = 0
        for position in revision {
            let size = events[position].deliveryBytes
            if start < position, bytes + size > bytesMax {
                pieces.append(DeliveryPiece(events: start..<position, hasMoreFragments: true))
                start = position
                bytes = 0
            }
            bytes += size
        }
        let rest = start..<revision.upperBound
        pieces.append(DeliveryPiece(events: rest, hasMoreFragments: false))
        return pieces
    }

    private static func endOfRevision(_ events: [Event], from start: Int) -> Int {
        let revision = events[start].keyValue.modRevision
        var end = start + 1
        while end < events.count, events[end].keyValue.modRevision == revision { end += 1 }
        return end
    }
}

extension Event {
    /// About how many bytes it takes in a response: the keys and values, and 64 bytes for the
    /// numbers and tags of each version.
    var deliveryBytes: Int {
        var bytes = 64 + keyValue.key.count + keyValue.value.count
        if let previous { bytes += 64 + previous.key.count + previous.value.count }
        return bytes
    }
}
