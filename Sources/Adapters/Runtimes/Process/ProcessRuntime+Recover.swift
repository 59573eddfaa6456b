internal import CProcess
internal import Glibc
internal import ResourceModel

extension ProcessRuntime {
    /// Finds what an earlier runtime on the same data folder has left: running containers are
    /// followed again, those that ended meanwhile get their exit, processes of containers that
    /// nobody watches over are ended. Called once, before anything else.
    /// - Throws: `.unsupported` on a kernel before 5.3.
    package func recover() async throws(RuntimeFailure) {
        let probe = keelson_open_process(getpid())
        guard probe >= 0 else {
            throw .unsupported("processes cannot be followed: \(HostCalls.words(errno))")
        }
        close(probe)
        try host { () throws(HostFailure) in
            try HostFiles.makeFolder(containersFolder)
            try HostFiles.makeFolder(sandboxesFolder)
        }
        cgroups = .probe()
        recoverSandboxes()
        for id in HostFiles.names(in: containersFolder) {
            let folder = folder(of: id)
            guard let (spec, createdAt) = folder.spec() else {
                // Torn by the loss of power before the container was ever answered for.
                endOrphans(of: id, session: nil)
                try host { () throws(HostFailure) in try HostFiles.removeTree(folder.path) }
                continue
            }
            let record = ContainerRecord(id: id, spec: spec, createdAt: createdAt, state: .created)
            add(Entry(folder: folder, record: record))
            try await recoverContainer(id, folder)
        }
        // Nobody would ever ask to remove these.
        for entry in entries.values where knownSandboxes[entry.record.spec.sandboxID] == nil {
            try await stopContainer(entry.record.id, grace: .zero)
            try removeContainer(entry.record.id)
        }
    }

    private func recoverContainer(
        _ id: String, _ folder: ContainerFolder
    ) async throws(RuntimeFailure) {
        // Those who asked for them have gone with the earlier agent.
        if HostFiles.status(folder.execMarkPath) != nil {
            endAll { ProcessTable.withSetting(ContainerFolder.execSetting(of: id)) }
        }
        guard HostFiles.status(folder.startMarkPath) != nil else { return }
        if let shim = folder.shim() {
            // One that ends this very moment is settled by what it has written.
            try? watch(shim, of: id)
        }
        settle(id)
        await awaitNews(of: id)
    }
}
