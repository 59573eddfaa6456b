import ResourceModel

extension Describer {
    /// A source of volumes: its field, what it is, and its own fields.
    private struct Source: Sendable {
        var field: String
        var title: String
        var rows: [Row] = []
    }

    private static let optional = Row("Optional", "optional", "false")
    private static let sources = [
        Source(
            field: "hostPath", title: "HostPath (bare host directory volume)",
            rows: [Row("Path", "path"), Row("HostPathType", "type", "<none>")]),
        Source(
            field: "emptyDir",
            title: "EmptyDir (a temporary directory that shares a pod's lifetime)",
            rows: [Row("Medium", "medium"), Row("SizeLimit", "sizeLimit", "<unset>")]),
        Source(
            field: "secret", title: "Secret (a volume populated by a Secret)",
            rows: [Row("SecretName", "secretName"), optional]),
        Source(
            field: "configMap", title: "ConfigMap (a volume populated by a ConfigMap)",
            rows: [Row("Name", "name"), optional]),
        Source(
            field: "nfs", title: "NFS (an NFS mount that lasts the lifetime of a pod)",
            rows: [
                Row("Server", "server"), Row("Path", "path"), Row("ReadOnly", "readOnly", "false"),
            ]),
        Source(
            field: "persistentVolumeClaim",
            title: "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same"
                + " namespace)",
            rows: [Row("ClaimName", "claimName"), Row("ReadOnly", "readOnly", "false")]),
        Source(
            field: "ephemeral",
            title: "EphemeralVolume (an inline specification for a volume that gets created and"
                + " deleted with the pod)"),
        Source(
            field: "downwardAPI",
            title: "DownwardAPI (a volume populated by information about the pod)"),
        Source(
            field: "projected",
            title: "Projected (a volume that contains injected data from multiple sources)"),
        Source(
            field: "csi", title: "CSI (a Container Storage Interface (CSI) volume source)",
            rows: [
                Row("Driver", "driver"), Row("FSType", "fsType"),
                Row("ReadOnly", "readOnly", "false"),
            ]),
        Source(
            field: "image", title: "Image (a container image or OCI artifact)",
            rows: [Row("Reference", "reference"), Row("PullPolicy", "pullPolicy")]),
    ]

    mutating func writeVolumes(_ spec: JSON?, margin: String) {
        let volumes = spec?.items("volumes") ?? []
        guard !volumes.isEmpty else { return line(0, margin + "Volumes:\t<none>") }
        line(0, margin + "Volumes:")
        for volume in volumes {
            line(1, (margin.isEmpty ? "" : " ") + volume.text("name") + ":")
            guard let source = Self.sources.first(where: { volume[$0.field] != nil }) else {
                line(1, "<unknown>")
                continue
            }
            var value = volume[source.field] ?? .null
            if value["sizeLimit"]?.quantityText == "0" { value["sizeLimit"] = nil }
            pair(2, "Type", source.title)
            rows(2, source.rows, of: value)
            switch source.field {
            case "ephemeral": writeClaimTemplate(value["volumeClaimTemplate"])
            case "downwardAPI": writeFiles(value.items("items"))
            case "projected": writeProjections(value.items("sources"))
            case "csi": writeAttributes(value["volumeAttributes"])
            default: break
            }
        }
    }

    private mutating func writeFiles(_ files: [JSON]) {
        line(2, "Items:")
        for file in files {
            let path = file.text("path")
            if let field = file["fieldRef"] { line(3, field.text("fieldPath") + " -> " + path) }
            if let resource = file["resourceFieldRef"] {
                line(3, resource.text("resource") + " -> " + path)
            }
        }
    }

    private mutating func writeProjections(_ sources: [JSON]) {
        for source in sources {
            if let secret = source["secret"] {
                rows(2, [Row("SecretName", "name"), Self.optional], of: secret)
            } else if source["downwardAPI"] != nil {
                pair(2, "DownwardAPI", "true")
            } else if let map = source["configMap"] {
                rows(2, [Row("ConfigMapName", "name"), Self.optional], of: map)
            } else if let token = source["serviceAccountToken"] {
                rows(2, [Row("TokenExpirationSeconds", "expirationSeconds", "0")], of: token)
            }
        }
    }

    /// Every part of a line is put in by two levels, as kubectl does it.
    private mutating func writeAttributes(_ attributes: JSON?) {
        let members = attributes?.sortedMembers ?? []
        put("    VolumeAttributes:\t")
        guard !members.isEmpty else { return put("<none>\n") }
        for (index, member) in members.enumerated() {
            put(index == 0 ? "    " : "        \t    ")
            line(0, (member.name + "=" + member.value.plain).cut(140))
        }
    }

    /// The claim of an ephemeral volume; here too every part is put in.
    private mutating func writeClaimTemplate(_ template: JSON?) {
        guard let template else { return }
        let spec = template["spec"] ?? .null
        rows(2, [Row("StorageClass", "storageClassName"), Row("Volume", "volumeName")], of: spec)
        for (title, field) in [("Labels", "labels"), ("Annotations", "annotations")] {
            let members = (template["metadata"][field]?.sortedMembers ?? [])
            let separator = field == "labels" ? "=" : ": "
            put("    \(title):\t    ")
            guard !members.isEmpty else {
                put("<none>\n")
                continue
            }
            let lines = members.map { $0.name + separator + $0.value.plain + "\n" }
            put(lines.joined(separator: field == "labels" ? "        \t    " : "    \t    "))
        }
        // What a claim has is known once it is bound to a volume.
        pair(2, "Capacity", spec.text("volumeName").isEmpty ? "" : "0")
        pair(2, "Access Modes", "")
        rows(2, [Row("VolumeMode", "volumeMode", nil)], of: spec)
        guard let source = spec["dataSource"] else { return }
        line(2, "DataSource:")
        let parts = [Row("APIGroup", "apiGroup", nil), Row("Kind", "kind"), Row("Name", "name")]
        rows(3, parts, of: source)
    }

    /// The claims that a stateful set makes.
    mutating func writeVolumeClaims(_ claims: [JSON]) {
        guard !claims.isEmpty else { return pair(0, "Volume Claims", "<none>") }
        line(0, "Volume Claims:")
        for claim in claims {
            rows(1, [
                Row("Name", "metadata.name"), Row("StorageClass", "spec.storageClassName"),
            ], of: claim)
            labels("  Labels", claim.value(at: "metadata.labels"), margin: "  ")
            labels("  Annotations", claim.value(at: "metadata.annotations"), margin: "  ")
            let storage = claim.value(at: "spec.resources.requests.storage")
            pair(1, "Capacity", storage?.quantityText ?? "<default>")
            let modes = claim.texts("spec.accessModes").joined(separator: " ")
            pair(1, "Access Modes", "[" + modes + "]")
        }
    }
}
