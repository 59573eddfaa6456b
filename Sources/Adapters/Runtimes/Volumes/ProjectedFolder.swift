internal import Glibc
package import PodModel
internal import Primitives

/// A folder of files that are replaced all at once, laid out as kubelet does: each name is a link
/// to `..data/NAME`, `..data` a link to the folder with the present files. Whoever opens a file
/// sees the old ones or the new ones, never some of both.
package struct ProjectedFolder: Sendable {
    private static let current = "..data"

    private let path: String

    /// A folder that is made when files are written to it.
    package init(_ path: String) {
        self.path = path
    }

    /// Makes these the files; whether they were not so already.
    @discardableResult
    package func write(_ files: [VolumeFile]) throws(RuntimeFailure) -> Bool {
        for file in files where !isWithin(file.path) {
            throw .invalid("invalid path \"\(file.path)\"")
        }
        return try host { () throws(HostFailure) in try replace(files) }
    }

    private func replace(_ files: [VolumeFile]) throws(HostFailure) -> Bool {
        try HostFiles.makeFolder(path, mode: 0o755)
        let before = HostFiles.link(path + "/" + Self.current)
        if let before, has(files, in: path + "/" + before) {
            try link(files)
            return false
        }
        let name = freeName()
        let folder = path + "/" + name
        try HostFiles.makeFolder(folder, mode: 0o755)
        for file in files {
            let place = folder + "/" + file.path
            if let slash = file.path.lastIndex(of: "/") {
                try HostFiles.makeFolder(folder + "/" + file.path[..<slash], mode: 0o755)
            }
            try HostFiles.write(file.bytes, at: place, mode: mode_t(file.mode))
        }
        let draft = path + "/..data_tmp"
        try HostFiles.remove(draft)
        try HostFiles.makeLink(draft, to: name)
        try HostFiles.rename(draft, to: path + "/" + Self.current)
        try link(files)
        // Folders that an interrupted replacement has left go as well.
        for old in HostFiles.names(in: path) where old.hasPrefix("..") {
            if old != name && old != Self.current { try HostFiles.removeTree(path + "/" + old) }
        }
        return true
    }

    /// Makes the names of the folder those of the files.
    private func link(_ files: [VolumeFile]) throws(HostFailure) {
        let wanted = Set(files.map { String($0.path.prefix { $0 != "/" }) })
        for name in HostFiles.names(in: path) where !name.hasPrefix("..") {
            if !wanted.contains(name) { try HostFiles.remove(path + "/" + name) }
        }
        for name in wanted where HostFiles.link(path + "/" + name) == nil {
            try HostFiles.makeLink(path + "/" + name, to: Self.current + "/" + name)
        }
    }

    private func has(_ files: [VolumeFile], in folder: String) -> Bool {
        let present = paths(in: folder, prefix: "")
        guard Set(present) == Set(files.map(\.path)) else { return false }
        return files.allSatisfy { file in
            // What cannot be read is written anew.
            let bytes = try? HostFiles.read(folder + "/" + file.path, bytesMax: .max)
            let mode = HostFiles.status(folder + "/" + file.path).map { $0.st_mode & 0o777 }
            return bytes == file.bytes && mode == mode_t(file.mode)
        }
    }

    private func paths(in folder: String, prefix: String) -> [String] {
        HostFiles.names(in: folder).flatMap { name in
            HostFiles.isFolder(folder + "/" + name)
                ? paths(in: folder + "/" + name, prefix: prefix + name + "/") : [prefix + name]
        }
    }

    private func freeName() -> String {
        var number = 1
        while HostFiles.status(path + "/..\(number)") != nil { number += 1 }
        return "..\(number)"
    }

    private func isWithin(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !path.hasPrefix("..")
            && !path.utf8.contains(0)
    }
}
