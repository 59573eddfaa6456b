import ResourceModel

extension ObjectSchema {
    static let volume = ObjectSchema(
        "io.k8s.api.core.v1.Volume",
        "Storage that containers of a pod may mount; one source, or an empty folder.",
        [
            Field(1, "name", .text, "Its name, unique within the pod.", isRequired: true),
            Field(
                1, "hostPath", .object(.hostPathVolumeSource), "A path of the node.").nested(in: 2),
            Field(
                2, "emptyDir", .object(.emptyDirVolumeSource),
                "A folder that lives as long as the pod.").nested(in: 2),
            Field(
                6, "secret", .object(.secretVolumeSource),
                "The entries of a secret as files.").nested(in: 2),
            Field(7, "nfs", .object(.nfsVolumeSource), "A share of an NFS server.").nested(in: 2),
            Field(
                10, "persistentVolumeClaim", .object(.persistentVolumeClaimVolumeSource),
                "A claim in the same namespace.").nested(in: 2),
            Field(
                16, "downwardAPI", .object(.downwardAPIVolumeSource),
                "Fields of the pod as files.").nested(in: 2),
            Field(
                19, "configMap", .object(.configMapVolumeSource),
                "The entries of a config map as files.").nested(in: 2),
            Field(
                26, "projected", .object(.projectedVolumeSource),
                "Several sources in one folder.").nested(in: 2),
            Field(28, "csi", .object(.csiVolumeSource), "A volume of a CSI driver.").nested(in: 2),
            Field(
                29, "ephemeral", .object(.ephemeralVolumeSource),
                "A claim that is made for the pod and goes with it.").nested(in: 2),
            Field(30, "image", .object(.imageVolumeSource), "The files of an image.").nested(in: 2),
        ])

    static let hostPathVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.HostPathVolumeSource", "A path of the node.",
        [
            Field(1, "path", .text, "The path.", isRequired: true),
            Field(
                2, "type", .oneOf("", "BlockDevice", "CharDevice", "Directory",
                "DirectoryOrCreate", "File", "FileOrCreate", "Socket"),
                "What must be there.", default: "").keepingZero,
        ])

    static let emptyDirVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.EmptyDirVolumeSource", "A folder that lives as long as the pod.",
        [
            Field(1, "medium", .text, "Where it is kept: empty for disk, or Memory."),
            Field(2, "sizeLimit", .quantity, "How large it may grow."),
        ])

    static let secretVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.SecretVolumeSource", "The entries of a secret as files.",
        [
            Field(1, "secretName", .text, "The secret's name."),
            Field(
                2, "items", .list(.object(.keyToPath)),
                "Which entries appear, and where; all if left out."),
            Field(3, "defaultMode", .int32, "The mode of the files.", default: 420).keepingZero,
            Field(
                4, "optional", .boolean,
                "Whether the secret or its entries may be absent.").keepingZero,
        ])

    static let configMapVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.ConfigMapVolumeSource", "The entries of a config map as files.",
        [
            Field(1, "name", .text, "The config map's name.", default: "").nested(in: 1),
            Field(
                2, "items", .list(.object(.keyToPath)),
                "Which entries appear, and where; all if left out."),
            Field(3, "defaultMode", .int32, "The mode of the files.", default: 420).keepingZero,
            Field(
                4, "optional", .boolean,
                "Whether the config map or its entries may be absent.").keepingZero,
        ])

    static let keyToPath = ObjectSchema(
        "io.k8s.api.core.v1.KeyToPath", "An entry and the file that it becomes.",
        [
            Field(1, "key", .text, "The entry.", isRequired: true),
            Field(2, "path", .text, "The file's path, relative to the mount.", isRequired: true),
            Field(3, "mode", .int32, "The file's mode.").keepingZero,
        ])

    static let nfsVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.NFSVolumeSource", "A share of an NFS server.",
        [
            Field(1, "server", .text, "The server.", isRequired: true),
            Field(2, "path", .text, "The path that it exports.", isRequired: true),
            Field(3, "readOnly", .boolean, "Whether it cannot be written to."),
        ])

    static let persistentVolumeClaimVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource", "A claim in the same namespace.",
        [
            Field(1, "claimName", .text, "Its name.", isRequired: true),
            Field(2, "readOnly", .boolean, "Whether it cannot be written to."),
        ])

    static let downwardAPIVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.DownwardAPIVolumeSource", "Fields of the pod as files.",
        [
            Field(1, "items", .list(.object(.downwardAPIVolumeFile)), "The files."),
            Field(2, "defaultMode", .int32, "The mode of the files.", default: 420).keepingZero,
        ])

    static let downwardAPIVolumeFile = ObjectSchema(
        "io.k8s.api.core.v1.DownwardAPIVolumeFile", "A file with a field of the pod.",
        [
            Field(1, "path", .text, "The file's path, relative to the mount.", isRequired: true),
            Field(2, "fieldRef", .object(.objectFieldSelector), "The field of the pod."),
            Field(
                3, "resourceFieldRef", .object(.resourceFieldSelector),
                "The resource of a container."),
            Field(4, "mode", .int32, "The file's mode.").keepingZero,
        ])

    static let csiVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.CSIVolumeSource", "A volume of a CSI driver.",
        [
            Field(1, "driver", .text, "The driver.", isRequired: true),
            Field(2, "readOnly", .boolean, "Whether it cannot be written to.").keepingZero,
            Field(3, "fsType", .text, "Its file system.").keepingZero,
            Field(4, "volumeAttributes", .map(of: .text), "What the driver needs to know."),
            Field(
                5, "nodePublishSecretRef", .object(.localObjectReference),
                "A secret for the driver."),
        ])

    static let imageVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.ImageVolumeSource", "The files of an image.",
        [
            Field(1, "reference", .text, "The image."),
            Field(
                2, "pullPolicy", .oneOf("Always", "IfNotPresent", "Never"), "When it is fetched."),
        ])
}
