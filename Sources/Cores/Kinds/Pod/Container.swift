import ResourceModel

extension ObjectSchema {
    static let container = ObjectSchema(
        "io.k8s.api.core.v1.Container", "A process that a pod runs, and what it needs.",
        [
            Field(1, "name", .text, "Its name, unique within the pod.", isRequired: true),
            Field(2, "image", .text, "The image that it is made from."),
            Field(3, "command", .list(.text), "What is run instead of the image's entry point."),
            Field(4, "args", .list(.text), "The arguments of the command."),
            Field(5, "workingDir", .text, "The folder in which it starts."),
            Field(
                6, "ports", .list(.object(.containerPort), keys: ["containerPort", "protocol"],
                mergeKey: "containerPort"),
                "The ports that it listens on."),
            Field(
                19, "envFrom", .list(.object(.envFromSource)),
                "Objects whose entries become variables of its environment."),
            Field(
                7, "env", .list(.object(.envVar), keys: ["name"], mergeKey: "name"),
                "Variables of its environment."),
            Field(
                8, "resources", .object(.resourceRequirements),
                "What it needs and may use at most.", default: [:]),
            Field(
                23, "resizePolicy", .list(.object(.containerResizePolicy)),
                "What happens to it when its resources are changed."),
            Field(
                24, "restartPolicy", .text,
                "Always makes an init container run beside the others.").keepingZero,
            Field(
                9, "volumeMounts", .list(.object(.volumeMount), keys: ["mountPath"],
                mergeKey: "mountPath"),
                "Where the pod's volumes appear in it."),
            Field(
                21, "volumeDevices", .list(.object(.volumeDevice), keys: ["devicePath"],
                mergeKey: "devicePath"),
                "Where raw volumes appear in it."),
            Field(10, "livenessProbe", .object(.probe), "Tells whether it must be restarted."),
            Field(11, "readinessProbe", .object(.probe), "Tells whether it can serve."),
            Field(
                22, "startupProbe", .object(.probe),
                "Tells whether it has started; the other probes wait for it."),
            Field(
                12, "lifecycle", .object(.lifecycle),
                "What is done after it starts and before it ends."),
            Field(
                13, "terminationMessagePath", .text,
                "The file from which its last words are read.", default: "/dev/termination-log"),
            Field(
                20, "terminationMessagePolicy", .oneOf("FallbackToLogsOnError", "File"),
                "Where its last words come from.", default: "File"),
            Field(
                14, "imagePullPolicy", .oneOf("Always", "IfNotPresent", "Never"),
                "When its image is fetched."),
            Field(15, "securityContext", .object(.securityContext), "Its security settings."),
            Field(16, "stdin", .boolean, "Whether it keeps an open standard input."),
            Field(
                17, "stdinOnce", .boolean,
                "Whether the standard input closes after the first client."),
            Field(18, "tty", .boolean, "Whether it gets a terminal; needs `stdin`."),
        ])

    static let containerPort = ObjectSchema(
        "io.k8s.api.core.v1.ContainerPort", "A port on which a container listens.",
        [
            Field(1, "name", .text, "Its name, by which services may refer to it."),
            Field(2, "hostPort", .int32, "The port of the node that leads to it."),
            Field(3, "containerPort", .int32, "The port itself.", isRequired: true),
            Field(4, "protocol", .oneOf("SCTP", "TCP", "UDP"), "Its protocol.", default: "TCP"),
            Field(5, "hostIP", .text, "The node's address to which `hostPort` is bound."),
        ])

    static let resourceRequirements = ObjectSchema(
        "io.k8s.api.core.v1.ResourceRequirements", "What is needed, and the most that may be used.",
        [
            Field(1, "limits", .map(of: .quantity), "The most that may be used."),
            Field(2, "requests", .map(of: .quantity), "What is needed."),
            Field(
                3, "claims", .list(.object(.resourceClaim), keys: ["name"]),
                "Claims of the pod that are used."),
        ])

    static let resourceClaim = ObjectSchema(
        "io.k8s.api.core.v1.ResourceClaim", "A use of one of the pod's claims.",
        [
            Field(1, "name", .text, "The claim's name in the pod.", isRequired: true),
            Field(2, "request", .text, "The request of the claim that is meant."),
        ])

    static let containerResizePolicy = ObjectSchema(
        "io.k8s.api.core.v1.ContainerResizePolicy",
        "What a change of a resource does to a container.",
        [
            Field(1, "resourceName", .text, "The resource.", isRequired: true),
            Field(
                2, "restartPolicy", .oneOf("NotRequired", "RestartContainer"),
                "Whether the container is started again.", isRequired: true),
        ])

    static let volumeMount = ObjectSchema(
        "io.k8s.api.core.v1.VolumeMount", "A volume inside a container.",
        [
            Field(1, "name", .text, "The volume's name.", isRequired: true),
            Field(2, "readOnly", .boolean, "Whether it cannot be written to."),
            Field(
                7, "recursiveReadOnly", .text,
                "Whether what is mounted in it cannot be written to either.").keepingZero,
            Field(3, "mountPath", .text, "Where it appears.", isRequired: true),
            Field(4, "subPath", .text, "The part of the volume that appears."),
            Field(
                5, "mountPropagation", .text,
                "Whether later mounts show on the other side.").keepingZero,
            Field(
                6, "subPathExpr", .text, "As `subPath`, with variables of the environment in it."),
        ])

    static let volumeDevice = ObjectSchema(
        "io.k8s.api.core.v1.VolumeDevice", "A raw volume inside a container.",
        [
            Field(1, "name", .text, "The name of the volume.", isRequired: true),
            Field(2, "devicePath", .text, "The device's path.", isRequired: true),
        ])
}
