package import Primitives
internal import ServiceModel

/// Why bytes are no message, and where.
package enum DNSDecodingError: Error, Equatable, Sendable {
    /// Something goes on beyond the end of the message, or of its record.
    case truncated(at: Int)
    /// A label or a pointer to one is not allowed.
    case badName(at: Int)
    /// A record's content has not the length that it should.
    case badLength(at: Int)
    /// Bytes after the last record.
    case trailing(at: Int)
}

extension DNSMessage {
    /// Reads a whole message. Hostile bytes are an error, never a trap; time and memory are
    /// bounded by their number.
    package init(decoding bytes: Bytes) throws(DNSDecodingError) {
        var reader = DNSReader(bytes)
        self.init(
            id: try reader.number(UInt16.self),
            flags: DNSFlags(rawValue: try reader.number(UInt16.self)))
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(Int(try reader.number(UInt16.self))) }
        // A count reserves nothing: what is counted must be there, byte for byte.
        for _ in 0..<counts[0] { questions.append(try reader.question()) }
        for _ in 0..<counts[1] { answers.append(try reader.record()) }
        for _ in 0..<counts[2] { authorities.append(try reader.record()) }
        for _ in 0..<counts[3] { additionals.append(try reader.record()) }
        guard reader.position == bytes.count else { throw .trailing(at: reader.position) }
    }
}

/// Reads the parts of a message in order.
struct DNSReader {
    private let bytes: Bytes
    private(set) var position = 0
    /// Where the content ends that is being read: of the message or of a record.
    private var end: Int

    init(_ bytes: Bytes) {
        self.bytes = bytes
        end = bytes.count
    }

    /// A number, the most significant byte first.
    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) throws(DNSDecodingError) -> Number {
        try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number($1) }
    }

    mutating func question() throws(DNSDecodingError) -> DNSQuestion {
        let name = try name()
        return DNSQuestion(name: name, type: RecordType(try number()), recordClass: try number())
    }

    mutating func record() throws(DNSDecodingError) -> DNSRecord {
        let name = try name()
        let type = RecordType(try number())
        let recordClass: UInt16 = try number()
        let ttlSeconds: UInt32 = try number()
        let count = Int(try number(UInt16.self))
        guard count <= end - position else { throw .truncated(at: position) }
        end = position + count
        let isKnown = recordClass == DNSRecord.internet
        let data = isKnown ? try content(of: type) : .raw(try rest())
        guard position == end else { throw .badLength(at: position) }
        end = bytes.count
        return DNSRecord(
            name: name, type: type, recordClass: recordClass, ttlSeconds: ttlSeconds, data: data)
    }

    private mutating func content(of type: RecordType) throws(DNSDecodingError) -> RecordData {
        switch type {
        case .a: return .address(IPv4Address(bits: try number()))
        case .ns, .cname, .ptr: return .name(try name())
        case .soa:
            var authority = StartOfAuthority(
                server: try name(), mailbox: try name(), serial: try number(), negativeSeconds: 0)
            authority.refreshSeconds = try number()
            authority.retrySeconds = try number()
            authority.expireSeconds = try number()
            authority.negativeSeconds = try number()
            return .authority(authority)
        case .srv:
            return .service(
                ServiceLocation(
                    priority: try number(), weight: try number(), port: try number(),
                    target: try name()))
        case .txt, .hinfo:
            var texts: [Bytes] = []
            while position < end {
                let count = Int(try number(UInt8.self))
                texts.append(Bytes(try take(count)))
            }
            return .texts(texts)
        default: return .raw(try rest())
        }
    }

    private mutating func rest() throws(DNSDecodingError) -> Bytes {
        Bytes(try take(end - position))
    }

    private mutating func take(_ count: Int) throws(DNSDecodingError) -> ArraySlice<UInt8> {
        guard count <= end - position else { throw .truncated(at: position) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A name; its end may be a pointer to an earlier one (RFC 1035 §4.1.4). Each pointer must
    /// lead further back than all before, so that there is no way round in circles.
    mutating func name() throws(DNSDecodingError) -> DNSName {
        var labels: [Bytes] = []
        var next = position
        var floor = position
        var limit = end
        var wireCount = 1
        var hasJumped = false
        while true {
            guard next < limit else { throw .truncated(at: next) }
            let head = bytes[next]
            switch head {
            case 0:
                if !hasJumped { position = next + 1 }
                guard let name = DNSName(labels: labels) else { throw .badName(at: next) }
                return name
            case 1...63:
                let start = next + 1
                guard Int(head) <= limit - start else { throw .truncated(at: next) }
                wireCount += 1 + Int(head)
                guard wireCount <= DNSName.nameBytesMax else { throw .badName(at: next) }
                next = start + Int(head)
                labels.append(Bytes(bytes[start..<next]))
            case 0xC0...:
                guard next + 1 < limit else { throw .truncated(at: next) }
                let target = Int(head & 0x3F) << 8 | Int(bytes[next + 1])
                guard target >= DNSMessage.headerBytes, target < floor else {
                    throw .badName(at: next)
                }
                if !hasJumped { position = next + 2 }
                hasJumped = true
                next = target
                floor = target
                limit = bytes.count
            default: throw .badName(at: next)
            }
        }
    }
}
