package import ResourceModel

extension ModelReport {
    /// What there is to tell of the models of a pod, at least one: the first that failed, else the
    /// first that is not there yet, else the first.
    package init(_ states: [(volume: ModelVolume, state: ModelShelf.State)]) {
        let reports = states.map { Self($0.volume, $0.state) }
        self =
            reports.first { $0.reason == "FetchFailed" } ?? reports.first { !$0.isFetched }
            ?? reports[0]
    }

    /// What there is to tell of a model. One that failed counts as failed until it is there.
    private init(_ volume: ModelVolume, _ state: ModelShelf.State) {
        switch state {
        case .present(let model):
            self = .fetched(sha256: model.sha256, sizeBytes: model.sizeBytes)
        case .failed(let failure, _), .fetching(_, _, after: let failure?):
            self = .failed("\(volume.shortURI): \(failure)")
        case .fetching(let received, let total, after: nil):
            let progress = Self.progress(received, of: total)
            self = .fetching(progress.map { "\(volume.shortURI): \($0)" } ?? volume.shortURI)
        }
    }

    /// How much has come, in twenty steps, or in steps that double where the whole is not known:
    /// each is written to the API. Nil for nothing.
    private static func progress(_ received: Int64, of total: Int64?) -> String? {
        guard received > 0 else { return nil }
        if let total, total > 0 {
            // Servers may send more than they said.
            let share = min(1, Double(received) / Double(total))
            return "\(Int(share * 20) * 5)% of \(total) bytes"
        }
        let step = 1 << (63 - received.leadingZeroBitCount)
        return "more than \(step) bytes"
    }
}

extension ModelVolume {
    /// Where a container finds the model: where the pod's volume is mounted in it, or else in the
    /// folder of the node.
    package static func path(
        in container: JSON, volume name: String, folder: String
    ) -> String {
        let mounts = container["volumeMounts"].arrayValue ?? []
        guard let mount = mounts.first(where: { $0["name"].stringValue == name }) else {
            return folder + "/" + fileName
        }
        let target = mount["mountPath"].stringValue ?? ""
        return mount["subPath"].stringValue == fileName ? target : target + "/" + fileName
    }
}
