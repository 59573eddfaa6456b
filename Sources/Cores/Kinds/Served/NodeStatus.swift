import ResourceModel

extension ObjectSchema {
    static let nodeStatus = ObjectSchema(
        "io.k8s.api.core.v1.NodeStatus", "A node as last observed.",
        [
            Field(1, "capacity", .map(of: .quantity), "All that it has."),
            Field(2, "allocatable", .map(of: .quantity), "What pods may use of it."),
            Field(3, "phase", .text, "No longer used."),
            Field(
                4, "conditions", .list(.object(.nodeCondition), keys: ["type"], mergeKey: "type"),
                "Its state in single aspects."),
            Field(
                5, "addresses", .list(.object(.nodeAddress), keys: ["type"], mergeKey: "type"),
                "Where it is reached."),
            Field(
                6, "daemonEndpoints", .object(.nodeDaemonEndpoints),
                "Ports of its services.", default: [:]),
            Field(7, "nodeInfo", .object(.nodeSystemInfo), "Its hardware and software."),
            Field(8, "images", .list(.object(.containerImage)), "Images that it has."),
            Field(9, "volumesInUse", .list(.text), "Volumes that it uses."),
            Field(
                10, "volumesAttached", .list(.object(.attachedVolume)),
                "Volumes that are attached to it."),
            Field(
                12, "runtimeHandlers", .list(.object(.nodeRuntimeHandler)),
                "Runtimes that it has."),
            Field(13, "features", .object(.nodeFeatures), "What its runtime can do."),
        ])

    static let nodeCondition = ObjectSchema(
        "io.k8s.api.core.v1.NodeCondition", "One aspect of a node.",
        [
            Field(1, "type", .text, "Which aspect it is, as in Ready.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                3, "lastHeartbeatTime", .time(isMicro: false),
                "When it was last looked at.", isNullable: true),
            Field(
                4, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(5, "reason", .text, "Why it changed, in one word."),
            Field(6, "message", .text, "Why it changed, for people."),
        ])

    static let nodeAddress = ObjectSchema(
        "io.k8s.api.core.v1.NodeAddress", "Where a node is reached.",
        [
            Field(
                1, "type", .text,
                "What kind of address it is, as in InternalIP.", isRequired: true),
            Field(2, "address", .text, "The address.", isRequired: true),
        ])

    static let nodeDaemonEndpoints = ObjectSchema(
        "io.k8s.api.core.v1.NodeDaemonEndpoints", "Ports of a node's services.",
        [
            Field(
                1, "kubeletEndpoint", .object(.daemonEndpoint),
                "The port of its agent.", default: ["Port": 0]),
        ])

    static let daemonEndpoint = ObjectSchema(
        "io.k8s.api.core.v1.DaemonEndpoint", "A port of a service.",
        [
            Field(1, "Port", .int32, "The port.", isRequired: true),
        ])

    static let nodeSystemInfo = ObjectSchema(
        "io.k8s.api.core.v1.NodeSystemInfo", "The hardware and software of a node.",
        [
            Field(1, "machineID", .text, "The machine's identifier.", isRequired: true),
            Field(2, "systemUUID", .text, "The hardware's identifier.", isRequired: true),
            Field(3, "bootID", .text, "Identifies its last start.", isRequired: true),
            Field(4, "kernelVersion", .text, "The kernel's version.", isRequired: true),
            Field(5, "osImage", .text, "The operating system's name.", isRequired: true),
            Field(
                6, "containerRuntimeVersion", .text,
                "The container runtime's version.", isRequired: true),
            Field(7, "kubeletVersion", .text, "The agent's version.", isRequired: true),
            Field(8, "kubeProxyVersion", .text, "No longer used.", isRequired: true),
            Field(
                9, "operatingSystem", .text,
                "The operating system, as in linux.", isRequired: true),
            Field(
                10, "architecture", .text, "The processor's kind, as in amd64.", isRequired: true),
            Field(11, "swap", .object(.nodeSwapStatus), "Its swap space."),
        ])

    static let nodeSwapStatus = ObjectSchema(
        "io.k8s.api.core.v1.NodeSwapStatus", "The swap space of a node.",
        [
            Field(1, "capacity", .int64, "How much there is, in bytes.").keepingZero,
        ])

    static let containerImage = ObjectSchema(
        "io.k8s.api.core.v1.ContainerImage", "An image on a node.",
        [
            Field(1, "names", .list(.text), "Its names."),
            Field(2, "sizeBytes", .int64, "Its size in bytes."),
        ])

    static let attachedVolume = ObjectSchema(
        "io.k8s.api.core.v1.AttachedVolume", "A volume attached to a node.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
            Field(2, "devicePath", .text, "The device's path.", isRequired: true),
        ])

    static let nodeRuntimeHandler = ObjectSchema(
        "io.k8s.api.core.v1.NodeRuntimeHandler", "A runtime that a node has.",
        [
            Field(1, "name", .text, "Its name; empty for the default."),
            Field(2, "features", .object(.nodeRuntimeHandlerFeatures), "What it can do."),
        ])

    static let nodeRuntimeHandlerFeatures = ObjectSchema(
        "io.k8s.api.core.v1.NodeRuntimeHandlerFeatures", "What a runtime can do.",
        [
            Field(
                1, "recursiveReadOnlyMounts", .boolean,
                "Whether it knows recursive read-only mounts.").keepingZero,
            Field(2, "userNamespaces", .boolean, "Whether it knows user namespaces.").keepingZero,
        ])

    static let nodeFeatures = ObjectSchema(
        "io.k8s.api.core.v1.NodeFeatures", "What the runtime of a node can do.",
        [
            Field(
                1, "supplementalGroupsPolicy", .boolean,
                "Whether it knows `supplementalGroupsPolicy`.").keepingZero,
        ])
}
