import ResourceModel

extension Findings {
    /// All containers of a specification; `volumes` are the names that they may mount.
    mutating func containers(
        _ path: String, _ spec: JSON?, volumes: Set<String>, needsImage: Bool
    ) {
        let containers = spec["containers"].arrayValue ?? []
        if containers.isEmpty { required(path + ".containers") }
        var names: [(path: String, value: JSON?)] = []
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            for (index, container) in (spec[list].arrayValue ?? []).enumerated() {
                let place = "\(path).\(list)[\(index)]"
                names.append((place + ".name", container["name"]))
                self.container(place, container, volumes: volumes, needsImage: needsImage)
                if list == "initContainers" { initContainer(place, container) }
            }
        }
        distinct(names)
        hostPorts(path, spec)
    }

    private mutating func container(
        _ path: String, _ container: JSON, volumes: Set<String>, needsImage: Bool
    ) {
        requiredForm(path + ".name", container["name"], .dns1123Label)
        let image = container["image"].stringValue ?? ""
        if needsImage, image.isEmpty { required(path + ".image") }
        if image.first?.isWhitespace ?? false || image.last?.isWhitespace ?? false {
            invalid(path + ".image", .string(image), "must not have leading or trailing whitespace")
        }
        containerPorts(path + ".ports", container["ports"])
        variables(path + ".env", container["env"])
        for (index, source) in (container["envFrom"].arrayValue ?? []).enumerated() {
            variableSource("\(path).envFrom[\(index)]", source)
        }
        mounts(path + ".volumeMounts", container["volumeMounts"], volumes: volumes)
        resources(path + ".resources", container["resources"])
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            probe("\(path).\(name)", container[name], needsOneSuccess: name != "readinessProbe")
        }
        for name in ["postStart", "preStop"] {
            if let handler = container["lifecycle"][name] {
                self.handler("\(path).lifecycle.\(name)", handler)
            }
        }
    }

    private mutating func initContainer(_ path: String, _ container: JSON) {
        guard container["restartPolicy"] != "Always" else { return }
        for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
        where container[name] != nil {
            forbidden(
                "\(path).\(name)",
                "may not be set for init containers without restartPolicy=Always")
        }
    }

    private mutating func containerPorts(_ path: String, _ ports: JSON?) {
        let ports = ports.arrayValue ?? []
        for (index, port) in ports.enumerated() {
            let place = "\(path)[\(index)]"
            form(place + ".name", port["name"], .portName)
            if port["containerPort"].isUnset {
                required(place + ".containerPort")
            } else {
                range(place + ".containerPort", port["containerPort"], portRange)
            }
            if !port["hostPort"].isUnset { range(place + ".hostPort", port["hostPort"], portRange) }
        }
        distinct(ports.enumerated().map { ("\(path)[\($0.offset)].name", $0.element["name"]) })
    }

    private mutating func hostPorts(_ path: String, _ spec: JSON?) {
        var seen: Set<String> = []
        for (index, container) in (spec["containers"].arrayValue ?? []).enumerated() {
            for (place, port) in (container["ports"].arrayValue ?? []).enumerated() {
                guard let number = port["hostPort"].integerValue, number != 0 else { continue }
                let key =
                    "\(port["protocol"].stringValue ?? "TCP")/\(port["hostIP"].stringValue ?? "")"
                    + "/\(number)"
                let field = "\(path).containers[\(index)].ports[\(place)].hostPort"
                if !seen.insert(key).inserted { duplicate(field, .string(key)) }
                if spec["hostNetwork"] == true, port["containerPort"] != port["hostPort"] {
                    invalid(
                        "\(path).containers[\(index)].ports[\(place)].containerPort",
                        port["containerPort"], "must match `hostPort` when `hostNetwork` is true")
                }
            }
        }
    }

    /// Variables of an environment.
    mutating func variables(_ path: String, _ variables: JSON?) {
        for (index, variable) in (variables.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            requiredForm(place + ".name", variable["name"], .environmentName)
            guard let source = variable["valueFrom"] else { continue }
            let count = source.objectValue?.count ?? 0
            if count == 0 {
                invalid(
                    place + ".valueFrom", "", "must specify one of: `fieldRef`, "
                        + "`resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")
            } else if count > 1 {
                invalid(
                    place + ".valueFrom", "", "may not have more than one field specified at a "
                        + "time")
            }
            if !variable["value"].isUnset {
                invalid(
                    place + ".valueFrom", "", "may not be specified when `value` is not empty")
            }
            for name in ["configMapKeyRef", "secretKeyRef"] {
                guard let reference = source[name] else { continue }
                let place = "\(place).valueFrom.\(name)"
                if reference["name"].isUnset { required(place + ".name") }
                requiredForm(place + ".key", reference["key"], .configMapKey)
            }
            if let reference = source["fieldRef"], reference["fieldPath"].isUnset {
                required(place + ".valueFrom.fieldRef.fieldPath")
            }
        }
    }

    private mutating func variableSource(_ path: String, _ source: JSON) {
        form(path + ".prefix", source["prefix"], .environmentName)
        let references = ["configMapRef", "secretRef"].filter { source[$0] != nil }
        if references.count > 1 {
            invalid(path, "", "may not have more than one field specified at a time")
        } else if references.isEmpty {
            invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        }
        for name in references where source[name]["name"].isUnset {
            required("\(path).\(name).name")
        }
    }

    private mutating func mounts(_ path: String, _ mounts: JSON?, volumes: Set<String>) {
        var places: Set<String> = []
        for (index, mount) in (mounts.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            let name = mount["name"].stringValue ?? ""
            if name.isEmpty {
                required(place + ".name")
            } else if !volumes.contains(name) {
                notFound(place + ".name", .string(name))
            }
            let target = mount["mountPath"].stringValue ?? ""
            if target.isEmpty { required(place + ".mountPath") }
            if !places.insert(target).inserted {
                invalid(place + ".mountPath", .string(target), "must be unique")
            }
            for part in ["subPath", "subPathExpr"] {
                relativePath("\(place).\(part)", mount[part])
            }
            if !mount["subPath"].isUnset, !mount["subPathExpr"].isUnset {
                invalid(
                    place + ".subPathExpr", mount["subPathExpr"],
                    "subPathExpr and subPath are mutually exclusive")
            }
        }
    }

    /// A path that stays below where it begins; an absent one is not looked at.
    mutating func relativePath(_ path: String, _ value: JSON?) {
        guard let text = value.stringValue, !text.isEmpty else { return }
        if text.hasPrefix("/") { invalid(path, value, "must be a relative path") }
        if text.split(separator: "/").contains("..") {
            invalid(path, value, "must not contain '..'")
        }
    }
}
