/// The versions that the server says it has.
package enum ServerVersion {
    /// Ours.
    package static let keelson = "0.1.0"
    /// The etcd whose behaviour clients may rely on. From 3.6 on they count on manual progress
    /// requests of watches.
    package static let etcd = "3.6.6"
    /// The lowest version that all members of a cluster can speak.
    package static let cluster = "3.6.0"
    /// The version of what is stored, in etcd's terms.
    package static let storage = "3.6.0"
}
