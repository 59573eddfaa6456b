internal import Primitives
internal import ResourceModel

/// An object as the store has it: JSON that begins with apiVersion, kind and metadata, without its
/// resourceVersion, which is the revision. It is shown to clients by copying, not by parsing.
struct VersionedObject: Sendable, Equatable {
    /// The JSON (docs/formats/registry.md).
    var bytes: Bytes
    /// The revision that made it.
    var revision: Revision

    /// What the store has under a key.
    init(bytes: Bytes, revision: Revision) {
        self.bytes = bytes
        self.revision = revision
    }

    /// Encodes an object for the store.
    init(_ object: JSON, revision: Revision = .zero) {
        bytes = Self.storageForm(object).encoded
        self.revision = revision
    }

    /// The object with its resourceVersion, in a version of its group.
    /// - Throws: if the store has no JSON there.
    func parsed(apiVersion: String) throws(JSONError) -> JSON {
        var object = try JSON(parsing: bytes)
        object["apiVersion"] = .string(apiVersion)
        object["metadata", default: .emptyObject]["resourceVersion"] = .string("\(revision)")
        return object
    }

    /// Appends what clients see of it.
    func write(apiVersion: String, to output: inout Bytes) {
        guard let parts = Parts(bytes) else {
            // Somebody else has written it, in another order.
            if let object = try? parsed(apiVersion: apiVersion) { object.write(to: &output) }
            return
        }
        output.append(contentsOf: Parts.start)
        output.append(contentsOf: apiVersion.utf8)
        output.append(contentsOf: bytes[parts.afterVersion..<parts.inMetadata])
        output.append(contentsOf: Parts.resourceVersion)
        output.append(contentsOf: String(revision.rawValue).utf8)
        output.append(UInt8(ascii: "\""))
        if bytes[parts.inMetadata] != UInt8(ascii: "}") { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: bytes[parts.inMetadata...])
    }

    /// The same object at another revision, as a deletion shows its last state.
    func at(_ revision: Revision) -> VersionedObject {
        VersionedObject(bytes: bytes, revision: revision)
    }

    /// Type and metadata first, without a resourceVersion.
    private static func storageForm(_ object: JSON) -> JSON {
        var ordered = JSONObject()
        for name in ["apiVersion", "kind", "metadata"] { ordered[name] = object[name] }
        for member in object.objectValue?.members ?? [] where ordered[member.name] == nil {
            ordered[member.name] = member.value
        }
        var stored = JSON.object(ordered)
        stored["metadata", default: .emptyObject]["resourceVersion"] = nil
        return stored
    }

    /// Where things are in bytes of our own making.
    private struct Parts {
        static let start = Bytes("{\"apiVersion\":\"".utf8)
        static let kind = Bytes("\",\"kind\":\"".utf8)
        static let metadata = Bytes("\",\"metadata\":{".utf8)
        static let resourceVersion = Bytes("\"resourceVersion\":\"".utf8)

        /// The quote behind the apiVersion.
        let afterVersion: Int
        /// The first byte inside of the metadata.
        let inMetadata: Int

        init?(_ bytes: Bytes) {
            guard bytes.starts(with: Self.start),
                let version = bytes[Self.start.count...].firstIndex(of: UInt8(ascii: "\"")),
                bytes[version...].starts(with: Self.kind),
                let kind = bytes[(version + Self.kind.count)...].firstIndex(
                    of: UInt8(ascii: "\"")),
                bytes[kind...].starts(with: Self.metadata),
                kind + Self.metadata.count < bytes.count
            else { return nil }
            afterVersion = version
            inMetadata = kind + Self.metadata.count
        }
    }
}
