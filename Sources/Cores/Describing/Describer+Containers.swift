import ResourceModel

extension Describer {
    /// Containers with what they do, if that is known.
    /// - Parameters:
    ///   - pod: where environments are looked up; nil in templates.
    ///   - margin: in front of the title.
    mutating func writeContainers(
        _ title: String, _ containers: [JSON], statuses: [JSON] = [], pod: JSON? = nil,
        margin: String
    ) {
        line(0, margin + title + (containers.isEmpty ? ": <none>" : ":"))
        for container in containers {
            let status = statuses.last { $0["name"] == container["name"] }
            line(1, (margin.isEmpty ? "" : " ") + container.text("name") + ":")
            writeImage(container, status)
            writeWords("Command", container.texts("command"))
            writeWords("Args", container.texts("args"))
            if let status { writeState(status) }
            writeResources(2, container["resources"] ?? .null)
            for probe in ["Liveness", "Readiness", "Startup"] {
                guard let value = container[probe.lowercased() + "Probe"] else { continue }
                pair(2, probe, ProbeText.text(value))
            }
            writeEnvironmentSources(container.items("envFrom"))
            writeEnvironment(container, pod)
            writeMounts(container)
        }
    }

    private mutating func writeImage(_ container: JSON, _ status: JSON?) {
        if let status { rows(2, [Row("Container ID", "containerID")], of: status) }
        rows(2, [Row("Image", "image")], of: container)
        if let status { rows(2, [Row("Image ID", "imageID")], of: status) }
        let ports = container.items("ports")
        for (label, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
            let texts = ports.map { port in
                let name = port.text("name")
                let text = "\(port.count(field))/" + port.text("protocol")
                return name.isEmpty ? text : text + " (" + name + ")"
            }
            let joined = texts.joined(separator: ", ")
            pair(2, joined.contains(",") ? label + "s" : label, joined.or("<none>"))
        }
        writeSeccompProfile(container.value(at: "securityContext.seccompProfile"), 2, 3)
    }

    private mutating func writeWords(_ title: String, _ words: [String]) {
        guard !words.isEmpty else { return }
        line(2, title + ":")
        for text in words.flatMap(\.lines) { line(3, text) }
    }

    private mutating func writeState(_ status: JSON) {
        writeState("State", status["state"])
        let last = status["lastState"]
        if last["terminated"] != nil { writeState("Last State", last) }
        pair(2, "Ready", status["ready"] == true ? "True" : "False")
        pair(2, "Restart Count", "\(status.count("restartCount"))")
    }

    private mutating func writeState(_ label: String, _ state: JSON?) {
        if let running = state["running"] {
            pair(2, label, "Running")
            rows(3, [Row("Started", "startedAt", time(nil), .time)], of: running)
        } else if let end = state["terminated"], state["waiting"] == nil {
            pair(2, label, "Terminated")
            rows(3, [
                Row("Reason", "reason", nil), Row("Message", "message", nil),
                Row("Exit Code", "exitCode", "0"),
            ], of: end)
            if end.count("signal") > 0 { rows(3, [Row("Signal", "signal")], of: end) }
            rows(3, [
                Row("Started", "startedAt", time(nil), .time),
                Row("Finished", "finishedAt", time(nil), .time),
            ], of: end)
        } else {
            pair(2, label, "Waiting")
            rows(3, [Row("Reason", "reason", nil)], of: state["waiting"] ?? .null)
        }
    }

    mutating func writeResources(_ level: Int, _ resources: JSON) {
        for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
            let members = resources[field]?.sortedMembers ?? []
            guard !members.isEmpty else { continue }
            line(level, title + ":")
            for member in members { pair(level + 1, member.name, member.value.quantityText) }
        }
    }

    private mutating func writeMounts(_ container: JSON) {
        let mounts = container.items("volumeMounts").sorted {
            $0.text("mountPath") < $1.text("mountPath")
        }
        let none = mounts.isEmpty ? "\t<none>" : ""
        line(2, "Mounts:" + none)
        for mount in mounts {
            var flags = mount["readOnly"] == true ? "ro" : "rw"
            let path = mount.text("subPath")
            if !path.isEmpty { flags += ",path=" + GoText.quoted(path) }
            line(3, "\(mount.text("mountPath")) from \(mount.text("name")) (\(flags))")
        }
        let devices = container.items("volumeDevices").sorted {
            $0.text("devicePath") < $1.text("devicePath")
        }
        guard !devices.isEmpty else { return }
        line(2, "Devices:" + none)
        for device in devices {
            line(3, device.text("devicePath") + " from " + device.text("name"))
        }
    }
}

extension String {
    /// The lines, without their ends.
    var lines: [String] {
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

extension JSON {
    /// A quantity in its canonical form.
    var quantityText: String {
        // What the server keeps is a quantity; anything else is shown as it is.
        guard let quantity = try? Quantity(self) else { return plain }
        return quantity.description
    }
}

/// Probes as text.
enum ProbeText {
    static func text(_ probe: JSON) -> String {
        let attributes = [
            ("delay", "initialDelaySeconds", "s"), ("timeout", "timeoutSeconds", "s"),
            ("period", "periodSeconds", "s"), ("#success", "successThreshold", ""),
            ("#failure", "failureThreshold", ""),
        ].map { "\($0.0)=\(probe.count($0.1))\($0.2)" }.joined(separator: " ")
        return action(probe) + " " + attributes
    }

    private static func action(_ probe: JSON) -> String {
        if let command = probe["exec"] {
            return "exec [" + command.texts("command").joined(separator: " ") + "]"
        }
        if let get = probe["httpGet"] { return "http-get " + address(get) }
        if let socket = probe["tcpSocket"] {
            return "tcp-socket " + socket.text("host") + ":" + socket.text("port")
        }
        if let call = probe["grpc"] {
            return "grpc <pod>:\(call.count("port")) " + call.text("service")
        }
        return "unknown"
    }

    private static func address(_ get: JSON) -> String {
        let scheme = get.text("scheme").lowercased()
        let host = get.text("host")
        let path = get.text("path")
        var text = scheme.isEmpty ? "//" : scheme + "://"
        text += host.contains(":") ? "[" + host + "]" : host
        text += ":" + get.text("port")
        if !path.isEmpty, !path.hasPrefix("/") { text += "/" }
        return text + escaped(path)
    }

    private static let plain = Set("-_.~$&+,/:;=@".utf8)

    private static func escaped(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            let scalar = Unicode.Scalar(byte)
            let isWord = byte < 0x80 && (scalar.properties.isAlphabetic || 0x30...0x39 ~= byte)
            if isWord || plain.contains(byte) {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += (byte < 16 ? "%0" : "%") + digits
            }
        }
    }
}
