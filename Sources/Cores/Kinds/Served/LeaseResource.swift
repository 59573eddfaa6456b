package import ResourceModel

extension KindDefinition {
    /// Who holds something, and until when: how leaders are elected.
    package static let leaseResource = KindDefinition(
        group: "coordination.k8s.io", version: "v1", kind: "Lease", resource: "leases",
        schema: .lease,
        columns: [.text("Holder", at: "spec.holderIdentity", "Who holds it."), .age],
        strategy: Strategy(
            validate: { object, _ in
                Findings.collect { findings in
                    let seconds = object.value(at: "spec.leaseDurationSeconds")
                    if let number = seconds.integerValue, number <= 0 {
                        findings.invalid(
                            "spec.leaseDurationSeconds", seconds, "must be greater than 0")
                    }
                    findings.notNegative(
                        "spec.leaseTransitions", object.value(at: "spec.leaseTransitions"))
                }
            },
            allowsCreateOnUpdate: true, allowsUnconditionalUpdate: false))
}

extension ObjectSchema {
    static let lease = resource(
        "io.k8s.api.coordination.v1.Lease", "Who holds something, and until when.",
        [
            Field(2, "spec", .object(.leaseSpec), "The holder and the times."),
        ])

    static let leaseSpec = ObjectSchema(
        "io.k8s.api.coordination.v1.LeaseSpec", "Who holds a lease, and until when.",
        [
            Field(1, "holderIdentity", .text, "Who holds it.").keepingZero,
            Field(
                2, "leaseDurationSeconds", .int32,
                "How long it is held after a renewal.").keepingZero,
            Field(3, "acquireTime", .time(isMicro: true), "When it was taken."),
            Field(4, "renewTime", .time(isMicro: true), "When it was last renewed."),
            Field(5, "leaseTransitions", .int32, "How often it changed hands.").keepingZero,
            Field(6, "strategy", .text, "How the next holder is chosen.").keepingZero,
            Field(7, "preferredHolder", .text, "Who should take it next.").keepingZero,
        ])
}
