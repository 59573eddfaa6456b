import ResourceModel

extension ObjectSchema {
    static let affinity = ObjectSchema(
        "io.k8s.api.core.v1.Affinity", "Rules for choosing a pod's node.",
        [
            Field(1, "nodeAffinity", .object(.nodeAffinity), "Rules about the node itself."),
            Field(2, "podAffinity", .object(.podAffinity), "Rules about pods that should be near."),
            Field(
                3, "podAntiAffinity", .object(.podAntiAffinity),
                "Rules about pods that should be far."),
        ])

    static let nodeAffinity = ObjectSchema(
        "io.k8s.api.core.v1.NodeAffinity", "Rules about the node itself.",
        [
            Field(
                1, "requiredDuringSchedulingIgnoredDuringExecution", .object(.nodeSelector),
                "What the node must be."),
            Field(
                2, "preferredDuringSchedulingIgnoredDuringExecution",
                .list(.object(.preferredSchedulingTerm)),
                "What the node should rather be."),
        ])

    static let nodeSelector = ObjectSchema(
        "io.k8s.api.core.v1.NodeSelector",
        "Selects nodes; one of its terms must hold.", isAtomic: true,
        [
            Field(
                1, "nodeSelectorTerms", .list(.object(.nodeSelectorTerm)),
                "The terms.", isRequired: true),
        ])

    static let nodeSelectorTerm = ObjectSchema(
        "io.k8s.api.core.v1.NodeSelectorTerm", "Requirements that must all hold.", isAtomic: true,
        [
            Field(
                1, "matchExpressions", .list(.object(.nodeSelectorRequirement)),
                "Requirements on labels."),
            Field(
                2, "matchFields", .list(.object(.nodeSelectorRequirement)),
                "Requirements on fields."),
        ])

    static let nodeSelectorRequirement = ObjectSchema(
        "io.k8s.api.core.v1.NodeSelectorRequirement", "What one label or field must be.",
        [
            Field(1, "key", .text, "Its name.", isRequired: true),
            Field(
                2, "operator", .oneOf("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"),
                "How it is compared.", isRequired: true),
            Field(3, "values", .list(.text), "What it is compared with."),
        ])

    static let preferredSchedulingTerm = ObjectSchema(
        "io.k8s.api.core.v1.PreferredSchedulingTerm", "A wish about the node.",
        [
            Field(1, "weight", .int32, "How much it counts, from 1 to 100.", isRequired: true),
            Field(
                2, "preference", .object(.nodeSelectorTerm),
                "What is wished for.", isRequired: true),
        ])

    static let podAffinity = ObjectSchema(
        "io.k8s.api.core.v1.PodAffinity", "Rules about pods that should be near.",
        [
            Field(
                1, "requiredDuringSchedulingIgnoredDuringExecution",
                .list(.object(.podAffinityTerm)),
                "Pods that must be near."),
            Field(
                2, "preferredDuringSchedulingIgnoredDuringExecution",
                .list(.object(.weightedPodAffinityTerm)),
                "Pods that should rather be near."),
        ])

    static let podAntiAffinity = ObjectSchema(
        "io.k8s.api.core.v1.PodAntiAffinity", "Rules about pods that should be far.",
        [
            Field(
                1, "requiredDuringSchedulingIgnoredDuringExecution",
                .list(.object(.podAffinityTerm)),
                "Pods that must be far."),
            Field(
                2, "preferredDuringSchedulingIgnoredDuringExecution",
                .list(.object(.weightedPodAffinityTerm)),
                "Pods that should rather be far."),
        ])

    static let podAffinityTerm = ObjectSchema(
        "io.k8s.api.core.v1.PodAffinityTerm", "Some pods, and what near means.",
        [
            Field(1, "labelSelector", .object(.labelSelector), "Selects the pods."),
            Field(
                2, "namespaces", .list(.text),
                "Where they are; the pod's own namespace if left out."),
            Field(
                3, "topologyKey", .text,
                "The node label whose equal values mean near.", isRequired: true),
            Field(4, "namespaceSelector", .object(.labelSelector), "Selects further namespaces."),
            Field(
                5, "matchLabelKeys", .list(.text),
                "Labels whose values are taken from the pod itself."),
            Field(
                6, "mismatchLabelKeys", .list(.text),
                "Labels whose values must differ from the pod's own."),
        ])

    static let weightedPodAffinityTerm = ObjectSchema(
        "io.k8s.api.core.v1.WeightedPodAffinityTerm", "A wish about other pods.",
        [
            Field(1, "weight", .int32, "How much it counts, from 1 to 100.", isRequired: true),
            Field(
                2, "podAffinityTerm", .object(.podAffinityTerm),
                "What is wished for.", isRequired: true),
        ])

    static let toleration = ObjectSchema(
        "io.k8s.api.core.v1.Toleration", "Taints of nodes that a pod puts up with.",
        [
            Field(1, "key", .text, "The taint's key; all if left out."),
            Field(2, "operator", .oneOf("Equal", "Exists"), "How the value is compared."),
            Field(3, "value", .text, "The taint's value."),
            Field(
                4, "effect", .oneOf("NoExecute", "NoSchedule", "PreferNoSchedule"),
                "The taint's effect; all if left out."),
            Field(
                5, "tolerationSeconds", .int64,
                "How long a NoExecute taint is put up with.").keepingZero,
        ])

    static let topologySpreadConstraint = ObjectSchema(
        "io.k8s.api.core.v1.TopologySpreadConstraint",
        "How pods of a kind are spread over parts of the cluster.",
        [
            Field(1, "maxSkew", .int32, "How uneven it may be.", isRequired: true),
            Field(
                2, "topologyKey", .text,
                "The node label whose values are the parts.", isRequired: true),
            Field(
                3, "whenUnsatisfiable", .oneOf("DoNotSchedule", "ScheduleAnyway"),
                "What happens when it cannot be kept.", isRequired: true),
            Field(
                4, "labelSelector", .object(.labelSelector), "Selects the pods that are counted."),
            Field(5, "minDomains", .int32, "How many parts there must be at least.").keepingZero,
            Field(
                6, "nodeAffinityPolicy", .oneOf("Honor", "Ignore"),
                "Whether the pod's node rules count.").keepingZero,
            Field(
                7, "nodeTaintsPolicy", .oneOf("Honor", "Ignore"),
                "Whether taints count.").keepingZero,
            Field(
                8, "matchLabelKeys", .list(.text),
                "Labels whose values are taken from the pod itself."),
        ])
}
