import ResourceModel

// What Kubernetes fills into pods beyond the defaults of single fields.

extension JSON {
    /// Defaults of the pod template of a workload.
    mutating func setTemplateDefaults() {
        self["spec"]?["template"]?["spec"]?.setPodSpecDefaults()
    }

    /// Defaults of a pod specification.
    mutating func setPodSpecDefaults() {
        setContainerDefaults()
        if self["securityContext"] == nil { self["securityContext"] = [:] }
        self["volumes"]?.withItems { volumes in
            for index in volumes.indices where volumes[index].objectValue?.count == 1 {
                volumes[index]["emptyDir"] = [:]
            }
        }
        // One is the older name of the other.
        if let account = self["serviceAccountName"] {
            self["serviceAccount"] = account
        } else if let account = self["serviceAccount"] {
            self["serviceAccountName"] = account
        }
    }

    /// Defaults that a pod gets, and the template of a workload does not.
    mutating func setPodDefaults() {
        setDefault(true, at: "enableServiceLinks")
        if self["hostNetwork"] == true { setHostPorts() }
        setRequestsFromLimits()
    }

    /// Defaults of all containers of a specification.
    mutating func setContainerDefaults() {
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            self[list]?.withItems { containers in
                for index in containers.indices { containers[index].setImagePullPolicy() }
            }
        }
    }

    /// Images that are not fixed to a version are fetched anew.
    private mutating func setImagePullPolicy() {
        guard self["imagePullPolicy"].isUnset, let image = self["image"].stringValue else { return }
        let name = image.split(separator: "/").last ?? ""
        let isLatest = !image.contains("@") && (!name.contains(":") || name.hasSuffix(":latest"))
        self["imagePullPolicy"] = isLatest ? "Always" : "IfNotPresent"
    }

    /// On the node's network a port is the node's port.
    private mutating func setHostPorts() {
        for list in ["initContainers", "containers"] {
            self[list]?.withItems { containers in
                for index in containers.indices {
                    containers[index]["ports"]?.withItems { ports in
                        for index in ports.indices where ports[index]["hostPort"].isUnset {
                            ports[index]["hostPort"] = ports[index]["containerPort"]
                        }
                    }
                }
            }
        }
    }

    /// What a container of a pod is limited to is what it asks for, unless it says otherwise.
    private mutating func setRequestsFromLimits() {
        for list in ["initContainers", "containers"] {
            self[list]?.withItems { containers in
                for index in containers.indices {
                    let limits = containers[index]["resources"]["limits"].objectValue?.members ?? []
                    for limit in limits
                    where containers[index]["resources"]["requests"][limit.name] == nil {
                        containers[index]["resources"]["requests"][limit.name] = limit.value
                    }
                }
            }
        }
    }

    /// How a pod is treated when resources run short: `Guaranteed` if every container is limited
    /// to what it asks for, `BestEffort` if none asks for anything.
    var qosClass: String {
        let containers =
            (value(at: "spec.containers").arrayValue ?? [])
            + (value(at: "spec.initContainers").arrayValue ?? [])
        let names = ["cpu", "memory"]
        let resources = containers.map { $0["resources"] }
        let asksNothing = resources.allSatisfy { resource in
            names.allSatisfy {
                resource["limits"][$0].isUnset && resource["requests"][$0].isUnset
            }
        }
        if asksNothing { return "BestEffort" }
        let isGuaranteed = resources.allSatisfy { resource in
            names.allSatisfy { name in
                !resource["limits"][name].isUnset
                    && (resource["requests"][name] ?? resource["limits"][name])
                        == resource["limits"][name]
            }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
