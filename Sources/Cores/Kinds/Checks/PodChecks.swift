import ResourceModel

extension Findings {
    /// A pod's specification, as it may be created.
    mutating func podSpec(_ path: String, _ spec: JSON?) {
        guard let spec else { return required(path + ".containers") }
        let volumes = self.volumes(path + ".volumes", spec["volumes"])
        containers(path, spec, volumes: volumes, needsImage: true)
        notNegative(
            path + ".terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"])
        range(path + ".activeDeadlineSeconds", spec["activeDeadlineSeconds"], 1...2_147_483_647)
        form(path + ".serviceAccountName", spec["serviceAccountName"], .dns1123Subdomain)
        form(path + ".nodeName", spec["nodeName"], .dns1123Subdomain)
        form(path + ".hostname", spec["hostname"], .dns1123Label)
        form(path + ".subdomain", spec["subdomain"], .dns1123Label)
        form(path + ".priorityClassName", spec["priorityClassName"], .dns1123Subdomain)
        form(path + ".runtimeClassName", spec["runtimeClassName"], .dns1123Subdomain)
        labels(path + ".nodeSelector", spec["nodeSelector"])
        if let name = spec["os"]["name"].stringValue, name != "linux", name != "windows" {
            unsupported(path + ".os.name", .string(name), ["linux", "windows"])
        }
        let secrets = spec["imagePullSecrets"].arrayValue ?? []
        for (index, secret) in secrets.enumerated() where secret["name"].isUnset {
            required("\(path).imagePullSecrets[\(index)].name")
        }
        tolerations(path + ".tolerations", spec["tolerations"])
        hostAliases(path + ".hostAliases", spec["hostAliases"])
        affinity(path + ".affinity", spec["affinity"])
        spreading(path + ".topologySpreadConstraints", spec["topologySpreadConstraints"])
        let nameservers = spec["dnsConfig"]["nameservers"].arrayValue ?? []
        if spec["dnsPolicy"] == "None", nameservers.isEmpty {
            required(
                path + ".dnsConfig.nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None")
        }
    }

    private mutating func tolerations(_ path: String, _ tolerations: JSON?) {
        for (index, toleration) in (tolerations.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            form(place + ".key", toleration["key"], .qualifiedName)
            if toleration["key"].isUnset, toleration["operator"] != "Exists" {
                invalid(
                    place + ".operator", toleration["operator"] ?? "",
                    "operator must be Exists when `key` is empty, which means \"match all values "
                        + "and all keys\"")
            }
            if toleration["operator"] == "Exists", !toleration["value"].isUnset {
                invalid(
                    place + ".operator", toleration, "value must be empty when `operator` is "
                        + "'Exists'")
            }
            if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
                invalid(
                    place + ".effect", toleration["effect"] ?? "",
                    "effect must be 'NoExecute' when `tolerationSeconds` is set")
            }
        }
    }

    private mutating func hostAliases(_ path: String, _ aliases: JSON?) {
        for (index, alias) in (aliases.arrayValue ?? []).enumerated() {
            let address = alias["ip"].stringValue ?? ""
            if !IPAddress.isV4(address), !IPAddress.isV6(address) {
                invalid("\(path)[\(index)].ip", alias["ip"], IPAddress.problem)
            }
            for (place, name) in (alias["hostnames"].arrayValue ?? []).enumerated() {
                form("\(path)[\(index)].hostnames[\(place)]", name, .dns1123Subdomain)
            }
        }
    }

    private mutating func affinity(_ path: String, _ affinity: JSON?) {
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
        if let selector = affinity["nodeAffinity"][required],
            (selector["nodeSelectorTerms"].arrayValue ?? []).isEmpty
        {
            self.required(
                "\(path).nodeAffinity.\(required).nodeSelectorTerms",
                "must have at least one node selector term")
        }
        for kind in ["nodeAffinity", "podAffinity", "podAntiAffinity"] {
            for (index, wish) in (affinity[kind][preferred].arrayValue ?? []).enumerated() {
                let place = "\(path).\(kind).\(preferred)[\(index)]"
                if let weight = wish["weight"].integerValue, !(1...100).contains(weight) {
                    invalid(place + ".weight", .integer(weight), "must be in the range 1-100")
                }
                if let term = wish["podAffinityTerm"] {
                    affinityTerm(place + ".podAffinityTerm", term)
                }
            }
            guard kind != "nodeAffinity" else { continue }
            for (index, term) in (affinity[kind][required].arrayValue ?? []).enumerated() {
                affinityTerm("\(path).\(kind).\(required)[\(index)]", term)
            }
        }
    }

    private mutating func affinityTerm(_ path: String, _ term: JSON) {
        labelSelector(path + ".labelSelector", term["labelSelector"])
        labelSelector(path + ".namespaceSelector", term["namespaceSelector"])
        requiredForm(path + ".topologyKey", term["topologyKey"], .qualifiedName)
    }

    private mutating func spreading(_ path: String, _ constraints: JSON?) {
        for (index, constraint) in (constraints.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            if let skew = constraint["maxSkew"].integerValue, skew <= 0 {
                invalid(place + ".maxSkew", .integer(skew), "must be greater than 0")
            }
            requiredForm(place + ".topologyKey", constraint["topologyKey"], .qualifiedName)
            labelSelector(place + ".labelSelector", constraint["labelSelector"])
        }
    }

    /// An update of a pod: little may change once it exists.
    mutating func podUpdate(_ object: JSON, _ old: JSON) {
        guard var spec = object["spec"], let before = old["spec"] else { return }
        for list in ["containers", "initContainers"] {
            let containers = spec[list].arrayValue ?? []
            for (index, container) in containers.enumerated() where container["image"].isUnset {
                required("spec.\(list)[\(index)].image")
            }
            if containers.count != before[list].arrayValue?.count ?? 0 {
                return forbidden("spec.\(list)", "pod updates may not add or remove containers")
            }
            spec[list]?.withItems { items in
                for index in items.indices { items[index]["image"] = before[list][index]["image"] }
            }
        }
        activeDeadline(spec["activeDeadlineSeconds"], was: before["activeDeadlineSeconds"])
        tolerationsGrow(spec["tolerations"], before["tolerations"])
        let changeable = [
            "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
            "schedulingGates", "nodeName",
        ]
        // The scheduler's binding sets the node, once.
        if before["nodeName"] != nil, spec["nodeName"] != before["nodeName"] {
            forbidden("spec.nodeName", podFieldsText)
        }
        for name in changeable { spec[name] = before[name] }
        if spec != before { forbidden("spec", podFieldsText) }
    }

    private mutating func activeDeadline(_ new: JSON?, was old: JSON?) {
        let path = "spec.activeDeadlineSeconds"
        range(path, new, 1...2_147_483_647)
        guard let before = old.integerValue else { return }
        guard let after = new.integerValue else {
            return invalid(path, new, "must not update from a positive integer to nil value")
        }
        if after > before {
            invalid(path, new, "must be less than or equal to previous value")
        }
    }

    private mutating func tolerationsGrow(_ new: JSON?, _ old: JSON?) {
        let kept = new.arrayValue ?? []
        for toleration in old.arrayValue ?? [] where !kept.contains(toleration) {
            forbidden("spec.tolerations", "existing toleration can not be modified except its "
                + "tolerationSeconds")
        }
        tolerations("spec.tolerations", new)
    }
}

private let podFieldsText =
    "pod updates may not change fields other than `spec.containers[*].image`,"
    + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    + "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
    + "set to 1 if it was previously negative)"
