import ResourceModel

extension ObjectSchema {
    static let envVar = ObjectSchema(
        "io.k8s.api.core.v1.EnvVar", "A variable of a container's environment.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
            Field(2, "value", .text, "Its value, in which `$(OTHER)` stands for another variable."),
            Field(3, "valueFrom", .object(.envVarSource), "Where its value comes from instead."),
        ])

    static let envVarSource = ObjectSchema(
        "io.k8s.api.core.v1.EnvVarSource", "Where a variable's value comes from; one of these.",
        [
            Field(1, "fieldRef", .object(.objectFieldSelector), "A field of the pod."),
            Field(
                2, "resourceFieldRef", .object(.resourceFieldSelector),
                "A resource of a container."),
            Field(3, "configMapKeyRef", .object(.configMapKeySelector), "A key of a config map."),
            Field(4, "secretKeyRef", .object(.secretKeySelector), "A key of a secret."),
        ])

    static let objectFieldSelector = ObjectSchema(
        "io.k8s.api.core.v1.ObjectFieldSelector", "A field of the pod.", isAtomic: true,
        [
            Field(
                1, "apiVersion", .text, "The version in which the field is named.", default: "v1"),
            Field(2, "fieldPath", .text, "The field, as in `metadata.name`.", isRequired: true),
        ])

    static let resourceFieldSelector = ObjectSchema(
        "io.k8s.api.core.v1.ResourceFieldSelector", "A resource of a container.", isAtomic: true,
        [
            Field(1, "containerName", .text, "The container; needed in volumes."),
            Field(2, "resource", .text, "The resource, as in `limits.cpu`.", isRequired: true),
            Field(3, "divisor", .quantity, "The unit of the answer."),
        ])

    static let configMapKeySelector = ObjectSchema(
        "io.k8s.api.core.v1.ConfigMapKeySelector", "A key of a config map.", isAtomic: true,
        [
            Field(1, "name", .text, "The config map's name.", default: "").nested(in: 1),
            Field(2, "key", .text, "The key.", isRequired: true),
            Field(
                3, "optional", .boolean,
                "Whether the config map or the key may be absent.").keepingZero,
        ])

    static let secretKeySelector = ObjectSchema(
        "io.k8s.api.core.v1.SecretKeySelector", "A key of a secret.", isAtomic: true,
        [
            Field(1, "name", .text, "The secret's name.", default: "").nested(in: 1),
            Field(2, "key", .text, "The key.", isRequired: true),
            Field(
                3, "optional", .boolean,
                "Whether the secret or the key may be absent.").keepingZero,
        ])

    static let envFromSource = ObjectSchema(
        "io.k8s.api.core.v1.EnvFromSource", "An object whose entries become variables.",
        [
            Field(1, "prefix", .text, "What is put before each name."),
            Field(2, "configMapRef", .object(.configMapEnvSource), "The config map."),
            Field(3, "secretRef", .object(.secretEnvSource), "The secret."),
        ])

    static let configMapEnvSource = ObjectSchema(
        "io.k8s.api.core.v1.ConfigMapEnvSource", "A config map whose entries become variables.",
        [
            Field(1, "name", .text, "Its name.", default: "").nested(in: 1),
            Field(2, "optional", .boolean, "Whether it may be absent.").keepingZero,
        ])

    static let secretEnvSource = ObjectSchema(
        "io.k8s.api.core.v1.SecretEnvSource", "A secret whose entries become variables.",
        [
            Field(1, "name", .text, "Its name.", default: "").nested(in: 1),
            Field(2, "optional", .boolean, "Whether it may be absent.").keepingZero,
        ])
}
