internal import CProcess
internal import Glibc

/// What a process is started as, in a session of its own.
struct ProcessStart {
    /// The program's file; from the working directory if it does not begin with `/`.
    var path: String
    /// Its name first.
    var arguments: [String]
    /// `NAME=value`.
    var environment: [String]
    var workingDirectory = "/"
    /// Become its descriptors 0, 1 and 2; it gets no others.
    var standard: [Descriptor]
    /// Whether the first of them becomes its controlling terminal.
    var hasTerminal = false
    /// Sent to it when the thread that started it ends; 0 for none.
    var parentDeathSignal: Int32 = 0
    /// Open `cgroup.procs` files.
    var cgroups: [Descriptor] = []
    var mounts: [Mount] = []
    /// A mount namespace to enter.
    var mountNamespace: Descriptor?
    var user: Int64?
    var group: Int64?

    /// Starts it and answers its number; when it cannot, nothing is left of it.
    func start() throws(RuntimeFailure) -> Int32 {
        // Its descriptors stay open until it has its own.
        let started = withExtendedLifetime(self) { perform() }
        guard started.error == 0 else { throw failure(started) }
        return started.process
    }

    private func failure(_ start: keelson_start) -> RuntimeFailure {
        let words = HostCalls.words(start.error)
        switch keelson_step(UInt32(start.step)) {
        case KEELSON_STEP_EXEC: return .start("exec: \"\(arguments[0])\": \(words)")
        case KEELSON_STEP_DIRECTORY: return .start("chdir to cwd \"\(workingDirectory)\": \(words)")
        case KEELSON_STEP_USER: return .start("change to user \(user ?? -1): \(words)")
        case KEELSON_STEP_CGROUP: return .start("join cgroup: \(words)")
        case KEELSON_STEP_MOUNT where mounts.indices.contains(Int(start.index)):
            let mount = mounts[Int(start.index)]
            return .start("mount \"\(mount.source)\" at \"\(mount.target)\": \(words)")
        case KEELSON_STEP_MOUNT: return .start("enter mount namespace: \(words)")
        case KEELSON_STEP_SESSION: return .start("set up session: \(words)")
        default: return .start("fork: \(words)")
        }
    }

    // SAFETY: all C strings and arrays live until the call returns; the child has its own copies
    // from exec on, and until then the caller stands still.
    private func perform() -> keelson_start {
        let mountTexts = mounts.flatMap { [$0.source, $0.target] }
        return unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe withCStrings([path, workingDirectory] + mountTexts) { texts in
                    let places = unsafe mounts.indices.map { index in
                        unsafe keelson_mount(
                            source: texts[2 + 2 * index], target: texts[3 + 2 * index],
                            is_read_only: mounts[index].isReadOnly ? 1 : 0)
                    }
                    return unsafe places.withUnsafeBufferPointer { places in
                        unsafe cgroups.map(\.number).withUnsafeBufferPointer { cgroups in
                            var process = unsafe keelson_process(
                                path: texts[0], arguments: arguments, environment: environment,
                                working_directory: texts[1],
                                standard: (
                                    standard[0].number, standard[1].number, standard[2].number
                                ),
                                has_terminal: hasTerminal ? 1 : 0,
                                parent_death_signal: parentDeathSignal,
                                cgroups: cgroups.baseAddress, cgroup_count: Int32(cgroups.count),
                                mounts: places.baseAddress, mount_count: Int32(places.count),
                                mount_namespace: mountNamespace?.number ?? -1, user: user ?? -1,
                                group: group ?? -1)
                            return unsafe keelson_start_process(&process)
                        }
                    }
                }
            }
        }
    }

    private func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { for unsafe copy in unsafe copies { unsafe free(copy) } }
        return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
}

/// Where a program's file is.
enum ProgramSearch {
    /// The file to run for a name, as a shell looks it up.
    /// - Throws: `.start` in the words of Go's exec package.
    static func path(
        of name: String, in environment: [String], from folder: String
    ) throws(RuntimeFailure) -> String {
        if name.isEmpty { throw .start("exec: no command") }
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        let search = environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
        for entry in search.split(separator: ":", omittingEmptySubsequences: false) {
            let place = entry.isEmpty ? "." : String(entry)
            let path = place + "/" + name
            let absolute = path.hasPrefix("/") ? path : folder + "/" + path
            guard let status = HostFiles.status(absolute), status.st_mode.kind == S_IFREG else {
                continue
            }
            if status.st_mode & 0o111 != 0 { return absolute }
        }
        throw .start("exec: \"\(name)\": executable file not found in $PATH")
    }
}
