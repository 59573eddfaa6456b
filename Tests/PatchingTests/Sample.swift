import Patching
import ResourceModel

/// A kind with one list and map of each sort.
enum Sample {
    private static let port = ObjectSchema(
        "io.k8s.api.core.v1.ContainerPort", "A port.",
        [
            Field(1, "name", .string(StringRules()), "Name."),
            Field(3, "containerPort", .integer(IntegerRules()), "Port.", isRequired: true),
            Field(4, "protocol", .string(StringRules()), "Protocol.", default: "TCP"),
        ])
    private static let container = ObjectSchema(
        "io.k8s.api.core.v1.Container", "A container.",
        [
            Field(1, "name", .string(StringRules()), "Name.", isRequired: true),
            Field(2, "image", .string(StringRules()), "Image."),
            Field(4, "args", .array(ListSchema(of: .string(StringRules()))), "Arguments."),
            Field(
                6, "ports",
                .array(
                    ListSchema(
                        of: .object(port), .map(keys: ["containerPort", "protocol"]),
                        patchMergeKey: "containerPort")), "Ports."),
        ])
    private static let texts = Schema.map(MapSchema(of: .string(StringRules())))
    static let schema = ObjectSchema(
        "io.k8s.api.apps.v1.Deployment", "A deployment.",
        [
            Field(0, "apiVersion", .string(StringRules()), "Version."),
            Field(0, "kind", .string(StringRules()), "Kind."),
            Field(
                1, "metadata",
                .object(
                    ObjectSchema(
                        "ObjectMeta", "Metadata.",
                        [
                            Field(1, "name", .string(StringRules()), "Name."),
                            Field(11, "labels", texts, "Labels."),
                            Field(12, "annotations", texts, "Annotations."),
                            Field(
                                14, "finalizers",
                                .array(
                                    ListSchema(
                                        of: .string(StringRules()), .set, patchMergeKey: "")),
                                "Finalizers."),
                        ])), "Metadata."),
            Field(
                2, "spec",
                .object(
                    ObjectSchema(
                        "io.k8s.api.apps.v1.DeploymentSpec", "Spec.",
                        [
                            Field(1, "replicas", .integer(IntegerRules()), "Replicas."),
                            Field(2, "paused", .boolean, "Paused."),
                            Field(
                                3, "selector",
                                .map(MapSchema(of: .string(StringRules()), isAtomic: true)),
                                "Selector."),
                            Field(
                                4, "strategy",
                                .object(
                                    ObjectSchema(
                                        "Strategy", "Strategy.",
                                        [
                                            Field(1, "type", .string(StringRules()), "Type."),
                                            Field(2, "surge", .integerOrString, "Surge."),
                                        ])), "Strategy."),
                            Field(
                                5, "containers",
                                .array(
                                    ListSchema(
                                        of: .object(container), .map(keys: ["name"]),
                                        patchMergeKey: "name")), "Containers."),
                        ])), "Spec."),
            Field(
                3, "status",
                .object(
                    ObjectSchema(
                        "Status", "Status.",
                        [Field(1, "replicas", .integer(IntegerRules()), "Replicas.")])),
                "Status."),
        ])

    static let ownership = Ownership(ObjectShape(schema))

    static func json(_ text: String) throws -> JSON { try JSON(parsing: text) }
}
