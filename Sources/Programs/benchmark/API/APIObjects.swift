import Primitives

/// The objects that the measurements make, as JSON.
enum APIObjects {
    static let namespace = "/api/v1/namespaces/default/"
    static let group = "benchmark.keelson.dev"

    /// A pod with `padding` bytes that mean nothing.
    static func pod(_ name: String, padding: Int) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","labels":\
            {"app":"benchmark"},"annotations":{"\(group)/padding":"\(letters(padding))"}},\
            "spec":{"containers":[{"name":"main","image":"example.com/image:1",\
            "command":["/bin/sleep","1000"]}]}}
            """.utf8)
    }

    /// A ConfigMap that says the how manieth write it is.
    static func configMap(_ name: String, sequence: Int, padding: Int) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\(name)"},\
            "data":{"padding":"\(letters(padding))","sequence":"\(sequence)"}}
            """.utf8)
    }

    /// The definition of the custom resource.
    static let definition = Bytes(
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",\
        "metadata":{"name":"widgets.\(group)"},"spec":{"group":"\(group)","scope":"Namespaced",\
        "names":{"plural":"widgets","singular":"widget","kind":"Widget"},\
        "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":\
        {"type":"object","properties":{"spec":{"type":"object","properties":{\
        "size":{"type":"integer","minimum":0},"colour":{"type":"string","default":"blue"},\
        "tags":{"type":"array","items":{"type":"string"}}}}}}}}]}}
        """.utf8)

    /// A custom resource.
    static func widget(_ name: String, number: Int) -> Bytes {
        Bytes(
            """
            {"apiVersion":"\(group)/v1","kind":"Widget","metadata":{"name":"\(name)",\
            "namespace":"default"},"spec":{"size":\(number),"tags":["first","second"]}}
            """.utf8)
    }

    /// Letters that compress no better than a name would.
    private static func letters(_ count: Int) -> String {
        var random = SplitMix64(seed: 11)
        return String(
            decoding: (0..<count).map { _ in UInt8(97 + random.below(26)) }, as: UTF8.self)
    }
}
