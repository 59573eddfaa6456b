/// Replaces what differs between any two runs of the same commands by names of the same width
/// where columns stand behind: identifiers, times, ages, revisions, the port. Newer kubectls say
/// from which namespace they delete, which is left out.
enum TranscriptNames {
    static func normalize(_ text: String, port: Int, scratch: String) -> [String] {
        var names: [Substring: String] = [:]
        func uid(_ text: Substring) -> String {
            let name = names[text] ?? "UID-\(names.count + 1)"
            names[text] = name
            return name
        }
        var lines = text.replacing(scratch, with: "SCRATCH").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { line in
            String(line)
                .replacing(":\(port)", with: ":PORT")
                .replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#) { uid($0.0) }
                .replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#, with: "TIME")
                .replacing(#/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+]0000/#, with: "TIME")
                .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+]0000/#, with: "TIME")
                .replacing(#/(resourceVersion"?: ?"?|Resource Version: *)\d+/#) { $0.1 + "N" }
                .replacing(#/("continue": ?")[^"]+/#) { $0.1 + "TOKEN" }
                .replacing(#/(^| )(\d\ds|\ds ?)(?= |$)/#) { $0.1 + "AGE" }
                .replacing(#/ deleted from \S+ namespace/#, with: " deleted")
                .replacing(#/over \d+s/#, with: "over AGE")
                .replacing(#/(LIVE|MERGED)-\d+/#) { $0.1 + "-N" }
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }
}
