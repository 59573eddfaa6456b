public import Primitives

/// An object as it lies in the store: compact JSON without a resource version, which is the
/// store's own and is spliced in on the way out, so that lists cost little more than copying.
public struct StoredObject: Sendable {
    /// What the store keeps.
    public let bytes: Bytes
    /// Where the members of `metadata` begin.
    private let metadataStart: Int
    private let isMetadataEmpty: Bool

    /// Finds the metadata of stored bytes; nil if there is none.
    public init?(_ bytes: Bytes) {
        var scanner = JSONScanner(bytes)
        guard scanner.find("metadata"), scanner.enterObject() else { return nil }
        self.bytes = bytes
        metadataStart = scanner.position
        guard metadataStart < bytes.count else { return nil }
        isMetadataEmpty = bytes[metadataStart] == UInt8(ascii: "}")
    }

    /// The bytes that the store keeps of an object: type and metadata first, so that they are
    /// found at once, and no resource version. Its metadata must be an object or absent, as they
    /// are in everything that was decoded by a kind's rules.
    public static func encode(_ object: JSON) -> StoredObject {
        var ordered = JSONObject()
        for name in ["apiVersion", "kind"] { ordered[name] = object[name] }
        var metadata = object["metadata"] ?? .emptyObject
        metadata["resourceVersion"] = nil
        ordered["metadata"] = metadata
        for member in object.objectValue?.members ?? [] where !ordered.contains(member.name) {
            ordered[member.name] = member.value
        }
        guard let stored = StoredObject(JSON.object(ordered).encoded) else {
            invariantBroken("an object with metadata was encoded without")
        }
        return stored
    }

    /// Appends the object with its resource version.
    public func write(to output: inout Bytes, resourceVersion: Int64) {
        output.reserveCapacity(output.count + bytes.count + 44)
        output += bytes[..<metadataStart]
        output += "\"resourceVersion\":\"".utf8
        appendDecimal(resourceVersion, to: &output)
        output += (isMetadataEmpty ? "\"" : "\",").utf8
        output += bytes[metadataStart...]
    }

    /// The object with its resource version.
    public func object(resourceVersion: Int64) throws(JSONError) -> JSON {
        var object = try JSON(parsing: bytes)
        object["metadata"]["resourceVersion"] = .string("\(resourceVersion)")
        return object
    }

    /// What selectors and keys ask of the metadata.
    public func metadata() -> Metadata {
        var scanner = JSONScanner(bytes, at: metadataStart)
        var metadata = Metadata()
        while let name = scanner.nextName() {
            if scanner.equal(name, "name") {
                metadata.name = scanner.value()?.stringValue ?? ""
            } else if scanner.equal(name, "namespace") {
                metadata.namespace = scanner.value()?.stringValue ?? ""
            } else if scanner.equal(name, "labels") {
                metadata.labels = Self.labels(scanner.value())
            }
            scanner.skipValue()
        }
        return metadata
    }

    /// The labels alone.
    public func labels() -> [(name: String, value: String)] {
        var scanner = JSONScanner(bytes, at: metadataStart - 1)
        guard scanner.find("labels") else { return [] }
        return Self.labels(scanner.value())
    }

    /// The value at names joined by dots, as in `status.phase`; only that value is parsed.
    public func value(at path: String) -> JSON? {
        var scanner = JSONScanner(bytes)
        for name in path.split(separator: ".") {
            guard scanner.find(String(name)) else { return nil }
        }
        return scanner.value()
    }

    private static func labels(_ value: JSON?) -> [(name: String, value: String)] {
        (value.objectValue?.members ?? []).compactMap { member in
            member.value.stringValue.map { (member.name, $0) }
        }
    }

    /// What selectors and keys ask of the metadata.
    public struct Metadata: Sendable {
        /// The object's name.
        public var name = ""
        /// Its namespace; empty if it lives in none.
        public var namespace = ""
        /// Its labels in their order.
        public var labels: [(name: String, value: String)] = []
    }
}
