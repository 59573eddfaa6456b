import Primitives

/// The objects that the measurements of pods make, as JSON.
enum SleepingPods {
    static let command = ["/bin/sleep", "100000"]

    /// A pod by itself.
    static func pod(_ name: String) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)"},"spec":\(spec)}
            """.utf8)
    }

    /// A deployment of so many pods.
    static func deployment(_ name: String, replicas: Int) -> Bytes {
        let labels = "{\"app\":\"\(name)\"}"
        return Bytes(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\(name)"},\
            "spec":{"replicas":\(replicas),"selector":{"matchLabels":\(labels)},\
            "template":{"metadata":{"labels":\(labels)},"spec":\(spec)}}}
            """.utf8)
    }

    private static var spec: String {
        """
        {"terminationGracePeriodSeconds":5,"containers":[{"name":"main","image":"host",\
        "command":["\(command.joined(separator: "\",\""))"]}]}
        """
    }
}
