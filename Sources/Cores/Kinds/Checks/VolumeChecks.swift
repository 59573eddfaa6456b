import ResourceModel

extension Findings {
    /// The volumes of a pod; the names that containers may mount.
    mutating func volumes(_ path: String, _ volumes: JSON?) -> Set<String> {
        let volumes = volumes.arrayValue ?? []
        for (index, volume) in volumes.enumerated() {
            let place = "\(path)[\(index)]"
            requiredForm(place + ".name", volume["name"], .dns1123Label)
            let sources = (volume.objectValue?.members ?? []).filter { $0.name != "name" }
            if sources.isEmpty { required(place, "must specify a volume type") }
            for source in sources.dropFirst() {
                forbidden("\(place).\(source.name)", "may not specify more than 1 volume type")
            }
            if let source = sources.first {
                volumeSource("\(place).\(source.name)", source.name, source.value)
            }
        }
        distinct(volumes.enumerated().map { ("\(path)[\($0.offset)].name", $0.element["name"]) })
        return Set(volumes.compactMap { $0["name"].stringValue })
    }

    private mutating func volumeSource(_ path: String, _ kind: String, _ source: JSON) {
        fileMode(path + ".defaultMode", source["defaultMode"])
        switch kind {
        case "secret":
            if source["secretName"].isUnset { required(path + ".secretName") }
            items(path + ".items", source["items"])
        case "configMap":
            if source["name"].isUnset { required(path + ".name") }
            items(path + ".items", source["items"])
        case "hostPath":
            let folder = source["path"].stringValue ?? ""
            if folder.isEmpty { required(path + ".path") }
            if folder.split(separator: "/").contains("..") {
                invalid(path + ".path", .string(folder), "must not contain '..'")
            }
        case "nfs":
            if source["server"].isUnset { required(path + ".server") }
            let share = source["path"].stringValue ?? ""
            if share.isEmpty {
                required(path + ".path")
            } else if !share.hasPrefix("/") {
                invalid(path + ".path", .string(share), "must be an absolute path")
            }
        case "persistentVolumeClaim":
            if source["claimName"].isUnset { required(path + ".claimName") }
        case "downwardAPI": podFields(path + ".items", source["items"])
        case "projected": projections(path + ".sources", source["sources"])
        case "csi":
            if source["driver"].isUnset { required(path + ".driver") }
        case "ephemeral":
            if source["volumeClaimTemplate"] == nil { required(path + ".volumeClaimTemplate") }
        default: break
        }
    }

    private mutating func projections(_ path: String, _ sources: JSON?) {
        for (index, source) in (sources.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            let members = source.objectValue?.members ?? []
            if members.isEmpty { required(place, "must specify at least one source") }
            for member in members.dropFirst() {
                forbidden("\(place).\(member.name)", "may not specify more than 1 volume type")
            }
            guard let member = members.first else { continue }
            let projection = "\(place).\(member.name)"
            switch member.name {
            case "secret", "configMap":
                if member.value["name"].isUnset { required(projection + ".name") }
                items(projection + ".items", member.value["items"])
            case "downwardAPI": podFields(projection + ".items", member.value["items"])
            case "serviceAccountToken":
                if member.value["path"].isUnset { required(projection + ".path") }
                relativePath(projection + ".path", member.value["path"])
                if let seconds = member.value["expirationSeconds"].integerValue, seconds < 600 {
                    invalid(
                        projection + ".expirationSeconds", .integer(seconds),
                        "may not specify a duration less than 10 minutes")
                }
            default: break
            }
        }
    }

    /// Entries of a config map or a secret and the files that they become.
    private mutating func items(_ path: String, _ items: JSON?) {
        for (index, item) in (items.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            if item["key"].isUnset { required(place + ".key") }
            if item["path"].isUnset { required(place + ".path") }
            relativePath(place + ".path", item["path"])
            fileMode(place + ".mode", item["mode"])
        }
    }

    /// Files with fields of the pod.
    private mutating func podFields(_ path: String, _ items: JSON?) {
        for (index, item) in (items.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            if item["path"].isUnset { required(place + ".path") }
            relativePath(place + ".path", item["path"])
            fileMode(place + ".mode", item["mode"])
            switch (item["fieldRef"], item["resourceFieldRef"]) {
            case (nil, nil):
                required(place, "one of fieldRef and resourceFieldRef is required")
            case (_?, _?):
                invalid(
                    place, "resource",
                    "fieldRef and resourceFieldRef can not be specified simultaneously")
            default: break
            }
        }
    }

    private mutating func fileMode(_ path: String, _ mode: JSON?) {
        guard let bits = mode.integerValue, !(0...0o777).contains(bits) else { return }
        invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")
    }
}
