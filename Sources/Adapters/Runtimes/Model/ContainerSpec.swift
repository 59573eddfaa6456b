/// What a container is to be.
package struct ContainerSpec: Sendable, Equatable {
    /// The sandbox that it belongs to.
    package var sandboxID: String
    /// The name within the sandbox.
    package var name: String
    /// How often the container of this name was started before.
    package var attempt: Int
    /// The program and its arguments; a program without `/` is looked up in the `PATH` of
    /// `environment`.
    package var command: [String]
    /// `NAME=value`, the whole environment.
    package var environment: [String] = []
    /// Where it starts, absolute.
    package var workingDirectory = "/"
    /// Folders and files that it sees elsewhere than they are.
    package var mounts: [Mount] = []
    /// Where its output goes.
    package var log: LogPolicy
    /// What it may use.
    package var limits = ContainerLimits()
    /// The user that it runs as; nil keeps that of the agent.
    package var user: Int64?
    /// The group that it runs as; nil keeps that of the agent.
    package var group: Int64?
    /// Kept and given back; means nothing to the runtime.
    package var labels: [String: String] = [:]

    /// The mounts that make a difference.
    var effectiveMounts: [Mount] {
        mounts.filter { $0.source != $0.target || $0.isReadOnly }
    }

    /// A container that runs a command.
    package init(
        sandboxID: String, name: String, attempt: Int = 0, command: [String], log: LogPolicy
    ) {
        self.sandboxID = sandboxID
        self.name = name
        self.attempt = attempt
        self.command = command
        self.log = log
    }
}

/// A folder or file of the machine that a container sees at another path.
package struct Mount: Sendable, Equatable {
    /// Where it is.
    package var source: String
    /// Where the container sees it.
    package var target: String
    /// Whether the container must not write to it.
    package var isReadOnly: Bool

    /// A folder or file seen elsewhere.
    package init(source: String, target: String, isReadOnly: Bool = false) {
        self.source = source
        self.target = target
        self.isReadOnly = isReadOnly
    }
}

/// Where a container's output goes and how much of it is kept.
package struct LogPolicy: Sendable, Equatable {
    /// The file that is written to; older ones are beside it with `.1`, `.2`, … (`.1` the newest).
    package var path: String
    /// The file is put aside before it grows beyond this.
    package var sizeBytesMax: Int
    /// Files kept, with the one that is written to.
    package var filesMax: Int

    /// The file, with kubelet's bounds unless said otherwise.
    package init(path: String, sizeBytesMax: Int = 10 << 20, filesMax: Int = 5) {
        self.path = path
        self.sizeBytesMax = sizeBytesMax
        self.filesMax = filesMax
    }
}

/// What a container may use, as far as the machine can hold it to that.
package struct ContainerLimits: Sendable, Equatable {
    /// Memory; beyond it the kernel ends a process of the container.
    package var memoryBytesMax: Int64?
    /// Processor time, in thousandths of a core.
    package var cpuThousandthsMax: Int64?
    /// Processes and threads.
    package var processesMax: Int64?

    /// No limits.
    package init() {}

    /// Whether nothing is limited.
    package var isEmpty: Bool { self == ContainerLimits() }
}

/// What a sandbox is to be: the part of a pod that its containers share.
package struct SandboxSpec: Sendable, Equatable {
    /// The pod's name.
    package var name: String
    /// The pod's namespace.
    package var namespace: String
    /// The pod's uid.
    package var uid: String
    /// How often a sandbox of this pod was made before.
    package var attempt: Int
    /// The address that its containers are told to listen on; the caller has chosen it.
    package var address: String
    /// Kept and given back; means nothing to the runtime.
    package var labels: [String: String]

    /// A sandbox for a pod.
    package init(
        name: String, namespace: String, uid: String, attempt: Int = 0, address: String = "",
        labels: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.attempt = attempt
        self.address = address
        self.labels = labels
    }
}
