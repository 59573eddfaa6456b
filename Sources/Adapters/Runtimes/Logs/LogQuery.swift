/// Which part of a container's log is wanted.
package struct LogQuery: Sendable, Equatable {
    /// The last lines; nil for all.
    package var tailLines: Int?
    /// Nothing that was said before; nanoseconds since 1970.
    package var since: Int64?
    /// Nothing but what was said there; nil for both outputs.
    package var output: ExecOutput?
    /// Whether each line begins with its time.
    package var hasTimestamps = false
    /// Whether to wait for more as long as the container runs.
    package var isFollowing = false
    /// Bytes after which the answer ends.
    package var bytesMax: Int?

    /// The whole log as it is.
    package init() {}
}
