internal import Environment
internal import Primitives
internal import StoreModel

/// What is known of the members.
struct Roster {
    /// Sorted by member.
    private(set) var members: [(PeerID, MemberAttributes)] = []
    /// Members that differ from what the last batch had; sorted.
    private var changed: [PeerID] = []

    var hasChanges: Bool { !changed.isEmpty }

    /// Knows nobody.
    init() {}

    /// What is known of a member.
    subscript(id: PeerID) -> MemberAttributes? {
        members.first { $0.0 == id }?.1
    }

    /// Sets what is known of a member; nil forgets it.
    mutating func set(_ id: PeerID, _ attributes: MemberAttributes?) {
        guard self[id] != attributes else { return }
        members.removeAll { $0.0 == id }
        if let attributes {
            members.insert((id, attributes), at: members.partitionPoint { $0.0 < id })
        }
        if !changed.contains(id) {
            changed.insert(id, at: changed.partitionPoint { $0 < id })
        }
    }

    /// Adds everything to a hash.
    func hash(into hasher: inout StableHasher) {
        hasher.combine(UInt64(members.count))
        for (id, attributes) in members {
            hasher.combine(id.rawValue)
            hasher.combine(attributes.encoded)
        }
    }

    /// Puts what changed since the last batch into `batch`.
    mutating func take(into batch: inout BackendBatch) {
        for id in changed {
            var key = ByteWriter(capacity: 8)
            key.writeBigEndian(id.rawValue)
            if let attributes = self[id] {
                batch.put(.roster, key: key.bytes, value: [1] + attributes.encoded)
            } else {
                batch.delete(.roster, key: key.bytes)
            }
        }
        changed.removeAll()
    }

    /// Reads the roster of a view.
    init(from view: any BackendView) throws(LoadError) {
        var found: [(PeerID, MemberAttributes)] = []
        try view.readAll(.roster) { key, value throws(DecodingError) in
            var name = ByteReader(key)
            let id = PeerID(try name.readBigEndian())
            try name.finish()
            var reader = ByteReader(value)
            guard try reader.read(UInt8.self) == 1 else {
                throw .invalid(field: "roster version", offset: 0)
            }
            found.append((id, try MemberAttributes(from: &reader)))
            try reader.finish()
        }
        members = found
    }
}

extension MemberAttributes {
    /// Name and URLs, counted.
    var encoded: Bytes {
        var writer = ByteWriter()
        write(into: &writer)
        return writer.bytes
    }

    /// Appends name and URLs, counted.
    func write(into writer: inout ByteWriter) {
        writer.writeCounted(name)
        for list in [peerURLs, clientURLs] {
            writer.write(UInt32(list.count))
            for url in list { writer.writeCounted(url) }
        }
    }

    /// Reads what `write` wrote.
    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(name: try reader.readText("name"))
        peerURLs = try Self.readURLs(&reader)
        clientURLs = try Self.readURLs(&reader)
    }

    private static func readURLs(_ reader: inout ByteReader) throws(DecodingError) -> [String] {
        var urls: [String] = []
        for _ in 0..<(try reader.readCount(minimumSize: 4)) {
            urls.append(try reader.readText("URL"))
        }
        return urls
    }
}
