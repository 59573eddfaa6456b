import ResourceModel

extension Findings {
    /// A probe; an absent one is not looked at.
    mutating func probe(_ path: String, _ probe: JSON?, needsOneSuccess: Bool) {
        guard let probe else { return }
        handler(path, probe)
        for name in [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
            "failureThreshold",
        ] {
            notNegative("\(path).\(name)", probe[name])
        }
        if needsOneSuccess, let count = probe["successThreshold"].integerValue, count != 1 {
            invalid(path + ".successThreshold", .integer(count), "must be 1")
        }
        if let seconds = probe["terminationGracePeriodSeconds"].integerValue, seconds <= 0 {
            invalid(
                path + ".terminationGracePeriodSeconds", .integer(seconds),
                "must be greater than 0")
        }
    }

    /// What a probe or a hook does: exactly one thing.
    mutating func handler(_ path: String, _ handler: JSON) {
        let actions = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"]
            .filter { handler[$0] != nil }
        if actions.isEmpty { return required(path, "must specify a handler type") }
        for action in actions.dropFirst() {
            forbidden("\(path).\(action)", "may not specify more than 1 handler type")
        }
        switch actions[0] {
        case "exec":
            if (handler["exec"]["command"].arrayValue ?? []).isEmpty {
                required(path + ".exec.command")
            }
        case "httpGet":
            if handler["httpGet"]["path"].isUnset { required(path + ".httpGet.path") }
            port(path + ".httpGet.port", handler["httpGet"]["port"])
        case "tcpSocket": port(path + ".tcpSocket.port", handler["tcpSocket"]["port"])
        case "grpc": range(path + ".grpc.port", handler["grpc"]["port"], portRange)
        default: break
        }
    }

    /// A port's number or its name.
    mutating func port(_ path: String, _ value: JSON?) {
        switch value {
        case .string(let name)?:
            for problem in NameRule.portName.problems(name) { invalid(path, value, problem) }
        case .integer?: range(path, value, portRange)
        default: required(path)
        }
    }
}
