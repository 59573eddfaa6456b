package import Primitives

extension DNSMessage {
    /// The bytes of the message, `limitBytes` at most. What does not fit is left out from the end
    /// of the last section on; if that hits more than additional records, the message says that
    /// it is truncated. OPT always goes along.
    package func encoded(limitBytes: Int = streamBytesMax) -> Bytes {
        let options = additionals.filter { $0.type == .opt }
        let room = limitBytes - options.reduce(0) { $0 + $1.uncompressedCount }
        var writer = DNSWriter()
        writer.number(id)
        writer.number(flags.rawValue)
        for _ in 0..<4 { writer.number(UInt16(0)) }
        for question in questions { writer.question(question) }

        let first = writer.records(answers, limitBytes: room)
        var isFull = first < answers.count
        let second = isFull ? 0 : writer.records(authorities, limitBytes: room)
        isFull = isFull || second < authorities.count
        let others = isFull ? [] : additionals.filter { $0.type != .opt }
        let third =
            writer.records(others, limitBytes: room)
            + writer.records(options, limitBytes: limitBytes)

        var flags = flags
        if isFull { flags.isTruncated = true }
        writer.patch(flags.rawValue, at: 2)
        for (index, count) in [questions.count, first, second, third].enumerated() {
            writer.patch(UInt16(count), at: 4 + 2 * index)
        }
        return writer.bytes
    }
}

/// Writes the parts of a message in order; the ends of names that were written before become
/// pointers.
private struct DNSWriter {
    private(set) var bytes: Bytes = []
    /// Where names begin that a pointer can lead to.
    private var places: [ArraySlice<Bytes>: Int] = [:]

    mutating func number(_ value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func patch(_ value: UInt16, at offset: Int) {
        bytes[offset] = UInt8(value >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    mutating func question(_ question: DNSQuestion) {
        name(question.name)
        number(question.type.rawValue)
        number(question.recordClass)
    }

    /// Writes records until one does not fit, and answers how many there are then. Afterwards only
    /// OPT may follow: names that were taken back are still remembered, and it has none.
    mutating func records(_ records: [DNSRecord], limitBytes: Int) -> Int {
        for (index, record) in records.enumerated() {
            let start = bytes.count
            write(record)
            if bytes.count > limitBytes {
                bytes.removeSubrange(start...)
                return index
            }
        }
        return records.count
    }

    private mutating func write(_ record: DNSRecord) {
        name(record.name)
        number(record.type.rawValue)
        number(record.recordClass)
        number(record.ttlSeconds)
        let start = bytes.count
        number(UInt16(0))
        content(record.data)
        let count = bytes.count - start - 2
        invariant(count <= Int(UInt16.max), "a record of \(count) bytes")
        patch(UInt16(count), at: start)
    }

    private mutating func content(_ data: RecordData) {
        switch data {
        case .address(let address): number(address.bits)
        case .name(let target): name(target)
        case .authority(let authority):
            name(authority.server)
            name(authority.mailbox)
            for value in [
                authority.serial, authority.refreshSeconds, authority.retrySeconds,
                authority.expireSeconds, authority.negativeSeconds,
            ] { number(value) }
        case .service(let location):
            number(location.priority)
            number(location.weight)
            number(location.port)
            // RFC 2782: the target is not compressed.
            plainName(location.target)
        case .texts(let texts):
            for text in texts {
                bytes.append(UInt8(text.count))
                bytes.append(contentsOf: text)
            }
        case .raw(let content): bytes.append(contentsOf: content)
        }
    }

    private mutating func name(_ name: DNSName) {
        for index in name.labels.indices {
            let rest = name.labels[index...]
            if let place = places[rest] {
                number(UInt16(0xC000 | place))
                return
            }
            // Pointers have 14 bits.
            if bytes.count < 0x4000 { places[rest] = bytes.count }
            label(name.labels[index])
        }
        bytes.append(0)
    }

    private mutating func plainName(_ name: DNSName) {
        for part in name.labels { label(part) }
        bytes.append(0)
    }

    private mutating func label(_ label: Bytes) {
        bytes.append(UInt8(label.count))
        bytes.append(contentsOf: label)
    }
}

extension DNSRecord {
    /// The bytes that an OPT record takes.
    fileprivate var uncompressedCount: Int {
        guard case .raw(let content) = data else { return 0 }
        return name.wireCount + 10 + content.count
    }
}
