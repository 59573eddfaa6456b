import ResourceModel

extension ObjectSchema {
    static let containerStatus = ObjectSchema(
        "io.k8s.api.core.v1.ContainerStatus", "A container as last observed.",
        [
            Field(1, "name", .text, "The container's name.", isRequired: true),
            Field(2, "state", .object(.containerState), "What it does now.", default: [:]),
            Field(
                3, "lastState", .object(.containerState),
                "What it did before it was last started again.", default: [:]),
            Field(4, "ready", .boolean, "Whether it can serve.", isRequired: true),
            Field(5, "restartCount", .int32, "How often it was started again.", isRequired: true),
            Field(6, "image", .text, "The image that it runs.", isRequired: true),
            Field(7, "imageID", .text, "The image's digest.", isRequired: true),
            Field(8, "containerID", .text, "The runtime's identifier of it."),
            Field(9, "started", .boolean, "Whether it has passed its startup probe.").keepingZero,
            Field(10, "allocatedResources", .map(of: .quantity), "What was allocated."),
            Field(11, "resources", .object(.resourceRequirements), "What is in force."),
            Field(
                12, "volumeMounts", .list(.object(.volumeMountStatus), keys: ["mountPath"],
                mergeKey: "mountPath"),
                "Its mounts."),
            Field(13, "user", .object(.containerUser), "The user as whom it runs."),
            Field(
                14, "allocatedResourcesStatus", .list(.object(.resourceStatus), keys: ["name"],
                mergeKey: "name"),
                "The health of its devices."),
            Field(15, "stopSignal", .text, "The signal that tells it to end.").keepingZero,
        ])

    static let containerState = ObjectSchema(
        "io.k8s.api.core.v1.ContainerState", "What a container does; one of these.",
        [
            Field(1, "waiting", .object(.containerStateWaiting), "It has not started."),
            Field(2, "running", .object(.containerStateRunning), "It runs."),
            Field(3, "terminated", .object(.containerStateTerminated), "It has ended."),
        ])

    static let containerStateWaiting = ObjectSchema(
        "io.k8s.api.core.v1.ContainerStateWaiting", "A container that has not started.",
        [
            Field(1, "reason", .text, "Why, in one word."),
            Field(2, "message", .text, "Why, for people."),
        ])

    static let containerStateRunning = ObjectSchema(
        "io.k8s.api.core.v1.ContainerStateRunning", "A container that runs.",
        [
            Field(1, "startedAt", .time(isMicro: false), "Since when.", isNullable: true),
        ])

    static let containerStateTerminated = ObjectSchema(
        "io.k8s.api.core.v1.ContainerStateTerminated", "A container that has ended.",
        [
            Field(1, "exitCode", .int32, "Its exit status.", isRequired: true),
            Field(2, "signal", .int32, "The signal that ended it."),
            Field(3, "reason", .text, "Why, in one word."),
            Field(4, "message", .text, "Why, for people."),
            Field(5, "startedAt", .time(isMicro: false), "When it started.", isNullable: true),
            Field(6, "finishedAt", .time(isMicro: false), "When it ended.", isNullable: true),
            Field(7, "containerID", .text, "The runtime's identifier of it."),
        ])

    static let volumeMountStatus = ObjectSchema(
        "io.k8s.api.core.v1.VolumeMountStatus", "A mount as it is.",
        [
            Field(1, "name", .text, "The volume's name.", isRequired: true),
            Field(2, "mountPath", .text, "Where it appears.", isRequired: true),
            Field(3, "readOnly", .boolean, "Whether it cannot be written to."),
            Field(
                4, "recursiveReadOnly", .text,
                "Whether what is mounted in it cannot be written to either.").keepingZero,
        ])

    static let containerUser = ObjectSchema(
        "io.k8s.api.core.v1.ContainerUser", "The user as whom a container runs.",
        [
            Field(1, "linux", .object(.linuxContainerUser), "Its identifiers on Linux."),
        ])

    static let linuxContainerUser = ObjectSchema(
        "io.k8s.api.core.v1.LinuxContainerUser", "The identifiers of a user.",
        [
            Field(1, "uid", .int64, "The user's.", isRequired: true),
            Field(2, "gid", .int64, "The group's.", isRequired: true),
            Field(3, "supplementalGroups", .list(.int64), "Those of further groups."),
        ])

    static let resourceStatus = ObjectSchema(
        "io.k8s.api.core.v1.ResourceStatus", "The health of a container's devices.",
        [
            Field(1, "name", .text, "The resource.", isRequired: true),
            Field(
                2, "resources", .list(.object(.resourceHealth), keys: ["resourceID"]),
                "The devices."),
        ])

    static let resourceHealth = ObjectSchema(
        "io.k8s.api.core.v1.ResourceHealth", "The health of a device.",
        [
            Field(1, "resourceID", .text, "The device.", isRequired: true),
            Field(2, "health", .text, "Healthy, Unhealthy or Unknown."),
        ])
}
