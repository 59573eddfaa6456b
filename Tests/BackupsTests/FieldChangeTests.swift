import Backups
import Primitives
import ResourceModel
import Testing

/// What differs between two states of an object.
@Suite struct `Changed fields` {
    private func lines(_ old: String, _ new: String) throws -> [String] {
        FieldChange.all(from: try JSON(parsing: old), to: try JSON(parsing: new))
            .map(\.description)
    }

    @Test func `fields are named as in a template, with both values`() throws {
        let old = #"{"spec":{"replicas":3,"image":"a","gone":{"x":1}},"list":[1,2,3]}"#
        let new = #"{"spec":{"replicas":5,"image":"a","more":true},"list":[1,9]}"#
        #expect(
            try lines(old, new) == [
                ".spec.replicas: 3 -> 5", #".spec.gone: removed {"x":1}"#,
                ".spec.more: added true", ".list[1]: 2 -> 9", ".list[2]: removed 3",
            ])
    }

    @Test func `equal objects in another order do not differ`() throws {
        #expect(try lines(#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#).isEmpty)
    }

    @Test func `who owns fields is no difference, names that are no words are quoted`() throws {
        let old = #"{"metadata":{"managedFields":[1],"annotations":{"a.b/c":"1"}}}"#
        let new = #"{"metadata":{"managedFields":[2],"annotations":{"a.b/c":"2"}}}"#
        #expect(try lines(old, new) == [#".metadata.annotations["a.b/c"]: "1" -> "2""#])
    }

    @Test func `long values are cut and other types told whole`() throws {
        let long = String(repeating: "x", count: 100)
        let found = try lines(#"{"a":"\#(long)"}"#, #"{"a":[]}"#)
        #expect(found == [".a: \"" + String(repeating: "x", count: 56) + "... -> []"])
        #expect(try lines("1", "2") == [".: 1 -> 2"])
    }
}

/// Names of objects by their keys.
@Suite struct `Names of objects` {
    @Test(arguments: [
        ("/registry/core/configmaps/default/a", "configmaps default/a"),
        ("/registry/apps/deployments/shop/web", "deployments.apps shop/web"),
        ("/registry/core/namespaces/shop", "namespaces shop"),
    ])
    func `a key tells kind, namespace and name`(key: String, name: String) {
        #expect(ObjectName(key: Bytes(key.utf8))?.description == name)
    }

    @Test(arguments: [
        "/registry/core/configmaps", "/registry/a/b/c/d/e", "/other/core/configmaps/x/y",
        "/registry//configmaps/x/y", "", "/registry/",
    ])
    func `other keys are no objects`(key: String) {
        #expect(ObjectName(key: Bytes(key.utf8)) == nil)
    }
}
