internal import Primitives
internal import ResourceModel

// The files of a container's state folder: docs/formats/containers.md.

extension ContainerSpec {
    var json: JSON {
        var limits = JSON.emptyObject
        limits["memoryBytes"] = self.limits.memoryBytesMax.map { .integer($0) }
        limits["cpuThousandths"] = self.limits.cpuThousandthsMax.map { .integer($0) }
        limits["processes"] = self.limits.processesMax.map { .integer($0) }
        var json: JSON = [
            "sandbox": .string(sandboxID), "name": .string(name),
            "attempt": .integer(Int64(attempt)), "command": .strings(command),
            "environment": .strings(environment), "workingDirectory": .string(workingDirectory),
            "mounts": .array(
                mounts.map {
                    [
                        "source": .string($0.source), "target": .string($0.target),
                        "readOnly": .bool($0.isReadOnly),
                    ]
                }),
            "log": [
                "path": .string(log.path), "sizeBytesMax": .integer(Int64(log.sizeBytesMax)),
                "filesMax": .integer(Int64(log.filesMax)),
            ],
            "limits": limits, "labels": .strings(labels),
        ]
        json["user"] = user.map { .integer($0) }
        json["group"] = group.map { .integer($0) }
        return json
    }

    init?(_ json: JSON?) {
        guard let sandbox = json["sandbox"].stringValue, let name = json["name"].stringValue,
            let attempt = json["attempt"].integerValue, let command = json["command"].strings,
            let environment = json["environment"].strings,
            let folder = json["workingDirectory"].stringValue,
            let path = json["log"]["path"].stringValue,
            let size = json["log"]["sizeBytesMax"].integerValue,
            let files = json["log"]["filesMax"].integerValue
        else { return nil }
        self.init(
            sandboxID: sandbox, name: name, attempt: Int(attempt), command: command,
            log: LogPolicy(path: path, sizeBytesMax: Int(size), filesMax: Int(files)))
        self.environment = environment
        workingDirectory = folder
        mounts = (json["mounts"].arrayValue ?? []).compactMap { mount in
            guard let source = mount["source"].stringValue,
                let target = mount["target"].stringValue
            else { return nil }
            return Mount(
                source: source, target: target,
                isReadOnly: mount["readOnly"].boolValue ?? false)
        }
        limits.memoryBytesMax = json["limits"]["memoryBytes"].integerValue
        limits.cpuThousandthsMax = json["limits"]["cpuThousandths"].integerValue
        limits.processesMax = json["limits"]["processes"].integerValue
        user = json["user"].integerValue
        group = json["group"].integerValue
        labels = json["labels"].stringMap
    }
}

extension SandboxSpec {
    var json: JSON {
        [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid),
            "attempt": .integer(Int64(attempt)), "address": .string(address),
            "labels": .strings(labels),
        ]
    }

    init?(_ json: JSON?) {
        guard let name = json["name"].stringValue, let namespace = json["namespace"].stringValue,
            let uid = json["uid"].stringValue, let attempt = json["attempt"].integerValue,
            let address = json["address"].stringValue
        else { return nil }
        self.init(
            name: name, namespace: namespace, uid: uid, attempt: Int(attempt), address: address,
            labels: json["labels"].stringMap)
    }
}

extension ContainerExit {
    var json: JSON {
        [
            "code": .integer(Int64(code)), "signal": .integer(Int64(signal)),
            "reason": .string(reason.rawValue), "message": .string(message),
            "startedAt": .integer(startedAt), "finishedAt": .integer(finishedAt),
        ]
    }

    init?(_ json: JSON?) {
        guard let code = json["code"].integerValue, let signal = json["signal"].integerValue,
            let reason = json["reason"].stringValue.flatMap(Reason.init(rawValue:)),
            let message = json["message"].stringValue,
            let startedAt = json["startedAt"].integerValue,
            let finishedAt = json["finishedAt"].integerValue
        else { return nil }
        self.init(
            code: Int32(clamping: code), signal: Int32(clamping: signal), reason: reason,
            message: message, startedAt: startedAt, finishedAt: finishedAt)
    }
}

/// What a shim writes down once its container runs.
struct RunningState: Equatable {
    var bootID: String
    var shim: ProcessIdentity
    var main: ProcessIdentity
    var startedAt: Int64

    var json: JSON {
        [
            "bootID": .string(bootID), "shim": Self.json(shim), "main": Self.json(main),
            "startedAt": .integer(startedAt),
        ]
    }

    init(bootID: String, shim: ProcessIdentity, main: ProcessIdentity, startedAt: Int64) {
        self.bootID = bootID
        self.shim = shim
        self.main = main
        self.startedAt = startedAt
    }

    init?(_ json: JSON?) {
        guard let bootID = json["bootID"].stringValue,
            let shim = Self.identity(json["shim"]), let main = Self.identity(json["main"]),
            let startedAt = json["startedAt"].integerValue
        else { return nil }
        self.init(bootID: bootID, shim: shim, main: main, startedAt: startedAt)
    }

    private static func json(_ identity: ProcessIdentity) -> JSON {
        [
            "process": .integer(Int64(identity.process)),
            "startTicks": .integer(Int64(clamping: identity.startTicks)),
        ]
    }

    private static func identity(_ json: JSON?) -> ProcessIdentity? {
        guard let process = json["process"].integerValue.flatMap({ Int32(exactly: $0) }),
            let ticks = json["startTicks"].integerValue.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        return ProcessIdentity(process: process, startTicks: ticks)
    }
}

extension JSON {
    static func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }

    static func strings(_ texts: [String: String]) -> JSON {
        .object(
            JSONObject(
                uniqueMembers: texts.sorted { $0.key < $1.key }
                    .map { JSONObject.Member($0.key, .string($0.value)) }))
    }
}

extension Optional where Wrapped == JSON {
    /// The texts, if this is an array of nothing else.
    var strings: [String]? {
        guard let items = arrayValue else { return nil }
        let texts = items.compactMap(\.stringValue)
        return texts.count == items.count ? texts : nil
    }

    /// The members that are texts.
    var stringMap: [String: String] {
        var texts: [String: String] = [:]
        for member in objectValue?.members ?? [] { texts[member.name] = member.value.stringValue }
        return texts
    }
}
