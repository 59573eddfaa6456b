/// Replaces what differs between any two runs of the same commands by names of the same width
/// where columns stand behind: identifiers, times, ages, revisions, the port. Newer kubectls say
/// from which namespace they delete, which is left out. Of the names that controllers give pods,
/// the end, which is another for each owner, is replaced.
enum TranscriptNames {
    static func normalize(_ text: String, port: Int, scratch: String) -> [String] {
        var names: [Substring: String] = [:]
        func uid(_ text: Substring) -> String {
            let name = names[text] ?? "UID-\(names.count + 1)"
            names[text] = name
            return name
        }
        var pods: [Substring: Int] = [:]
        func pod(_ text: Substring) -> String {
            let number = pods[text] ?? pods.count + 1
            pods[text] = number
            return "pod-\(number)"
        }
        var lines = text.replacing(scratch, with: "SCRATCH").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line in
            String(line)
                .replacing(":\(port)", with: ":PORT")
                .replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#) { uid($0.0) }
                .replacing(#/(-[b-z2-9]{8,10}-)([b-z2-9]{5})\b/#) { $0.1 + pod($0.0) }
                .replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#, with: "TIME")
                .replacing(#/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+]0000/#, with: "TIME")
                .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+]0000/#, with: "TIME")
                .replacing(#/(resourceVersion"?: ?"?|Resource Version: *)\d+/#) { $0.1 + "N" }
                .replacing(#/("continue": ?")[^"]+/#) { $0.1 + "TOKEN" }
                .replacing(#/(^| )(\d\ds|\ds ?)(?= |$|\^M)/#) { $0.1 + "AGE" }
                .replacing(#/ deleted from \S+ namespace/#, with: " deleted")
                .replacing(#/over \d+s/#, with: "over AGE")
                .replacing(#/(LIVE|MERGED)-\d+/#) { $0.1 + "-N" }
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The same for what is said of a store: its address, identifiers, hashes, sizes.
    static func ofStore(_ text: String, address: String) -> String {
        return text.replacing(address, with: "http://127.0.0.1:STORE")
            .replacing(#/(member|cluster) [0-9a-f]{8,16}\b/#) { $0.1 + " IDENTIFIER-OF-16" }
            .replacing(#/\b[0-9a-f]{16}\b/#, with: "IDENTIFIER-OF-16")
            .replacing(#/took = [0-9.]+[mµ]?s/#, with: "took = TIME")
            .replacing(#/SIZE +TERM/#, with: "SIZE   TERM")
            .replacing(#/\b[0-9]+ [KM]iB +/#, with: "SIZE   ")
            .replacing(#/\b[0-9.]+ [kM]B\b/#, with: "SIZE")
            .replacing(#/(STORE, )\d+/#) { $0.1 + "HASH" }
            .replacing(#/(^|\n)[0-9a-f]{1,8}(, \d+, \d+, SIZE)/#) { $0.1 + "HASH" + $0.2 }
            .replacing(#/\d+ %/#, with: "N %")
    }
}
