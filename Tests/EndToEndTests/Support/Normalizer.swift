/// Replaces what differs between any two runs of the same commands by names: addresses,
/// identifiers (numbered as they come), terms.
enum Normalizer {
    static func normalize(_ text: String) -> [String] {
        var names: [UInt64: String] = [:]
        func name(_ identifier: Substring, radix: Int) -> String {
            let number = UInt64(identifier, radix: radix) ?? 0
            if let known = names[number] { return known }
            let fresh = "ID\(names.count + 1)"
            names[number] = fresh
            return fresh
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        return lines.map { line in
            String(line)
                .replacing(#/(https?:\/\/)?127\.0\.0\.1:\d+/#, with: "ADDRESS")
                .replacing(#/"(cluster_id|member_id|raft_term)":\d+/#) { "\"\($0.1)\":N" }
                .replacing(#/"(ClusterID|MemberID|RaftTerm)" : \d+/#) { "\"\($0.1)\" : N" }
                .replacing(#/took( =|:)? [0-9.]+[mµ]?s/#, with: "took TIME")
                .replacing(#/ +/#, with: " ")
                .replacing(#/\b[0-9]{15,20}\b/#) { name($0.0, radix: 10) }
                .replacing(#/\b[0-9a-f]{13,16}\b/#) { name($0.0, radix: 16) }
        }
    }

    /// The first place where two transcripts differ, with what comes before it.
    static func difference(_ ours: [String], _ theirs: [String]) -> String {
        let place = zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(ours.count, theirs.count)
        func part(_ lines: [String]) -> String {
            lines[max(0, place - 3)..<min(lines.count, place + 4)].joined(separator: "\n")
        }
        return "keelson:\n\(part(ours))\netcd:\n\(part(theirs))"
    }
}
