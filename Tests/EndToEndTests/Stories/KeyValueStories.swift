/// put, get and del with their flags.
enum KeyValueStories {
    static let all = [reading, printing, writing, deleting]

    private static let writing = Story(name: "writing keys") { etcdctl in
        try etcdctl("put", "a", "1")
        try etcdctl("put", "a", "2", "--prev-kv")
        try etcdctl("put", "new", "1", "--prev-kv")
        try etcdctl("put", "from-input", input: "several\nlines")
        try etcdctl("get", "from-input")
        try etcdctl("put", "empty", "")
        try etcdctl("get", "empty")
        try etcdctl("put", "", "value")
        try etcdctl("put", "--", "-dash", "-value")
        try etcdctl("get", "--", "-dash")
        try etcdctl("put", "a", "--ignore-value")
        try etcdctl("put", "missing", "--ignore-value")
        try etcdctl("put", "missing", "1", "--ignore-lease")
        try etcdctl("put", "a", "3", "--ignore-value")
        try etcdctl("put", "a", "3", "--lease=123456789abcdef")
        try etcdctl("lease", "grant", "500")
        try etcdctl("put", "unicode ключ", "значение 値")
        try etcdctl("get", "unicode ключ")
        try etcdctl("put", "a", "4", "-w", "json")
        try etcdctl("put", "a", "5", "-w", "simple", "--prev-kv")
        try etcdctl("get", "a", "-w", "json")
        try etcdctl("put", "a")
        try etcdctl("put", "a", "1", "2")
    }

    private static let reading = Story(name: "reading keys") { etcdctl in
        for number in 1...9 { try etcdctl("put", "k\(number % 7)", "v\(number)") }
        try etcdctl("put", "other", "x")
        try etcdctl("get", "k1")
        try etcdctl("get", "none")
        try etcdctl("get", "k", "--prefix")
        try etcdctl("get", "k", "--prefix", "--limit=2")
        try etcdctl("get", "k", "--prefix", "--keys-only")
        try etcdctl("get", "k", "--prefix", "--count-only", "-w", "json")
        try etcdctl("get", "k1", "--print-value-only")
        try etcdctl("get", "k2", "k5")
        try etcdctl("get", "k5", "k2")
        try etcdctl("get", "k5", "--from-key")
        try etcdctl("get", "", "--from-key", "--limit=3")
        try etcdctl("get", "", "--prefix")
        try etcdctl("get", "")
        for (target, order) in [
            ("CREATE", "DESCEND"), ("KEY", "DESCEND"), ("MODIFY", "ASCEND"), ("VALUE", "DESCEND"),
            ("VERSION", "ASCEND"), ("VERSION", "DESCEND"),
        ] {
            try etcdctl(
                "get", "k", "--prefix", "--sort-by=\(target)", "--order=\(order)", "--limit=3")
        }
        try etcdctl("get", "k", "--prefix", "--order=SIDEWAYS")
        try etcdctl("get", "k", "--prefix", "--sort-by=COLOUR")
        try etcdctl("get", "k", "--prefix", "--rev=4")
        try etcdctl("get", "k1", "--rev=4")
        try etcdctl("get", "k1", "--rev=1")
        try etcdctl("get", "k1", "--rev=1000")
        try etcdctl("get", "k1", "--rev=-1")
        try etcdctl("get", "k", "--prefix", "--from-key")
        try etcdctl("get", "k1", "--consistency=x")
        try etcdctl.settle()
        try etcdctl("get", "k1", "--consistency=s")
        try etcdctl("get", "k", "--prefix", "--consistency=l", "--limit=1")
    }

    private static let printing = Story(name: "printing keys") { etcdctl in
        try etcdctl("put", "p/1", "one")
        try etcdctl("put", "p/2", "two")
        for form in ["simple", "json", "fields", "table", "protobuf", "nothing"] {
            // A binary header holds identifiers of the cluster.
            if form == "protobuf" { continue }
            try etcdctl("get", "p/", "--prefix", "-w", form)
            try etcdctl("put", "p/1", "three", "-w", form, "--prev-kv")
            try etcdctl("del", "p/none", "-w", form)
        }
        try etcdctl("get", "p/", "--prefix", "--hex")
        try etcdctl("get", "p/1", "--hex", "-w", "json")
        try etcdctl("version-of-nothing")
        try etcdctl("get")
    }

    private static let deleting = Story(name: "deleting keys") { etcdctl in
        for number in 5...12 { try etcdctl("put", "d\(number)", "v") }
        try etcdctl("del", "d5")
        try etcdctl("del", "d5")
        try etcdctl("del", "d6", "--prev-kv")
        try etcdctl("del", "d10", "d12", "--prev-kv")
        try etcdctl("del", "d1", "--prefix")
        try etcdctl("del", "d8", "--from-key")
        try etcdctl("get", "", "--prefix", "-w", "json")
        try etcdctl("del", "d7", "-w", "json", "--prev-kv")
        try etcdctl("del", "")
        try etcdctl("del", "", "--prefix")
        try etcdctl("get", "", "--prefix", "--rev=9", "--count-only", "-w", "fields")
        try etcdctl("del", "", "--from-key", "--prefix")
    }
}
