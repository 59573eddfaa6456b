internal import Dispatch
internal import EtcdAPI
internal import Environment
internal import Logging
internal import NIOCore
internal import Primitives
internal import ReplicatedStore
internal import Transport
internal import Wire

/// One snapshot on its way to a client: a backup that includes everything applied when the client
/// asked (docs/formats/snapshot.md). The sum at its end comes as a part of its own, as in etcd.
final class SnapshotCall: StreamHandler {
    /// Bytes of one part.
    private static let partBytes = 256 << 10

    private var hasAsked = false
    private var image: SnapshotImage?
    private var isReading = false
    private let wish = ImageWish()

    override func received(_ message: ProtobufReader) {
        guard !hasAsked else { return }
        hasAsked = true
        let wanted = node.member.appliedIndex
        // What is applied reaches the backend with the next commit.
        node.member.receive(.commitSoon)
        node.wait { [weak self] in
            guard let self, !self.call.isOver else { return true }
            guard self.node.member.durableIndex >= wanted else { return false }
            self.writeImage()
            return true
        }
    }

    private func writeImage() {
        let caretaker = node.member.caretaker
        let name = "backup-\(node.nextSink().rawValue)"
        let (loop, disk) = (node.loop, LoopBound(node.disk))
        let (bound, pace, wish) = (LoopBound(self), node.imagePace, wish)
        node.imageQueue.async {
            let result = Result<SnapshotImage, any Error> {
                let (path, bytes) = try caretaker.writeBackup(named: name) {
                    pace.rest(after: $0, for: wish)
                }
                return SnapshotImage(path: path, disk: disk.value, fileBytes: bytes)
            }
            loop.execute { bound.value.begin(result) }
        }
    }

    private func begin(_ result: Result<SnapshotImage, any Error>) {
        switch result {
        case .failure(let error):
            node.log.error("snapshot failed", metadata: ["error": "\(error)"])
            finish(GRPCStatus(.internal, "keelson: snapshot failed: \(error)"))
        case .success(let image):
            guard !call.isOver else {
                node.imageQueue.async { image.remove() }
                return
            }
            self.image = image
            node.log.info("sending snapshot", metadata: ["bytes": "\(image.fileBytes)"])
            pump()
        }
    }

    override func becameWritable() { pump() }

    /// Reads the next part when there is room for it.
    private func pump() {
        guard let image, !isReading, call.isWritable else { return }
        isReading = true
        let loop = node.loop
        let (bound, pace) = (LoopBound(self), node.imagePace)
        node.imageQueue.async {
            let result = Result { try image.next(Self.partBytes) }
            pace.rest(after: Self.partBytes)
            loop.execute { bound.value.send(result) }
        }
    }

    private func send(_ result: Result<SnapshotImage.Part, any Error>) {
        isReading = false
        guard !call.isOver else { return }
        switch result {
        case .failure(let error):
            finish(GRPCStatus(.internal, "keelson: snapshot failed: \(error)"))
        case .success(let part):
            var writer = GRPCCall.messageWriter(capacity: part.bytes.count + 96)
            node.header.encode(into: &writer)
            WireSnapshotPart(
                remainingBytes: UInt64(part.remainingBytes), blob: part.bytes,
                version: ServerVersion.storage
            ).encode(into: &writer)
            call.send(writer)
            if part.isLast {
                finish(.ok)
            } else {
                pump()
            }
        }
    }

    override func left() {
        wish.drop()
        guard let image else { return }
        self.image = nil
        node.imageQueue.async { image.remove() }
    }
}

/// An image file that is read from start to end.
///
/// SAFETY: `@unchecked Sendable` because after `init` it is used on the image queue alone, but for
/// the constants.
private final class SnapshotImage: @unchecked Sendable {
    /// What the client is sent next.
    struct Part: Sendable {
        var bytes: Bytes
        var remainingBytes: Int
        var isLast: Bool
    }

    let fileBytes: Int
    private let path: String
    private let disk: any Disk
    private var file: (any DiskFile)?
    private var offset = 0
    /// Bytes of the sum.
    private static let sumBytes = 32

    init(path: String, disk: any Disk, fileBytes: Int) {
        self.path = path
        self.disk = disk
        self.fileBytes = fileBytes
    }

    /// The next bytes before the sum, at last the sum.
    func next(_ bytesMax: Int) throws -> Part {
        let file = try file ?? disk.open(path, .existing)
        self.file = file
        let beforeSum = fileBytes - Self.sumBytes - offset
        let isLast = beforeSum == 0
        let bytes = try file.read(
            at: offset, count: isLast ? Self.sumBytes : min(bytesMax, beforeSum))
        guard !bytes.isEmpty else { throw DiskError.notFound(path: path) }
        offset += bytes.count
        return Part(
            bytes: bytes, remainingBytes: isLast ? 0 : beforeSum - bytes.count, isLast: isLast)
    }

    func remove() {
        file?.close()
        file = nil
        // The member's start removes what is left over, so only disk space would be lost.
        try? disk.remove(path)
    }
}
