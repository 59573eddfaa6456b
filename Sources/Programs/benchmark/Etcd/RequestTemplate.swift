import EtcdAPI
import Primitives
import StoreModel
import Wire

/// A request that was encoded once, with holes for what changes: the digits of keys and the
/// number of a lease.
struct RequestTemplate {
    /// Bytes of a value.
    static let valueBytes = 256
    /// Digits of a key.
    private static let keyDigits = 10
    /// Leases have numbers of this many bits, so that each has the same length on the wire.
    static let leaseBits: UInt64 = 42
    private static let leaseWidth = 7

    let method: LoadMethod
    /// What an answer may measure, gRPC's prefix included.
    let answerBytes: ClosedRange<Int>
    private let bytes: Bytes
    private let keyOffsets: [Int]
    private let endOffset: Int?
    private let leaseOffset: Int?

    private init(
        _ method: LoadMethod, answerBytes: ClosedRange<Int>,
        _ encode: (inout ProtobufWriter) -> Void
    ) {
        self.method = method
        self.answerBytes = answerBytes
        var writer = ProtobufWriter(capacity: 512)
        encode(&writer)
        bytes = Self.frame(writer.bytes)
        keyOffsets = Self.places(of: Self.digits(Self.keyHole), in: bytes)
        endOffset = Self.places(of: Self.digits(Self.endHole), in: bytes).first
        var lease: Bytes = []
        Self.append(1 << Self.leaseBits, to: &lease)
        leaseOffset = Self.places(of: lease, in: bytes).first
    }

    /// Prepares a call of the client: with the `key`-th key, the end of a range at the `end`-th,
    /// and the given lease, where the request has such.
    func write(into stream: inout LoadStream, key: Int, end: Int = 0, lease: UInt64 = 0) {
        stream.answerBytes = answerBytes
        stream.body.removeAll(keepingCapacity: true)
        stream.body.append(contentsOf: bytes)
        for offset in keyOffsets { Self.write(key, at: offset, in: &stream.body) }
        if let endOffset { Self.write(end, at: endOffset, in: &stream.body) }
        if let leaseOffset {
            var rest = lease
            for position in 0..<Self.leaseWidth {
                let isLast = position == Self.leaseWidth - 1
                stream.body[leaseOffset + position] = UInt8(rest & 0x7F) | (isLast ? 0 : 0x80)
                rest >>= 7
            }
        }
    }

    /// The message with gRPC's prefix: not compressed, and its length.
    static func frame(_ message: Bytes) -> Bytes {
        var bytes: Bytes = [0]
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(message.count >> shift & 0xFF)) }
        return bytes + message
    }

    private static let keyHole = 7_777_777_777
    private static let endHole = 8_888_888_888

    private static func digits(_ number: Int) -> Bytes {
        var digits = Bytes(repeating: 48, count: keyDigits)
        write(number, at: 0, in: &digits)
        return digits
    }

    private static func write(_ number: Int, at offset: Int, in bytes: inout Bytes) {
        var rest = number
        for position in stride(from: offset + keyDigits - 1, through: offset, by: -1) {
            bytes[position] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }

    private static func append(_ number: UInt64, to bytes: inout Bytes) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func places(of part: Bytes, in bytes: Bytes) -> [Int] {
        guard bytes.count >= part.count else { return [] }
        return (0...bytes.count - part.count).filter { start in
            bytes[start..<start + part.count].elementsEqual(part)
        }
    }
}

/// The requests of the load.
extension RequestTemplate {
    /// More than an answer's header, lease, version and so on can take.
    private static let overheadBytes = 120

    private static func key(_ number: Int, in folder: String = "pods") -> Bytes {
        Bytes("/registry/\(folder)/".utf8) + digits(number)
    }

    /// Letters that compress no better than those of other keys.
    private static var value: Bytes {
        var random = SplitMix64(seed: 11)
        return (0..<valueBytes).map { _ in UInt8(97 + random.below(26)) }
    }

    /// Reads one key, which must exist.
    static func get() -> RequestTemplate {
        let size = valueBytes + key(0).count
        return RequestTemplate(.range, answerBytes: size...size + overheadBytes) { writer in
            RangeRequest(KeyRange(key: key(keyHole))).encode(isSerializable: false, into: &writer)
        }
    }

    /// Reads `count` keys, which must exist.
    static func range(count: Int) -> RequestTemplate {
        let size = (valueBytes + key(0).count) * count
        let most = size + 60 * count + overheadBytes
        return RequestTemplate(.range, answerBytes: size...most) { writer in
            RangeRequest(KeyRange(key: key(keyHole), end: key(endHole)))
                .encode(isSerializable: false, into: &writer)
        }
    }

    /// Writes a key.
    static func put() -> RequestTemplate {
        RequestTemplate(.put, answerBytes: 5...overheadBytes) { writer in
            PutRequest(key: key(keyHole), value: value).encode(into: &writer)
        }
    }

    /// Writes a key if it exists, as a controller updates an object; else reads it.
    static func transaction() -> RequestTemplate {
        let range = KeyRange(key: key(keyHole))
        let request = TransactionRequest(
            compares: [Compare(range, .greater, .create(Revision(0)))],
            success: [.put(PutRequest(key: key(keyHole), value: value))],
            failure: [.range(RangeRequest(range))])
        return RequestTemplate(.transaction, answerBytes: 5...overheadBytes) { writer in
            request.encode(into: &writer)
        }
    }

    /// Makes the lease of the given number, for a minute.
    static func leaseGrant() -> RequestTemplate {
        RequestTemplate(.leaseGrant, answerBytes: 5...overheadBytes) { writer in
            WireLeaseGrant(ttlSeconds: 60, id: LeaseID(1 << leaseBits))
                .encodeRequest(into: &writer)
        }
    }

    /// Writes a key that goes with the lease; these keys are apart from the others.
    static func leasedPut() -> RequestTemplate {
        RequestTemplate(.put, answerBytes: 5...overheadBytes) { writer in
            PutRequest(
                key: key(keyHole, in: "leases"), value: value, lease: LeaseID(1 << leaseBits)
            ).encode(into: &writer)
        }
    }

    /// Ends the lease, and its key.
    static func leaseRevoke() -> RequestTemplate {
        RequestTemplate(.leaseRevoke, answerBytes: 5...overheadBytes) { writer in
            WireLeaseQuestion(LeaseID(1 << leaseBits)).encode(into: &writer)
        }
    }

    /// Watches one key from now on.
    static func watch() -> RequestTemplate {
        RequestTemplate(.watch, answerBytes: 0...Int.max) { writer in
            WireWatchRequest.create(WatchRequest(KeyRange(key: key(keyHole)))).encode(into: &writer)
        }
    }
}
