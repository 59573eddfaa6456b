internal import Dispatch
internal import Glibc
internal import Primitives

extension ProcessRuntime {
    /// Starts a process in a running container: with its environment, folder, user and mounts.
    /// - Throws: `.start` if it cannot.
    package func exec(_ spec: ExecSpec, in id: String) throws(RuntimeFailure) -> ExecSession {
        let entry = try entry(id)
        guard let live = entry.live else { throw .wrongState(id: id, isRunning: false) }
        if spec.command.contains(where: { $0.utf8.contains(0) }) {
            throw .invalid("a text has a NUL")
        }
        let container = entry.record.spec
        let path = try ProgramSearch.path(
            of: spec.command.first ?? "", in: container.environment,
            from: container.workingDirectory)
        // Lets those who come after find what this process may leave behind.
        try host { () throws(HostFailure) in
            try HostFiles.write(Bytes(), at: entry.folder.execMarkPath, mode: 0o600)
        }
        let streams = try host { () throws(HostFailure) in try ExecStreams(spec) }
        var environment = container.environment + [
            ContainerFolder.setting(of: id), ContainerFolder.execSetting(of: id),
        ]
        // As container engines do: nobody knows the terminal of the client.
        let isNamed = environment.contains { $0.hasPrefix("TERM=") }
        if spec.hasTerminal, !isNamed { environment.append("TERM=xterm") }
        var start = ProcessStart(
            path: path, arguments: spec.command, environment: environment,
            standard: streams.theirs)
        start.workingDirectory = container.workingDirectory
        start.hasTerminal = spec.hasTerminal
        start.user = container.user
        start.group = container.group
        start.cgroups = try host { () throws(HostFailure) in try entry.folder.groups().doors() }
        start.mountNamespace = try mountNamespace(of: live.state.main.process, container)
        let number = try start.start()
        let process: ExecProcess
        do throws(HostFailure) {
            process = try ExecProcess(number)
            try watch(process)
        } catch {
            Self.endChild(number)
            throw .host(error)
        }
        return ExecSession(
            process, input: streams.input, outputs: streams.outputs,
            isTerminal: spec.hasTerminal, on: queue)
    }

    private func mountNamespace(
        of process: Int32, _ spec: ContainerSpec
    ) throws(RuntimeFailure) -> Descriptor? {
        if spec.effectiveMounts.isEmpty { return nil }
        return try host { () throws(HostFailure) in
            try HostFiles.open("/proc/\(process)/ns/mnt", O_RDONLY)
        }
    }

    /// Waits for the process when it has ended, whoever else asks or does not.
    private func watch(_ process: ExecProcess) throws(HostFailure) {
        let set = try DescriptorSet(reading: [process.descriptor.number])
        let source = DispatchSource.makeReadSource(
            fileDescriptor: set.descriptor.number, queue: queue)
        let number = process.identity.process
        execs[number] = source
        source.setEventHandler { [weak self] in
            if process.exitCode == nil { return }
            self?.assumeIsolated { $0.execs.removeValue(forKey: number)?.cancel() }
        }
        source.setCancelHandler { _ = set }
        source.activate()
    }
}

/// The streams of a process, both ends of them.
private struct ExecStreams {
    /// What the process gets as 0, 1 and 2.
    var theirs: [Descriptor]
    var input: Descriptor?
    var outputs: [Descriptor?]

    init(_ spec: ExecSpec) throws(HostFailure) {
        if spec.hasTerminal {
            let terminal = try Terminal()
            try terminal.near.makeNonBlocking()
            theirs = [terminal.far, terminal.far, terminal.far]
            input = terminal.near
            outputs = [terminal.near, nil]
            return
        }
        let (out, errors) = (try Pipe(), try Pipe())
        for pipe in [out, errors] { try pipe.reader.makeNonBlocking() }
        outputs = [out.reader, errors.reader]
        if spec.hasInput {
            let pipe = try Pipe()
            try pipe.writer.makeNonBlocking()
            input = pipe.writer
            theirs = [pipe.reader, out.writer, errors.writer]
        } else {
            input = nil
            theirs = [try HostFiles.open("/dev/null", O_RDONLY), out.writer, errors.writer]
        }
    }
}
