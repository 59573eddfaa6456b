internal import ResourceModel

/// What the server says of itself.
package struct ServerFacts: Sendable {
    /// Where clients reach it, as in `127.0.0.1:6443`.
    package var address: String
    /// Keelson's version.
    package var keelsonVersion: String

    /// The Kubernetes version whose API this is; clients compare it with their own.
    static let kubernetesVersion = "v1.32.4"

    /// Names them.
    package init(address: String, keelsonVersion: String) {
        self.address = address
        self.keelsonVersion = keelsonVersion
    }

    /// `/version`.
    var version: JSON {
        [
            "major": "1", "minor": "32",
            "gitVersion": .string("\(Self.kubernetesVersion)+keelson-\(keelsonVersion)"),
            "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
        ]
    }
}
