/// The folders that an agent keeps for pods.
package enum PodFolders {
    /// Removes a folder with all that is in it, following no link; one that is not there is fine.
    package static func remove(_ path: String) throws(RuntimeFailure) {
        try host { () throws(HostFailure) in try HostFiles.removeTree(path) }
    }
}
