import ResourceModel

extension ObjectSchema {
    static let podTemplateSpec = ObjectSchema(
        "io.k8s.api.core.v1.PodTemplateSpec", "The pods that a workload makes.",
        [
            Field(1, "metadata", .object(.objectMeta), "Labels and annotations of each pod."),
            Field(2, "spec", .object(.podSpec), "What each pod is to run."),
        ])

    static let podSpec = ObjectSchema(
        "io.k8s.api.core.v1.PodSpec", "What a pod is to run, where and how.",
        [
            Field(
                1, "volumes", .list(.object(.volume), keys: ["name"], mergeKey: "name",
                retainsKeys: true),
                "Storage that its containers may mount.", isNullable: true),
            Field(
                20, "initContainers", .list(.object(.container), keys: ["name"], mergeKey: "name"),
                "Containers that run in order, each to its end, before the others start."),
            Field(
                2, "containers", .list(.object(.container), keys: ["name"], mergeKey: "name"),
                "What the pod runs; at least one.", isRequired: true),
            Field(
                34, "ephemeralContainers", .list(.object(.ephemeralContainer), keys: ["name"],
                mergeKey: "name"),
                "Containers added to a running pod to look into it."),
            Field(
                3, "restartPolicy", .oneOf("Always", "Never", "OnFailure"),
                "When its containers are started again.", default: "Always"),
            Field(
                4, "terminationGracePeriodSeconds", .int64,
                "How long its processes may take to end before they are killed.",
                default: 30).keepingZero,
            Field(
                5, "activeDeadlineSeconds", .int64,
                "How long it may be active before it is ended as failed.").keepingZero,
            Field(
                6, "dnsPolicy", .oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default",
                "None"),
                "Where its containers look names up.", default: "ClusterFirst"),
            Field(7, "nodeSelector", .atomicMap(of: .text), "Labels that its node must have."),
            Field(8, "serviceAccountName", .text, "The service account as which it runs."),
            Field(9, "serviceAccount", .text, "The older name of `serviceAccountName`."),
            Field(
                21, "automountServiceAccountToken", .boolean,
                "Whether a token of the service account is mounted.").keepingZero,
            Field(10, "nodeName", .text, "The node that runs it; set once, when it is scheduled."),
            Field(11, "hostNetwork", .boolean, "Whether it uses its node's network."),
            Field(12, "hostPID", .boolean, "Whether it sees its node's processes."),
            Field(
                13, "hostIPC", .boolean,
                "Whether it shares its node's inter-process communication."),
            Field(
                27, "shareProcessNamespace", .boolean,
                "Whether its containers see each other's processes.").keepingZero,
            Field(
                14, "securityContext", .object(.podSecurityContext),
                "Security settings of the whole pod.", default: [:]),
            Field(
                15, "imagePullSecrets", .list(.object(.localObjectReference), keys: ["name"],
                mergeKey: "name"),
                "Secrets with which its images are fetched."),
            Field(16, "hostname", .text, "Its host name; its own name if this is left out."),
            Field(17, "subdomain", .text, "The domain under its namespace's in which it is found."),
            Field(18, "affinity", .object(.affinity), "Rules for choosing its node."),
            Field(
                19, "schedulerName", .text, "Who chooses its node.", default: "default-scheduler"),
            Field(
                22, "tolerations", .list(.object(.toleration)),
                "Taints of nodes that it puts up with."),
            Field(
                23, "hostAliases", .list(.object(.hostAlias), keys: ["ip"], mergeKey: "ip"),
                "Extra lines of its hosts file."),
            Field(24, "priorityClassName", .text, "The name of its priority."),
            Field(
                25, "priority", .int32,
                "Its priority as a number; the higher goes first.").keepingZero,
            Field(
                26, "dnsConfig", .object(.podDNSConfig),
                "Settings for looking names up, added to those of `dnsPolicy`."),
            Field(
                28, "readinessGates", .list(.object(.podReadinessGate)),
                "Extra conditions that must hold for it to be ready."),
            Field(
                29, "runtimeClassName", .text,
                "The class of runtime that is to run it.").keepingZero,
            Field(
                30, "enableServiceLinks", .boolean,
                "Whether services become variables in its environment.").keepingZero,
            Field(
                31, "preemptionPolicy", .oneOf("Never", "PreemptLowerPriority"),
                "Whether it may push out pods of lower priority.").keepingZero,
            Field(
                32, "overhead", .map(of: .quantity),
                "Resources that the pod needs beyond its containers."),
            Field(
                33, "topologySpreadConstraints", .list(.object(.topologySpreadConstraint),
                keys: ["topologyKey", "whenUnsatisfiable"], mergeKey: "topologyKey"),
                "How it and its like are spread over the cluster."),
            Field(
                35, "setHostnameAsFQDN", .boolean,
                "Whether its host name is its full domain name.").keepingZero,
            Field(36, "os", .object(.podOS), "The operating system that it is made for."),
            Field(
                37, "hostUsers", .boolean,
                "Whether it uses its node's user identifiers.").keepingZero,
            Field(
                38, "schedulingGates", .list(.object(.podSchedulingGate), keys: ["name"],
                mergeKey: "name"),
                "What must be cleared before it is scheduled."),
            Field(
                39, "resourceClaims", .list(.object(.podResourceClaim), keys: ["name"],
                mergeKey: "name", retainsKeys: true),
                "Claims of devices that its containers share."),
            Field(
                40, "resources", .object(.resourceRequirements),
                "Resources of the pod as a whole."),
        ])

    static let podSecurityContext = ObjectSchema(
        "io.k8s.api.core.v1.PodSecurityContext",
        "Security settings that hold for all containers of a pod.",
        [
            Field(1, "seLinuxOptions", .object(.seLinuxOptions), "The SELinux context."),
            Field(8, "windowsOptions", .object(.windowsOptions), "Settings for Windows."),
            Field(2, "runAsUser", .int64, "The user identifier of the processes.").keepingZero,
            Field(6, "runAsGroup", .int64, "The group identifier of the processes.").keepingZero,
            Field(3, "runAsNonRoot", .boolean, "Whether running as root is refused.").keepingZero,
            Field(4, "supplementalGroups", .list(.int64), "Further groups of the processes."),
            Field(
                12, "supplementalGroupsPolicy", .oneOf("Merge", "Strict"),
                "How the further groups are found.").keepingZero,
            Field(5, "fsGroup", .int64, "The group that owns the mounted volumes.").keepingZero,
            Field(7, "sysctls", .list(.object(.sysctl)), "Kernel settings of the pod."),
            Field(
                9, "fsGroupChangePolicy", .oneOf("Always", "OnRootMismatch"),
                "When the owner of a volume's files is changed.").keepingZero,
            Field(10, "seccompProfile", .object(.seccompProfile), "The filter of system calls."),
            Field(11, "appArmorProfile", .object(.appArmorProfile), "The AppArmor profile."),
            Field(
                13, "seLinuxChangePolicy", .text,
                "How the SELinux label reaches the volumes.").keepingZero,
        ])

    static let sysctl = ObjectSchema(
        "io.k8s.api.core.v1.Sysctl", "One kernel setting.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
            Field(2, "value", .text, "Its value.", isRequired: true),
        ])

    static let hostAlias = ObjectSchema(
        "io.k8s.api.core.v1.HostAlias", "A line of the hosts file.",
        [
            Field(1, "ip", .text, "The address.", isRequired: true),
            Field(2, "hostnames", .list(.text), "The names for it."),
        ])

    static let podDNSConfig = ObjectSchema(
        "io.k8s.api.core.v1.PodDNSConfig", "How names are looked up.",
        [
            Field(1, "nameservers", .list(.text), "Addresses of name servers."),
            Field(2, "searches", .list(.text), "Domains in which short names are looked for."),
            Field(3, "options", .list(.object(.podDNSConfigOption)), "Further options."),
        ])

    static let podDNSConfigOption = ObjectSchema(
        "io.k8s.api.core.v1.PodDNSConfigOption", "An option of name look-ups.",
        [
            Field(1, "name", .text, "Its name."),
            Field(2, "value", .text, "Its value.").keepingZero,
        ])

    static let podReadinessGate = ObjectSchema(
        "io.k8s.api.core.v1.PodReadinessGate",
        "A condition that must be true for the pod to be ready.",
        [
            Field(1, "conditionType", .text, "The condition's type.", isRequired: true),
        ])

    static let podOS = ObjectSchema(
        "io.k8s.api.core.v1.PodOS", "An operating system.",
        [
            Field(1, "name", .text, "Its name: linux or windows.", isRequired: true),
        ])

    static let podSchedulingGate = ObjectSchema(
        "io.k8s.api.core.v1.PodSchedulingGate", "Something that holds back scheduling.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
        ])

    static let podResourceClaim = ObjectSchema(
        "io.k8s.api.core.v1.PodResourceClaim", "A claim of devices made by a pod.",
        [
            Field(1, "name", .text, "The name by which containers refer to it.", isRequired: true),
            Field(3, "resourceClaimName", .text, "An existing claim.").keepingZero,
            Field(
                4, "resourceClaimTemplateName", .text,
                "The template from which a claim is made.").keepingZero,
        ])
}
