internal import Primitives
internal import StoreModel

/// Wakes the housekeeper whenever a namespace or a CustomResourceDefinition has changed, by this
/// server or another one.
struct DefinitionWatch: Sendable {
    let keys: RegistryKeys
    let client: any KeyValueClient
    let surroundings: Surroundings
    let wake: AsyncStream<Void>.Continuation

    /// Runs until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let watch = client.watch(WatchRequest(keys.range(namespace: nil)))
            do throws(KeyValueFailure) {
                // The first batch says that the watch is open: what is there is looked at then.
                while try await watch.next() != nil { wake.yield() }
            } catch {
                // It is opened anew below.
            }
            watch.close()
            // Cancelled while asleep: the loop ends.
            try? await surroundings.clock.sleep(for: CacheFeed.pause)
        }
    }
}
