internal import ClusterAccess
internal import ResourceModel

/// A failure, and where in a file the fields stand that it is about.
struct LocatedFailure: Error {
    var cause: any Error
    /// As in `web.yaml:7:3: spec.replica: unknown field (did you mean "replicas"?)`.
    var lines: [String]
}

extension ManifestObject {
    /// A failure to do something with the object, in some words, with the places of the fields
    /// that the server names.
    func located(
        _ failure: APIFailure, as words: any Error, _ session: Session
    ) -> any Error {
        let problems = FieldProblem.all(in: failure)
        guard !problems.isEmpty else { return words }
        let hasUnknown = problems.contains(where: \.isUnknown)
        // Without it there is no suggestion, and no more is lost.
        let known = hasUnknown ? try? session.directory.fieldNames(of: place.kind) : nil
        let lines = problems.map { problem in
            let meant = problem.suggestion(known).map { " (did you mean \(GoText.quoted($0))?)" }
            return origin.place(of: problem.field) + ": " + problem.text + (meant ?? "")
        }
        return LocatedFailure(cause: words, lines: lines)
    }

    /// A refusal whose causes name the places of their fields as well.
    func withPlaces(_ failure: APIFailure) -> APIFailure {
        var failure = failure
        for index in (failure.details?.causes ?? []).indices {
            let field = failure.details?.causes[index].field ?? ""
            if !field.isEmpty { failure.details?.causes[index].field = origin.place(of: field) }
        }
        return failure
    }
}
