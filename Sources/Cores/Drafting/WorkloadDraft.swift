package import ResourceModel

/// What runs containers.
extension Draft {
    /// A deployment whose pods have a container of each image.
    /// - Parameters:
    ///   - port: of the first container; nil for none.
    ///   - suffix: makes a name that has lost letters differ from others.
    package static func deployment(
        _ name: String, images: [String], command: [String], replicas: Int, port: Int?,
        suffix: () -> String
    ) throws(DraftFailure) -> JSON {
        guard images.count < 2 || command.isEmpty else {
            throw DraftFailure("cannot specify multiple --image options and command")
        }
        var containers = images.map { image in
            container(containerName(of: image, suffix), image, command)
        }
        if let port, !containers.isEmpty {
            containers[0]["ports"] = [["containerPort": .integer(Int64(port))]]
        }
        let labels: JSON = ["app": .string(name)]
        var deployment = object("apps/v1", "Deployment", name).with([
            "spec": [
                "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels],
                "strategy": .emptyObject,
                "template": [
                    "metadata": ["labels": labels], "spec": ["containers": .array(containers)],
                ],
            ],
            "status": .emptyObject,
        ])
        deployment["metadata"]["labels"] = labels
        return deployment
    }

    /// A job of one container.
    package static func job(_ name: String, image: String, command: [String]) -> JSON {
        object("batch/v1", "Job", name).with([
            "spec": ["template": onePod(name, image, command, restart: "Never")],
            "status": .emptyObject,
        ])
    }

    /// A job of one container that begins again and again.
    package static func cronJob(
        _ name: String, image: String, command: [String], schedule: String, restart: String
    ) -> JSON {
        let template = onePod(name, image, command, restart: restart)
        return object("batch/v1", "CronJob", name).with([
            "spec": [
                "jobTemplate": [
                    "metadata": ["name": .string(name)], "spec": ["template": template],
                ],
                "schedule": .string(schedule),
            ],
            "status": .emptyObject,
        ])
    }

    /// The job that a cron job would begin now.
    package static func job(_ name: String, of cronJob: JSON) -> JSON {
        let template = cronJob["spec"]["jobTemplate"]
        var metadata: JSON = ["name": .string(name)]
        metadata["annotations"] = (template["metadata"]["annotations"] ?? .emptyObject)
            .with(["cronjob.kubernetes.io/instantiate": "manual"])
        metadata["labels"] = template["metadata"]["labels"]
        metadata["ownerReferences"] = [
            [
                "apiVersion": "batch/v1", "controller": true, "kind": "CronJob",
                "name": cronJob["metadata"]["name"] ?? "", "uid": cronJob["metadata"]["uid"] ?? "",
            ]
        ]
        return object("batch/v1", "Job", name).with([
            "metadata": metadata, "spec": template["spec"] ?? .emptyObject,
            "status": .emptyObject,
        ])
    }

    private static func onePod(
        _ name: String, _ image: String, _ command: [String], restart: String
    ) -> JSON {
        [
            "metadata": .emptyObject,
            "spec": [
                "containers": [container(name, image, command)], "restartPolicy": .string(restart),
            ],
        ]
    }

    private static func container(_ name: String, _ image: String, _ command: [String]) -> JSON {
        var container: JSON = [
            "name": .string(name), "image": .string(image), "resources": .emptyObject,
        ]
        if !command.isEmpty { container["command"] = .strings(command) }
        return container
    }

    /// The image without its registry and its version. A name may hold no `_` and no `.`.
    private static func containerName(of image: String, _ suffix: () -> String) -> String {
        let last = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let name = last.prefix { $0 != ":" && $0 != "@" }
        guard name.contains("_") || name.contains(".") else { return String(name) }
        return String(name.map { $0 == "_" || $0 == "." ? "-" : $0 }) + "-" + suffix()
    }
}
