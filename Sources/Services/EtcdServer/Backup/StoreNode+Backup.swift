internal import Environment
internal import Logging
internal import NIOCore
internal import ReplicatedStore
internal import Storage

/// Backups by the clock.
extension StoreNode {
    /// Makes the folder of backups and finds out when the next one is due.
    func prepareBackups() throws {
        let folder = settings.backups.folder
        guard !folder.isEmpty else { return }
        try disk.createDirectory(folder)
        backups = BackupSchedule(settings.backups, member: record.name)
        let names = try disk.list(folder)
        for name in backups.own(names.map { $0.replacing(/\.part$/, with: "") })
        where names.contains(name + ".part") {
            // What a crash has left half written.
            try disk.remove(folder + "/" + name + ".part")
        }
        let newest = backups.own(names).last
        let written = newest.flatMap { PosixDisk.writtenSeconds(of: folder + "/" + $0) }
        backups.start(Clock.now(), newestAgeSeconds: written.map { Clock.unixSeconds() - $0 })
    }

    /// Begins a backup where one is due. One without a leader might be old, so it waits.
    func backUpByItself(_ now: MonotonicInstant) {
        guard backups.begins(now, isReady: member.leader != .zero && !isStopping) else { return }
        let wanted = member.appliedIndex
        // What is applied reaches the backend with the next commit.
        member.receive(.commitSoon)
        wait { [weak self] in
            guard let self, !self.hasEnded else { return true }
            guard self.member.durableIndex >= wanted else { return false }
            self.writeBackup()
            return true
        }
    }

    private func writeBackup() {
        let caretaker = member.caretaker
        let (node, disk, schedule) = (LoopBound(self), LoopBound(disk), backups)
        let name = schedule.name(atUnixSeconds: Clock.unixSeconds())
        let (loop, pace) = (loop, imagePace)
        imageQueue.async {
            let result = Result<Int, any Error> {
                let folder = schedule.settings.folder
                let bytes = try caretaker.writeBackup(to: folder + "/" + name) {
                    pace.rest(after: $0)
                }
                // Read back: only for a good one may others go.
                _ = try SnapshotFile.verify(
                    path: folder + "/" + name, disk: disk.value, ending: .sum)
                for name in schedule.surplus(try disk.value.list(folder)) {
                    try disk.value.remove(folder + "/" + name)
                }
                try disk.value.syncDirectory(folder)
                return bytes
            }
            loop.execute { node.value.finishBackup(name, result) }
        }
    }

    private func finishBackup(_ name: String, _ result: Result<Int, any Error>) {
        switch result {
        case .success(let bytes):
            log.info("made backup", metadata: ["name": "\(name)", "bytes": "\(bytes)"])
            backups.ended(Clock.now(), isGood: true)
        case .failure(let error):
            log.error(
                "backup failed", metadata: ["name": "\(name)", "error": "\(RestoreError(error))"])
            backups.ended(Clock.now(), isGood: false)
        }
    }
}
