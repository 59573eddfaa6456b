import Foundation
import PodModel
import Runtimes
import Testing

/// Volumes on the disk, and how containers see them.
@Suite struct VolumeTests {
    private func files(_ texts: [String: String], mode: UInt32 = 0o644) -> [VolumeFile] {
        texts.map { VolumeFile(path: $0.key, bytes: Array($0.value.utf8), mode: mode) }
    }

    @Test func `files are replaced all at once`() async throws {
        try await Workshop.open { shop in
            let path = shop.folder + "/volume"
            let folder = ProjectedFolder(path)
            #expect(try folder.write(files(["a": "1", "b/c": "2"])))
            #expect(text(path + "/a") == "1" && text(path + "/b/c") == "2")
            // Whoever has the folder of before open goes on seeing it whole.
            let before = try FileManager.default.destinationOfSymbolicLink(atPath: path + "/..data")
            #expect(try !folder.write(files(["a": "1", "b/c": "2"])))
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: path + "/..data")
                    == before)
            #expect(try folder.write(files(["a": "9", "d": "3"], mode: 0o666)))
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            #expect(names.count == 4 && names.suffix(2) == ["a", "d"], "\(names)")
            #expect(text(path + "/a") == "9" && text(path + "/d") == "3")
            let facts = try FileManager.default.attributesOfItem(atPath: path + "/..data/a")
            // With bits that a process usually masks out.
            #expect(facts[.posixPermissions] as? Int == 0o666)
            #expect(try folder.write([]))
            #expect(text(path + "/a").isEmpty)
            for wrong in ["../a", "/a", "a/../../b", "", "a//b", "..x"] {
                #expect(throws: RuntimeFailure.self) { try folder.write(files([wrong: "x"])) }
            }
        }
    }

    @Test func `an interrupted replacement is made again`() async throws {
        try await Workshop.open { shop in
            let path = shop.folder + "/volume"
            let folder = ProjectedFolder(path)
            try folder.write(files(["a": "1"]))
            // As if the machine had stopped in the midst of the next one.
            try FileManager.default.createDirectory(
                atPath: path + "/..7", withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                atPath: path + "/..data_tmp", withDestinationPath: "..7")
            #expect(try folder.write(files(["a": "2"])))
            #expect(text(path + "/a") == "2")
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 3)
            // Or as if only the names had been missing.
            try FileManager.default.removeItem(atPath: path + "/a")
            #expect(try !folder.write(files(["a": "2"])))
            #expect(text(path + "/a") == "2")
        }
    }

    @Test func `paths of the machine must be what they are said to be`() async throws {
        try await Workshop.open { shop in
            let volumes = PodVolumes(podFolder: shop.folder + "/pod")
            let place = shop.folder + "/host/new"
            #expect(
                try volumes.prepare("v", .host(path: place, type: "DirectoryOrCreate")) == place)
            _ = try volumes.prepare("v", .host(path: place + "/f", type: "FileOrCreate"))
            for (path, type, message) in [
                (place, "File", "hostPath type check failed: \(place) is not a file"),
                (place, "Socket", "hostPath type check failed: \(place) is not a socket file"),
                (place + "x", "Directory",
                    "hostPath type check failed: \(place)x is not a directory"),
                ("a/b", "", "hostPath \"a/b\" is not absolute or has \"..\""),
            ] {
                #expect(throws: RuntimeFailure.invalid(message)) {
                    try volumes.prepare("v", .host(path: path, type: type))
                }
            }
            #expect(throws: RuntimeFailure.self) { try volumes.prepare("../v", .empty) }
            try PodFolders.remove(shop.folder + "/pod")
            #expect(FileManager.default.fileExists(atPath: place + "/f"))
        }
    }

    // Needs the right to mount, as root has; without it a container with mounts says so.
    @Test func `containers see volumes where they ask for them, and their changes`()
        async throws
    {
        try await Workshop.open { shop in
            let volumes = PodVolumes(podFolder: shop.folder + "/pod")
            let config = try volumes.prepare("config", .files(files(["color": "red"])))
            let data = try volumes.prepare("data", .empty)
            let target = shop.folder + "/seen"
            var spec = try await shop.spec(
                "cat \(target)/color; echo; echo kept > \(target)-data/f; "
                    + "touch \(target)/x 2> /dev/null; echo $?; "
                    + "while ! grep -q blue \(target)/color; do sleep 0.01; done; echo changed; "
                    + "sleep 1000")
            spec.mounts = [
                Mount(source: config, target: target, isReadOnly: true),
                Mount(source: data, target: target + "-data"),
            ]
            let id = try await shop.runtime.makeContainer(spec)
            guard geteuid() == 0 else {
                await #expect(throws: RuntimeFailure.self) {
                    try await shop.runtime.startContainer(id)
                }
                return
            }
            try await shop.runtime.startContainer(id)
            _ = try await eventually("the attempt to write") {
                shop.said().count == 2 ? true : nil
            }
            _ = try volumes.prepare("config", .files(files(["color": "blue"])))
            _ = try await eventually("the change") {
                shop.said().last == "changed" ? true : nil
            }
            #expect(shop.said() == ["red", "1", "changed"])
            #expect(text(data + "/f") == "kept\n")
            // Nobody else sees the mounts.
            #expect(text(target + "/color").isEmpty)
            let session = try await shop.runtime.exec(ExecSpec(["cat", target + "/color"]), in: id)
            #expect(try await session.read(.stdout) == Array("blue".utf8))
            try await shop.runtime.stopContainer(id, grace: .zero)
            try PodFolders.remove(shop.folder + "/pod")
            #expect(!FileManager.default.fileExists(atPath: data))
        }
    }
}
