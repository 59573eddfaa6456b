import ResourceModel
import Testing

/// Kubernetes' codes, reasons and words.
@Suite struct APIFailureTests {
    private static let deployments = GroupName("deployments", group: "apps")
    private static let pods = GroupName("pods", group: "")

    private static let failures: [(APIFailure, Int, String, String)] = [
        (.notFound(deployments, "x"), 404, "NotFound", "deployments.apps \"x\" not found"),
        (.alreadyExists(pods, "x"), 409, "AlreadyExists", "pods \"x\" already exists"),
        (
            .modified(deployments, "x"), 409, "Conflict",
            "Operation cannot be fulfilled on deployments.apps \"x\": the object has been"
                + " modified; please apply your changes to the latest version and try again"
        ),
        (
            .wrongUID(pods, "x", wanted: "a", found: "b"), 409, "Conflict",
            "Operation cannot be fulfilled on pods \"x\": Precondition failed: UID in"
                + " precondition: a, UID in object meta: b"
        ),
        (.forbidden(pods, "", "no"), 403, "Forbidden", "pods is forbidden: no"),
        (.forbidden(pods, "x", "no"), 403, "Forbidden", "pods \"x\" is forbidden: no"),
        (
            .methodNotAllowed(deployments, "patch"), 405, "MethodNotAllowed",
            "patch is not supported on resources of kind \"deployments.apps\""
        ),
        (.internalError("disk"), 500, "InternalError", "Internal error occurred: disk"),
        (.timeout("late"), 504, "Timeout", "Timeout: late"),
        (
            .undecodable(.init(group: "apps", version: "v1", kind: "Deployment"), "why"), 400,
            "BadRequest", "Deployment in version \"v1\" cannot be handled as a Deployment: why"
        ),
    ]

    @Test(arguments: failures)
    func `a failure speaks as Kubernetes does`(
        _ failure: APIFailure, _ code: Int, _ reason: String, _ message: String
    ) {
        #expect(failure.code == code && failure.reason.rawValue == reason)
        #expect(failure.message == message)
        #expect(APIFailure(status: failure.status) == failure)
    }

    @Test func `an invalid object is told with its causes`() {
        let failure = APIFailure.invalid(
            GroupName("Deployment", group: "apps"), "y",
            [.invalid("spec.replicas", -1, "must be greater than or equal to 0")])
        #expect(
            failure.status.encodedText == #"{"kind":"Status","apiVersion":"v1","metadata":{},"#
                + #""status":"Failure","message":"Deployment.apps \"y\" is invalid: "#
                + #"spec.replicas: Invalid value: -1: must be greater than or equal to 0","#
                + #""reason":"Invalid","details":{"name":"y","group":"apps","kind":"Deployment","#
                + #""causes":[{"reason":"FieldValueInvalid","message":"Invalid value: -1: must be "#
                + #"greater than or equal to 0","field":"spec.replicas"}]},"code":422}"#)
        let two = APIFailure.invalid(
            GroupName("Pod", group: ""), "", [.required("a", "why"), .forbidden("b", "no")])
        #expect(two.message == "Pod \"\" is invalid: [a: Required value: why, b: Forbidden: no]")
        let twice = APIFailure.invalid(
            GroupName("Pod", group: ""), "",
            [.required("a"), .forbidden("b", "no"), .required("a")])
        #expect(twice.details?.causes.map(\.field) == ["a", "b"])
    }

    private static let fields: [(FieldError, String)] = [
        (.invalid("a", "x\n", "no"), #"a: Invalid value: "x\n": no"#),
        (.invalid("a", 1.5, "no"), "a: Invalid value: 1.5: no"),
        (.invalid("a", ["b": [1]], "no"), #"a: Invalid value: {"b":[1]}: no"#),
        (.required("a"), "a: Required value"), (.duplicate("a", "x"), #"a: Duplicate value: "x""#),
        (
            .notSupported("a", "x", ["b", "c"]),
            #"a: Unsupported value: "x": supported values: "b", "c""#
        ),
        (.tooLong("a", bytesMax: 1), "a: Too long: may not be more than 1 byte"),
        (.tooMany("a", count: 3, countMax: 2), "a: Too many: 3: must have at most 2 items"),
        (.notFound("a", "x"), #"a: Not found: "x""#),
        (.immutable("a", 1), "a: Invalid value: 1: field is immutable"),
    ]

    @Test(arguments: fields)
    func `a field's error speaks as Kubernetes does`(_ error: FieldError, _ text: String) {
        #expect(error.text == text)
    }

    @Test func `groups and versions are read and written`() {
        #expect(GroupVersion(apiVersion: "v1") == GroupVersion(group: "", version: "v1"))
        #expect(GroupVersion(apiVersion: "apps/v1")?.description == "apps/v1")
        #expect(GroupVersion(apiVersion: "a/b/c") == nil)
        let kind = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
        #expect(kind.description == "apps/v1, Kind=Deployment")
        #expect(kind.groupKind.description == "Deployment.apps")
    }
}
