internal import Primitives
internal import ResourceModel
internal import StoreModel

/// Objects in the store, with optimistic concurrency.
struct ObjectStore: Sendable {
    /// What became of a conditional write.
    enum Outcome: Sendable {
        /// It was made, at this revision.
        case done(Revision)
        /// The object is not at the expected revision: what is there now.
        case changed(VersionedObject?)
    }

    let client: any KeyValueClient

    /// The object under a key.
    func object(_ key: Bytes) async throws(APIFailure) -> VersionedObject? {
        let answer = try await range(RangeRequest(KeyRange(key: key)))
        return answer.answer.keyValues.first.map(Self.object)
    }

    /// Reads a range, linearizably.
    func range(_ request: RangeRequest) async throws(APIFailure) -> Revised<RangeResponse> {
        do throws(KeyValueFailure) {
            return try await client.range(request, isSerializable: false)
        } catch {
            throw APIFailure(error)
        }
    }

    /// The store's revision, at least as new as any answer given before.
    func revision(of keys: RegistryKeys) async throws(APIFailure) -> Revision {
        let range = KeyRange(key: keys.prefix(namespace: nil))
        return try await self.range(RangeRequest(range, isCountOnly: true)).revision
    }

    /// Writes an object that must be at `expected`; `.zero` for one that must not exist.
    func write(
        _ object: VersionedObject, to key: Bytes, expecting expected: Revision,
        lease: LeaseID = .zero
    ) async throws(APIFailure) -> Outcome {
        try await conditional(
            key, expected, .put(PutRequest(key: key, value: object.bytes, lease: lease)))
    }

    /// Deletes an object that must be at `expected`.
    func delete(_ key: Bytes, expecting expected: Revision) async throws(APIFailure) -> Outcome {
        try await conditional(key, expected, .deleteRange(DeleteRangeRequest(KeyRange(key: key))))
    }

    private func conditional(
        _ key: Bytes, _ expected: Revision, _ operation: TransactionOperation
    ) async throws(APIFailure) -> Outcome {
        let range = KeyRange(key: key)
        let request = TransactionRequest(
            compares: [Compare(range, .equal, .mod(expected))], success: [operation],
            failure: [.range(RangeRequest(range))])
        let answer: Revised<TransactionResponse>
        do throws(KeyValueFailure) {
            answer = try await client.transaction(request)
        } catch {
            throw APIFailure(error)
        }
        if answer.answer.succeeded { return .done(answer.revision) }
        guard case .range(let found)? = answer.answer.parts.first else {
            throw .internalError("the store answered something else")
        }
        return .changed(found.keyValues.first.map(Self.object))
    }

    static func object(_ keyValue: KeyValue) -> VersionedObject {
        VersionedObject(bytes: keyValue.value, revision: keyValue.modRevision)
    }
}
