internal import Crypto
internal import Dispatch
internal import EtcdAPI
internal import Environment
internal import Logging
internal import NIOCore
internal import Primitives
internal import ReplicatedStore
internal import Transport
internal import Wire

/// One snapshot on its way to a client: an image of the backend that includes everything applied
/// when the client asked, filled up with zeros to a multiple of 512 bytes, then the SHA-256 of
/// all that (etcd's tools find the sum by the size, which is 32 modulo 512).
final class SnapshotCall: StreamHandler {
    /// Bytes of one part.
    private static let partBytes = 256 << 10
    /// What the whole is filled up to.
    private static let blockBytes = 512

    private var hasAsked = false
    private var image: SnapshotImage?
    private var isReading = false

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
        let bound = LoopBound(self)
        node.imageQueue.async {
            let result = Result<SnapshotImage, any Error> {
                let (path, bytes) = try caretaker.writeImage(named: name)
                let padding = (Self.blockBytes - bytes % Self.blockBytes) % Self.blockBytes
                return SnapshotImage(
                    path: path, disk: disk.value, fileBytes: bytes, totalBytes: bytes + padding)
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
            node.log.info("sending snapshot", metadata: ["bytes": "\(image.totalBytes)"])
            pump()
        }
    }

    override func becameWritable() { pump() }

    /// Reads the next part when there is room for it.
    private func pump() {
        guard let image, !isReading, call.isWritable else { return }
        isReading = true
        let loop = node.loop
        let bound = LoopBound(self)
        node.imageQueue.async {
            let result = Result { try image.next(Self.partBytes) }
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

    let totalBytes: Int
    private let path: String
    private let disk: any Disk
    private let fileBytes: Int
    private var file: (any DiskFile)?
    private var offset = 0
    private var sum = SHA256()

    init(path: String, disk: any Disk, fileBytes: Int, totalBytes: Int) {
        self.path = path
        self.disk = disk
        self.fileBytes = fileBytes
        self.totalBytes = totalBytes
    }

    /// The next bytes of file and padding, at last the sum.
    func next(_ bytesMax: Int) throws -> Part {
        guard offset < totalBytes else {
            return Part(bytes: Bytes(sum.finalize()), remainingBytes: 0, isLast: true)
        }
        let file = try file ?? disk.open(path, .existing)
        self.file = file
        let count = min(bytesMax, totalBytes - offset)
        var bytes = try file.read(at: offset, count: min(count, max(0, fileBytes - offset)))
        if bytes.count < count { bytes += Bytes(repeating: 0, count: count - bytes.count) }
        sum.update(data: bytes)
        offset += count
        return Part(bytes: bytes, remainingBytes: totalBytes - offset, isLast: false)
    }

    func remove() {
        file?.close()
        file = nil
        // The member's start removes what is left over, so only disk space would be lost.
        try? disk.remove(path)
    }
}
