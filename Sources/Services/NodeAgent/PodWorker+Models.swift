internal import PodModel
internal import Primitives
internal import ResourceModel
internal import Runtimes

/// Models that are to be there before the containers.
extension PodWorker {
    /// It is looked so often how much of a model has come.
    private static let progressMilliseconds: Int64 = 5_000

    /// Has the models fetched, and tells how far they are.
    func tendModels() async {
        let wanted = ModelVolume.all(of: pod)
        guard !wanted.isEmpty else { return }
        let states = await models.look(at: wanted.map(\.volume), for: uid) { self.wake() }
        modelFolders = [:]
        for ((name, volume), state) in zip(wanted, states) {
            switch state {
            case .present(let model): modelFolders[name] = models.folder(of: model)
            case .fetching: lookAgain(inMilliseconds: Self.progressMilliseconds)
            case .failed(_, let retryAt):
                lookAgain(inMilliseconds: (retryAt - now).milliseconds)
            }
            await tell(volume, state)
        }
        modelReport = ModelReport(zip(wanted.map(\.volume), states).map { ($0, $1) })
    }

    /// Tells of what is new.
    private func tell(_ volume: ModelVolume, _ state: ModelShelf.State) async {
        let uri = volume.shortURI
        let before = toldOfModels[volume]
        switch state {
        case .fetching:
            guard before == nil else { return }
            toldOfModels[volume] = "fetching"
            await tell(.normal, "FetchingModel", "Fetching model \(uri)")
        case .failed(let failure, let retryAt):
            guard before != "failed \(retryAt)" else { return }
            toldOfModels[volume] = "failed \(retryAt)"
            await tell(.warning, "FailedToFetchModel", "Model \(uri): \(failure)")
        case .present(let model):
            guard before != "present" else { return }
            toldOfModels[volume] = "present"
            let facts = "\(model.sizeBytes) bytes, sha256 \(model.sha256)"
            if before != nil {
                await tell(.normal, "FetchedModel", "Fetched model \(uri): \(facts)")
            } else if ModelReport(of: pod)?.isFetched != true {
                let message = "Model \(uri) is on this node already: \(facts)"
                await tell(.normal, "FetchedModel", message)
            }
        }
    }

    /// Where a container finds the pod's first model; nil if there is none.
    func modelPath(in container: JSON) -> String? {
        guard let name = ModelVolume.all(of: pod).first?.name, let folder = modelFolders[name]
        else { return nil }
        return ModelVolume.path(in: container, volume: name, folder: folder)
    }

    /// Lets a container read the models and, where mounts can be had, not change them.
    func lendModels(to spec: inout ContainerSpec) async {
        guard !modelFolders.isEmpty else { return }
        let mayMount = await runtime.status().features.contains {
            $0.name == "Mounts" && $0.isAvailable
        }
        for folder in modelFolders.values.sorted() {
            let places = spec.mounts.indices.filter {
                (spec.mounts[$0].source + "/").hasPrefix(folder + "/")
            }
            for place in places { spec.mounts[place].isReadOnly = true }
            if places.isEmpty, mayMount {
                spec.mounts.append(Mount(source: folder, target: folder, isReadOnly: true))
            }
        }
    }
}
