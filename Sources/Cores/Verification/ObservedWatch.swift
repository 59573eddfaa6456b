package import Primitives
package import StoreModel

/// What one watch was told, from its creation to its end or the end of the run. A client that
/// reconnects makes a new one, with `alreadySeen` set.
package struct ObservedWatch: Sendable, Equatable {
    /// Who watched.
    package var client: Int
    /// What it asked for.
    package var request: WatchRequest
    /// Everything up to this revision was delivered by earlier watches that this one resumes;
    /// zero if it resumes none.
    package var alreadySeen: Revision
    /// In order of arrival, with the stream-wide notifications (watch identifier -1) of its
    /// stream that arrived after its creation.
    package var deliveries: [WatchDelivery]

    /// Records a watch.
    package init(
        client: Int, request: WatchRequest, alreadySeen: Revision = .zero,
        deliveries: [WatchDelivery] = []
    ) {
        self.client = client
        self.request = request
        self.alreadySeen = alreadySeen
        self.deliveries = deliveries
    }
}
