/// Backups that a member makes by itself.
package struct BackupSettings: Sendable, Equatable {
    /// Where to; empty for none.
    package var folder = ""
    /// How often.
    package var intervalNanoseconds: Int64 = 3_600_000_000_000
    /// How many of this member's are kept.
    package var count = 24

    /// None.
    package init() {}
}
