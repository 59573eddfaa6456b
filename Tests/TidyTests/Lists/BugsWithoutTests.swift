/// The known bugs of docs/BUGS.md.
let knownBugs = 1...52

/// Those that no test cites, each with the reason. Every other one needs a test whose comment
/// says `RELIABILITY B<number>`.
let bugsWithoutTests: [Int: String] = [
    29: "lease reads are not offered: every linearizable read asks a quorum",
]
