/// The folders that an agent keeps for pods.
package enum PodFolders {
    /// Removes a folder with all that is in it, following no link; one that is not there is fine.
    package static func remove(_ path: String) throws(RuntimeFailure) {
        do { try HostFiles.removeTree(path) } catch { throw .host(error) }
    }
}
