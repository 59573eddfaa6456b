extension ProcessRuntime {
    /// Reads the log of a container, giving it away in pieces as text without times and streams
    /// unless they are asked for. One that follows ends when the container has ended.
    /// - Throws: `.unknown`, and whatever `give` throws; a log that was never written is empty.
    package nonisolated func readLog(
        of id: String, _ query: LogQuery, _ give: ([UInt8]) async throws -> Void
    ) async throws {
        let record = try await container(id)
        var reader: LogReader
        do {
            reader = try LogReader(record.spec.log.path, query)
        } catch {
            if record.state == .created { return }
            throw RuntimeFailure.host(error)
        }
        try await reader.read(
            isOver: {
                // One that has been removed meanwhile is over as well.
                let state = try? await self.container(id).state
                return state?.exit != nil || state == nil
            }, give)
    }
}
