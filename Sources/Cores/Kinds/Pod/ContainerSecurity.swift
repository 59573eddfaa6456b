import ResourceModel

extension ObjectSchema {
    static let securityContext = ObjectSchema(
        "io.k8s.api.core.v1.SecurityContext",
        "Security settings of one container; they outrank the pod's.",
        [
            Field(
                1, "capabilities", .object(.capabilities),
                "Capabilities that are added or taken away."),
            Field(
                2, "privileged", .boolean,
                "Whether it has the rights of root on its node.").keepingZero,
            Field(3, "seLinuxOptions", .object(.seLinuxOptions), "The SELinux context."),
            Field(10, "windowsOptions", .object(.windowsOptions), "Settings for Windows."),
            Field(4, "runAsUser", .int64, "The user identifier of its processes.").keepingZero,
            Field(8, "runAsGroup", .int64, "The group identifier of its processes.").keepingZero,
            Field(5, "runAsNonRoot", .boolean, "Whether running as root is refused.").keepingZero,
            Field(
                6, "readOnlyRootFilesystem", .boolean,
                "Whether its root file system cannot be written to.").keepingZero,
            Field(
                7, "allowPrivilegeEscalation", .boolean,
                "Whether a process may gain more rights than its parent.").keepingZero,
            Field(9, "procMount", .text, "How much of /proc it sees.").keepingZero,
            Field(11, "seccompProfile", .object(.seccompProfile), "The filter of system calls."),
            Field(12, "appArmorProfile", .object(.appArmorProfile), "The AppArmor profile."),
        ])

    static let capabilities = ObjectSchema(
        "io.k8s.api.core.v1.Capabilities", "Capabilities of processes.",
        [
            Field(1, "add", .list(.text), "Those added."),
            Field(2, "drop", .list(.text), "Those taken away."),
        ])

    static let seLinuxOptions = ObjectSchema(
        "io.k8s.api.core.v1.SELinuxOptions", "An SELinux context.",
        [
            Field(1, "user", .text, "Its user."),
            Field(2, "role", .text, "Its role."),
            Field(3, "type", .text, "Its type."),
            Field(4, "level", .text, "Its level."),
        ])

    static let windowsOptions = ObjectSchema(
        "io.k8s.api.core.v1.WindowsSecurityContextOptions", "Security settings for Windows.",
        [
            Field(
                1, "gmsaCredentialSpecName", .text,
                "The name of the managed account's specification.").keepingZero,
            Field(2, "gmsaCredentialSpec", .text, "The specification itself.").keepingZero,
            Field(3, "runAsUserName", .text, "The user as which processes run.").keepingZero,
            Field(
                4, "hostProcess", .boolean,
                "Whether it runs as a process of the host.").keepingZero,
        ])

    static let seccompProfile = ObjectSchema(
        "io.k8s.api.core.v1.SeccompProfile", "A filter of system calls.",
        [
            Field(
                1, "type", .oneOf("Localhost", "RuntimeDefault", "Unconfined"),
                "Which kind of profile it is.", isRequired: true),
            Field(
                2, "localhostProfile", .text,
                "The profile's file on the node, for Localhost.").keepingZero,
        ])

    static let appArmorProfile = ObjectSchema(
        "io.k8s.api.core.v1.AppArmorProfile", "An AppArmor profile.",
        [
            Field(
                1, "type", .oneOf("Localhost", "RuntimeDefault", "Unconfined"),
                "Which kind of profile it is.", isRequired: true),
            Field(
                2, "localhostProfile", .text,
                "The profile's name on the node, for Localhost.").keepingZero,
        ])
}
