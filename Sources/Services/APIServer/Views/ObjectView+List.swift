internal import Primitives
internal import ResourceModel

/// A page of a list.
struct ListPage: Sendable {
    /// The objects, in the order of their keys.
    var objects: [VersionedObject]
    /// The revision at which all of the list is read.
    var revision: Revision
    /// Where the next page begins; nil on the last one.
    var continueToken: String?
    /// How many objects follow, where it is known.
    var remaining: Int64?
}

extension ObjectView {
    /// A page of a list, in this view.
    func bytes(of page: ListPage) -> Bytes {
        let metadata = Self.metadata(of: page)
        if case .table = form { return table(page.objects, listMetadata: metadata).encoded }
        var (apiVersion, kind) = (self.kind.apiVersion, self.kind.kind + "List")
        if case .metadata(let version) = form {
            (apiVersion, kind) = ("meta.k8s.io/\(version)", "PartialObjectMetadataList")
        }
        let head: JSON = [
            "kind": .string(kind), "apiVersion": .string(apiVersion), "metadata": metadata,
        ]
        var bytes = head.encoded
        bytes.reserveCapacity(page.objects.reduce(256) { $0 + $1.bytes.count + 48 })
        bytes.removeLast()
        bytes.append(contentsOf: ",\"items\":[".utf8)
        for (index, object) in page.objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch form {
            case .metadata(let version):
                Self.partial(parsed(object), version).write(to: &bytes)
            case .object, .table: object.write(apiVersion: self.kind.apiVersion, to: &bytes)
            }
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    private static func metadata(of page: ListPage) -> JSON {
        var metadata: JSON = ["resourceVersion": .string("\(page.revision)")]
        if let token = page.continueToken { metadata["continue"] = .string(token) }
        if let remaining = page.remaining, page.continueToken != nil {
            metadata["remainingItemCount"] = .integer(remaining)
        }
        return metadata
    }

    /// A table (meta.k8s.io Table) with a row for each object.
    func table(_ objects: [VersionedObject], listMetadata: JSON) -> JSON {
        guard case .table(let version, let includes) = form else { return .emptyObject }
        let nowSeconds = now()
        let rows = objects.map { object -> JSON in
            let parsed = parsed(object)
            let name = parsed["metadata"]["name"] ?? ""
            let cells = [name] + kind.columns.map { $0.cell(parsed, nowSeconds) }
            var row: JSON = ["cells": .array(cells)]
            switch includes {
            case .none: break
            case .metadata: row["object"] = Self.partial(parsed, version)
            case .object: row["object"] = parsed
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": listMetadata,
            "columnDefinitions": showsColumns ? .array(columnDefinitions) : .null,
            "rows": .array(rows),
        ]
    }

    private var columnDefinitions: [JSON] {
        let name: JSON = [
            "name": "Name", "type": "string", "format": "name",
            "description": "Name must be unique within a namespace.", "priority": 0,
        ]
        return [name]
            + kind.columns.map { column in
                [
                    "name": .string(column.name), "type": .string(column.type), "format": "",
                    "description": .string(column.summary),
                    "priority": .integer(Int64(column.priority)),
                ]
            }
    }
}
