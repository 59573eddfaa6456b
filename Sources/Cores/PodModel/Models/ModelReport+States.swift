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
        case .fetching(0, nil, after: nil): self = .fetching(volume.shortURI)
        case .fetching(let received, let total, after: nil):
            let whole = total.map { " of \($0)" } ?? ""
            self = .fetching("\(volume.shortURI): \(received)\(whole) bytes")
        }
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
