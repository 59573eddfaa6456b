extension ProcessRuntime {
    /// What the runtime is and what it can do here.
    package func status() -> RuntimeStatus {
        RuntimeStatus(name: "process", features: [])
    }
}
