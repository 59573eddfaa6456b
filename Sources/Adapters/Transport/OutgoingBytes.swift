/// Counts the bytes that wait to be sent on one connection, and in `total` those on all of a loop,
/// so that clients that do not read cannot fill memory. Belongs to the event loop.
final class OutgoingBytes {
    /// Bytes on one connection beyond which its streams that have some must wait.
    static let connectionMax = 4 << 20
    /// Bytes on one connection beyond which all its streams must wait: not to read so much of
    /// some streams holds up the others.
    static let connectionHardMax = 16 << 20
    /// Bytes on all connections beyond which each may have only a sixteenth.
    static let totalMax = 64 << 20

    private(set) var bytes = 0
    private let total: OutgoingBytes?

    init(total: OutgoingBytes? = nil) {
        self.total = total
    }

    deinit {
        total?.bytes -= bytes
    }

    func add(_ count: Int) {
        bytes += count
        total?.bytes += count
    }

    func remove(_ count: Int) {
        bytes -= count
        total?.bytes -= count
    }

    private var scale: Int { (total?.bytes ?? 0) < Self.totalMax ? 1 : 16 }

    /// Whether a stream with so many bytes of its own may have more.
    func hasRoom(streamBytes: Int) -> Bool {
        let most = streamBytes == 0 ? Self.connectionHardMax : Self.connectionMax
        return bytes < most / scale
    }

    /// Whether so much was sent that all who wait should look again.
    var isRelieved: Bool { bytes < Self.connectionMax / scale / 4 }
}
