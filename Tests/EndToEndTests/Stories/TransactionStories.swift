/// txn, whose comparisons and operations come from standard input.
enum TransactionStories {
    static let all = [transactions]

    private static let transactions = Story(name: "transactions") { etcdctl in
        try etcdctl("put", "a", "1")
        func txn(_ comparisons: String, then: String, else other: String = "") throws {
            try etcdctl("txn", input: "\(comparisons)\n\n\(then)\n\n\(other)\n\n")
        }
        try txn("value(\"a\") = \"1\"", then: "put a 2\nget a", else: "get a")
        try txn("value(\"a\") = \"1\"", then: "put a 3", else: "get a\nget b")
        try txn("version(\"a\") > \"1\"\nmod(\"a\") < \"99\"", then: "put b 1")
        try txn("create(\"none\") = \"0\"", then: "put none 1 ")
        try txn("create(\"none\") = \"0\"", then: "put none 1", else: "del none --prev-kv")
        try txn("value(\"a\") != \"2\"", then: "", else: "del a")
        try txn("", then: "put d \"two words\"\nget d --prefix\nget d -w json")
        try txn("", then: "")
        try txn("", then: "put e 1\nput e 2")
        try txn("", then: "put e 1\ndel e --prefix")
        try txn("", then: "get e --rev=1000")
        try txn("", then: "put e 1 --ignore-value")
        try txn("nonsense", then: "put e 1")
        try txn("", then: "fly e 1")
        try txn("value(\"a\") = 1", then: "put e 1")
        try etcdctl("txn", "-i", input: "mod(\"b\") > \"0\"\n\nget b\n\n\n\n")
        try etcdctl("txn", "-w", "json", input: "\n\nput f 1\nget f\n\n\n")
        try etcdctl("txn", "-w", "fields", input: "\n\nput f 2\nget f\n\n\n")
        let many = (0...128).map { "put many\($0) 1" }.joined(separator: "\n")
        try etcdctl("txn", input: "\n\(many)\n\n\n")
        try etcdctl("get", "", "--prefix")
    }
}
