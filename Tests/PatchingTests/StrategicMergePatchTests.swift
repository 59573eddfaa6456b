import Patching
import ResourceModel
import Testing

/// Strategic merge patch as Kubernetes' documents describe it.
@Suite struct StrategicMergePatchTests {
    private static let live =
        #"{"metadata":{"labels":{"a":"1","b":"2"},"finalizers":["x","y"]},"#
        + #""spec":{"replicas":1,"strategy":{"type":"Rolling","surge":1},"#
        + #""containers":[{"name":"a","image":"a:1","args":["1"]},{"name":"b","image":"b:1"}]}}"#

    private static let patches: [(String, String, String)] = [
        (#"{"spec":{"replicas":3}}"#, "spec.replicas", "3"),
        (
            #"{"spec":{"replicas":null}}"#, "spec",
            #"{"strategy":{"type":"Rolling","surge":1},"#
                + #""containers":[{"name":"a","image":"a:1","args":["1"]},"#
                + #"{"name":"b","image":"b:1"}]}"#
        ),
        (#"{"metadata":{"labels":{"b":null,"c":"3"}}}"#, "metadata.labels", #"{"a":"1","c":"3"}"#),
        (
            #"{"metadata":{"labels":{"$patch":"replace","c":"3"}}}"#, "metadata.labels",
            #"{"c":"3"}"#
        ),
        (#"{"metadata":{"labels":{"$patch":"delete"}}}"#, "metadata.labels", "{}"),
        (
            #"{"spec":{"containers":[{"name":"b","image":"b:2"}]}}"#, "spec.containers",
            #"[{"name":"a","image":"a:1","args":["1"]},{"name":"b","image":"b:2"}]"#
        ),
        (
            #"{"spec":{"containers":[{"name":"c","image":"c:1","args":null}]}}"#, "spec.containers",
            #"[{"name":"a","image":"a:1","args":["1"]},{"name":"b","image":"b:1"},"#
                + #"{"name":"c","image":"c:1"}]"#
        ),
        (
            #"{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}"#, "spec.containers",
            #"[{"name":"b","image":"b:1"}]"#
        ),
        (
            #"{"spec":{"containers":[{"$patch":"replace"},{"name":"z"}]}}"#, "spec.containers",
            #"[{"name":"z"}]"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a","args":["2","3"]}]}}"#, "spec.containers",
            #"[{"name":"a","image":"a:1","args":["2","3"]},{"name":"b","image":"b:1"}]"#
        ),
        (
            #"{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}"#,
            "spec.containers",
            #"[{"name":"b","image":"b:1"},{"name":"a","image":"a:1","args":["1"]}]"#
        ),
        (
            #"{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"#
                + #""containers":[{"name":"c"}]}}"#, "spec.containers",
            #"[{"name":"b","image":"b:1"},{"name":"c"},{"name":"a","image":"a:1","args":["1"]}]"#
        ),
        (
            #"{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"#, "spec.strategy",
            #"{"type":"Recreate"}"#
        ),
        (#"{"metadata":{"finalizers":["y","z"]}}"#, "metadata.finalizers", #"["x","y","z"]"#),
        (
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"]}}"#, "metadata.finalizers",
            #"["y"]"#
        ),
        (
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"#
                + #""$setElementOrder/finalizers":["z","y"],"finalizers":["z"]}}"#,
            "metadata.finalizers", #"["z","y"]"#
        ),
        (#"{"extra":{"list":[{"a":1,"b":null}]}}"#, "extra", #"{"list":[{"a":1}]}"#),
    ]

    @Test(arguments: patches)
    func `a patch changes what it names`(_ patch: String, _ path: String, _ result: String) throws {
        let object = try StrategicMergePatch(Sample.schema)
            .applied(JSON(parsing: patch), to: JSON(parsing: Self.live))
        #expect(object.value(at: path)?.encodedText == result)
    }

    private static let mistakes: [(String, String)] = [
        ("[]", "a strategic merge patch must be an object"),
        (
            #"{"spec":{"containers":[{"image":"x"}]}}"#,
            #"map: {"image":"x"} does not contain declared merge key: name"#
        ),
        (#"{"spec":{"$patch":"melt"}}"#, "unknown patch type: melt in map: {}"),
        (
            #"{"spec":{"strategy":{"$retainKeys":["type"],"surge":2}}}"#,
            "if $retainKeys is in the patch, then all its fields must be listed: surge"
        ),
        (
            #"{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"b"}]}}"#,
            #"$setElementOrder/containers does not name "b", which is in the patch"#
        ),
    ]

    @Test(arguments: mistakes)
    func `a malformed patch is refused`(_ patch: String, _ message: String) throws {
        let error = #expect(throws: PatchFailure.self) {
            try StrategicMergePatch(Sample.schema)
                .applied(JSON(parsing: patch), to: JSON(parsing: Self.live))
        }
        #expect(error?.message == message)
    }
}
