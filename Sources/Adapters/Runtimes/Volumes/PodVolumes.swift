internal import Glibc
package import PodModel
internal import Primitives

/// The volumes of one pod on the disk.
package struct PodVolumes: Sendable {
    private let folder: String

    /// The volumes of a pod, below the folder that is the pod's own.
    package init(podFolder: String) {
        folder = podFolder + "/volumes"
    }

    /// Makes a volume what it is to be and answers its path. To be repeated when the content may
    /// have changed: files that are as they should be are left alone, an empty folder keeps what
    /// was put there.
    package func prepare(
        _ name: String, _ content: VolumeContent
    ) throws(RuntimeFailure) -> String {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw .invalid("invalid volume name \"\(name)\"")
        }
        let path = folder + "/" + name
        switch content {
        case .empty:
            try host { () throws(HostFailure) in
                try HostFiles.makeFolder(folder)
                // For any user that the containers run as; the folder around it is the agent's.
                if !HostFiles.isFolder(path) { try HostFiles.makeFolder(path, mode: 0o777) }
            }
            return path
        case .host(let path, let type):
            try prepare(path, type)
            return path
        case .files(let files):
            try host { () throws(HostFailure) in try HostFiles.makeFolder(folder) }
            try ProjectedFolder(path).write(files)
            return path
        }
    }

    private func prepare(_ path: String, _ type: String) throws(RuntimeFailure) {
        guard path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw RuntimeFailure.invalid("hostPath \"\(path)\" is not absolute or has \"..\"")
        }
        let kind = HostFiles.status(path)?.st_mode.kind
        if kind == nil, type == "DirectoryOrCreate" {
            return try host { () throws(HostFailure) in
                try HostFiles.makeFolder(path, mode: 0o755)
            }
        }
        if kind == nil, type == "FileOrCreate" {
            return try host { () throws(HostFailure) in
                try HostFiles.write([], at: path, mode: 0o644)
            }
        }
        let wanted: (kind: mode_t, word: String)? =
            switch type {
            case "": nil
            case "Directory", "DirectoryOrCreate": (S_IFDIR, "a directory")
            case "File", "FileOrCreate": (S_IFREG, "a file")
            case "Socket": (S_IFSOCK, "a socket file")
            case "CharDevice": (S_IFCHR, "a character device")
            case "BlockDevice": (S_IFBLK, "a block device")
            default: throw RuntimeFailure.invalid("unknown hostPath type \"\(type)\"")
            }
        if let wanted, kind != wanted.kind {
            throw RuntimeFailure.invalid(
                "hostPath type check failed: \(path) is not \(wanted.word)")
        }
    }
}
