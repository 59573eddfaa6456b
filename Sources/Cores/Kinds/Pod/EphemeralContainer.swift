import ResourceModel

extension ObjectSchema {
    static let ephemeralContainer = ObjectSchema(
        "io.k8s.api.core.v1.EphemeralContainer",
        "A container added to a running pod to look into it.",
        [
            Field(
                1, "name", .text,
                "Its name, unique within the pod.", isRequired: true).nested(in: 1),
            Field(2, "image", .text, "The image that it is made from.").nested(in: 1),
            Field(
                3, "command", .list(.text),
                "What is run instead of the image's entry point.").nested(in: 1),
            Field(4, "args", .list(.text), "The arguments of the command.").nested(in: 1),
            Field(5, "workingDir", .text, "The folder in which it starts.").nested(in: 1),
            Field(
                6, "ports", .list(.object(.containerPort), keys: ["containerPort", "protocol"],
                mergeKey: "containerPort"),
                "The ports that it listens on.").nested(in: 1),
            Field(
                19, "envFrom", .list(.object(.envFromSource)),
                "Objects whose entries become variables of its environment.").nested(in: 1),
            Field(
                7, "env", .list(.object(.envVar), keys: ["name"], mergeKey: "name"),
                "Variables of its environment.").nested(in: 1),
            Field(
                8, "resources", .object(.resourceRequirements),
                "What it needs and may use at most.", default: [:]).nested(in: 1),
            Field(
                23, "resizePolicy", .list(.object(.containerResizePolicy)),
                "What happens to it when its resources are changed.").nested(in: 1),
            Field(
                24, "restartPolicy", .text,
                "Always makes an init container run beside the others.").keepingZero.nested(in: 1),
            Field(
                9, "volumeMounts", .list(.object(.volumeMount), keys: ["mountPath"],
                mergeKey: "mountPath"),
                "Where the pod's volumes appear in it.").nested(in: 1),
            Field(
                21, "volumeDevices", .list(.object(.volumeDevice), keys: ["devicePath"],
                mergeKey: "devicePath"),
                "Where raw volumes appear in it.").nested(in: 1),
            Field(
                10, "livenessProbe", .object(.probe),
                "Tells whether it must be restarted.").nested(in: 1),
            Field(
                11, "readinessProbe", .object(.probe), "Tells whether it can serve.").nested(in: 1),
            Field(
                22, "startupProbe", .object(.probe),
                "Tells whether it has started; the other probes wait for it.").nested(in: 1),
            Field(
                12, "lifecycle", .object(.lifecycle),
                "What is done after it starts and before it ends.").nested(in: 1),
            Field(
                13, "terminationMessagePath", .text,
                "The file from which its last words are read.",
                default: "/dev/termination-log").nested(in: 1),
            Field(
                20, "terminationMessagePolicy", .oneOf("FallbackToLogsOnError", "File"),
                "Where its last words come from.", default: "File").nested(in: 1),
            Field(
                14, "imagePullPolicy", .oneOf("Always", "IfNotPresent", "Never"),
                "When its image is fetched.").nested(in: 1),
            Field(
                15, "securityContext", .object(.securityContext),
                "Its security settings.").nested(in: 1),
            Field(16, "stdin", .boolean, "Whether it keeps an open standard input.").nested(in: 1),
            Field(
                17, "stdinOnce", .boolean,
                "Whether the standard input closes after the first client.").nested(in: 1),
            Field(18, "tty", .boolean, "Whether it gets a terminal; needs `stdin`.").nested(in: 1),
            Field(2, "targetContainerName", .text, "The container whose processes it sees."),
        ])
}
