/// What is known of a machine before it registers as a node.
package struct NodeSettings: Sendable {
    /// The node's name: among all machines of the cluster its own.
    package var name: String
    /// Where pods, containers and logs are kept.
    package var dataFolder: String
    /// The machine's address, as pods and people see it.
    package var address = "127.0.0.1"
    /// Processors, in whole ones.
    package var processors: Int
    /// Memory, in bytes.
    package var memoryBytes: Int64
    /// Pods that may run at a time.
    package var podsMax = 250
    /// keelson's version.
    package var version: String
    /// As in `6.1.0`.
    package var kernelVersion: String
    /// As in `amd64`.
    package var architecture: String

    /// Identifies the machine; not empty.
    package var machineID: String
    /// Identifies its last start; not empty.
    package var bootID: String

    /// Describes a machine.
    package init(
        name: String, dataFolder: String, processors: Int, memoryBytes: Int64, version: String,
        kernelVersion: String, architecture: String, machineID: String, bootID: String
    ) {
        self.name = name
        self.dataFolder = dataFolder
        self.processors = processors
        self.memoryBytes = memoryBytes
        self.version = version
        self.kernelVersion = kernelVersion
        self.architecture = architecture
        self.machineID = machineID
        self.bootID = bootID
    }
}
