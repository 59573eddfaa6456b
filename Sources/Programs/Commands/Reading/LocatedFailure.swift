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
        let lines = lines(FieldProblem.all(in: failure), session)
        return lines.isEmpty ? words : LocatedFailure(cause: words, lines: lines)
    }

    /// Sends something of the object; what the server warns of is told with its place.
    func sending<Answer>(_ session: Session, _ send: () throws -> Answer) rethrows -> Answer {
        let usual = session.client.onWarning
        defer { session.client.onWarning = usual }
        session.client.onWarning = { text in
            usual(text)
            for line in lines(FieldProblem.all(in: text), session) { Standard.complain(line) }
        }
        return try send()
    }

    private func lines(_ problems: [FieldProblem], _ session: Session) -> [String] {
        let hasUnknown = problems.contains(where: \.isUnknown)
        // Without it there is no suggestion, and no more is lost.
        let known = hasUnknown ? try? session.directory.fieldNames(of: place.kind) : nil
        return problems.map { problem in
            let meant = problem.suggestion(known).map { " (did you mean \(GoText.quoted($0))?)" }
            return origin.place(of: problem.field) + ": " + problem.text + (meant ?? "")
        }
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
