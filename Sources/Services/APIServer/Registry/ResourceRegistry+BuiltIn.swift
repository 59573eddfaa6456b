internal import Kinds
internal import Primitives
internal import ResourceModel

extension ResourceRegistry {
    /// Serves the kinds that are built in.
    static func builtIn() -> ResourceRegistry {
        let table = SchemaTable(BuiltInKinds.schemas.mapValues { .object($0) })
        var resources = BuiltInKinds.all.map { ServedResource($0, table: table) }
        for kind in BuiltInKinds.virtual where APIService.reviewGroups.contains(kind.group) {
            var resource = ServedResource(
                KindDefinition(
                    group: kind.group, version: kind.version, kind: kind.kind,
                    resource: kind.kind.lowercased() + "s", isNamespaced: false,
                    schema: kind.schema, columns: []), table: table)
            resource.isVirtual = true
            resources.append(resource)
        }
        let metadata = KindDefinition.namespace.schema.field("metadata")?.schema
        return ResourceRegistry(
            builtIn: resources, metadataSchema: metadata ?? .any(preservesUnknown: true),
            table: table)
    }
}
