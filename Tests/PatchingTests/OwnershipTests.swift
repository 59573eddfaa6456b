import Patching
import Primitives
import ResourceModel
import Testing

/// Server-side apply, as Kubernetes' documents and structured-merge-diff's tests have it.
@Suite struct OwnershipTests {
    private let kubectl = FieldOwner("kubectl", .apply, apiVersion: "apps/v1")
    private let helm = FieldOwner("helm", .apply, apiVersion: "apps/v1")
    private let controller = FieldOwner("controller", .update, apiVersion: "apps/v1")
    private let ownership = Sample.ownership
    private let now = "2026-11-25T03:00:00Z"

    private func apply(
        _ text: String, _ live: JSON?, _ manager: FieldOwner? = nil, isForced: Bool = false
    ) throws -> JSON {
        try ownership.applied(
            JSON(parsing: text), to: live, by: manager ?? kubectl, isForced: isForced, time: now)
    }

    private func update(
        _ text: String, _ live: JSON?, _ manager: FieldOwner? = nil
    ) throws -> JSON {
        var new = try JSON(parsing: text)
        new["metadata"]["managedFields"] = live?["metadata"]["managedFields"]
        return ownership.updated(new, from: live, by: manager ?? controller, time: now)
    }

    private func fields(_ object: JSON, _ manager: FieldOwner) -> String? {
        ManagedFields(object["metadata"]["managedFields"])?[manager]?.fieldsV1.encodedText
    }

    private func plain(_ object: JSON) -> String {
        var object = object
        object["metadata"]["managedFields"] = nil
        return object.encodedText
    }

    @Test func `what is applied is owned, in the form of FieldsV1`() throws {
        let object = try apply(
            #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","#
                + #""labels":{"a":"1"},"#
                + #""finalizers":["f"]},"spec":{"replicas":1,"selector":{"a":"1"},"#
                + #""containers":[{"name":"c","image":"i","args":["1"],"#
                + #""ports":[{"containerPort":80}]}]}}"#,
            nil)
        #expect(
            object["metadata"]["managedFields"]?.encodedText
                == #"[{"manager":"kubectl","operation":"Apply","apiVersion":"apps/v1","#
                + #""time":"2026-11-25T03:00:00Z","fieldsType":"FieldsV1","fieldsV1":"#
                + #"{"f:metadata":{"f:finalizers":{"v:\"f\"":{}},"f:labels":{"f:a":{}}},"#
                + #""f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:args":{},"#
                + #""f:image":{},"#
                + #""f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":"#
                + #"{".":{},"f:containerPort":{}}}}},"f:replicas":{},"f:selector":{}}}}]"#)
    }

    @Test func `applying the same again changes nothing`() throws {
        let text = #"{"spec":{"replicas":1,"containers":[{"name":"c","image":"i"}]}}"#
        let object = try apply(text, nil)
        let again = try ownership.applied(
            JSON(parsing: text), to: object, by: kubectl, isForced: false, time: "later")
        #expect(again == object)
    }

    @Test func `what is no longer applied goes, unless another one owns it`() throws {
        let first = try apply(
            #"{"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"replicas":1,"paused":true}}"#, nil)
        let second = try apply(
            #"{"metadata":{"labels":{"b":"2"}},"spec":{"paused":true}}"#, first, helm)
        let third = try apply(#"{"spec":{"replicas":1}}"#, second)
        #expect(
            plain(third)
                == #"{"metadata":{"labels":{"b":"2"}},"spec":{"replicas":1,"paused":true}}"#)
        #expect(fields(third, kubectl) == #"{"f:spec":{"f:replicas":{}}}"#)
        let fourth = try apply("{}", third, helm)
        #expect(plain(fourth) == #"{"metadata":{},"spec":{"replicas":1}}"#)
        #expect(fields(fourth, helm) == nil)
    }

    @Test func `a conflict names manager and field`() throws {
        let live = try update(
            #"{"spec":{"replicas":1,"paused":true}}"#, nil,
            FieldOwner("kubectl-client-side-apply", .update, apiVersion: "apps/v1"))
        let one = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"replicas":2}}"#, live)
        }
        #expect(
            one?.apiFailure.message
                == "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\""
                + " using apps/v1: .spec.replicas")
        #expect(one?.apiFailure.code == 409)
        #expect(
            one?.apiFailure.details?.causes == [
                .init(
                    reason: "FieldManagerConflict",
                    message: "conflict with \"kubectl-client-side-apply\" using apps/v1",
                    field: ".spec.replicas")
            ])
        let two = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"replicas":2,"paused":false}}"#, live)
        }
        #expect(
            two?.apiFailure.message
                == "Apply failed with 2 conflicts: conflicts with \"kubectl-client-side-apply\""
                + " using apps/v1:\n- .spec.paused\n- .spec.replicas")
    }

    @Test func `conflicts among appliers and in items are named as well`() throws {
        let live = try apply(#"{"spec":{"containers":[{"name":"c","image":"a"}]}}"#, nil, helm)
        let error = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"containers":[{"name":"c","image":"b"}]}}"#, live)
        }
        #expect(
            error?.apiFailure.message == "Apply failed with 1 conflict: conflict with \"helm\":"
                + " .spec.containers[name=\"c\"].image")
        let scaler = FieldOwner("s", .update, apiVersion: "apps/v1", subresource: "scale")
        let scaled = try update(#"{"spec":{"replicas":5}}"#, nil, scaler)
        let other = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"replicas":2}}"#, scaled)
        }
        #expect(
            other?.apiFailure.message == "Apply failed with 1 conflict: conflict with \"s\" with"
                + " subresource \"scale\" using apps/v1: .spec.replicas")
    }

    @Test func `equal values are shared, force takes over`() throws {
        let live = try apply(#"{"spec":{"replicas":1}}"#, nil, helm)
        let shared = try apply(#"{"spec":{"replicas":1}}"#, live)
        #expect(fields(shared, helm) == fields(shared, kubectl))
        #expect(throws: Ownership.Failure.self) { try apply(#"{"spec":{"replicas":2}}"#, shared) }
        let forced = try apply(#"{"spec":{"replicas":2}}"#, shared, isForced: true)
        #expect(plain(forced) == #"{"spec":{"replicas":2},"metadata":{}}"#)
        #expect(fields(forced, helm) == nil)
        #expect(fields(forced, kubectl) == #"{"f:spec":{"f:replicas":{}}}"#)
    }

    @Test func `an update takes what it changes and nothing else`() throws {
        let live = try apply(#"{"metadata":{"name":"x"},"spec":{"replicas":1,"paused":true}}"#, nil)
        let scaled = try update(
            #"{"metadata":{"name":"x"},"spec":{"replicas":2,"paused":true}}"#, live)
        #expect(fields(scaled, kubectl) == #"{"f:spec":{"f:paused":{}}}"#)
        #expect(fields(scaled, controller) == #"{"f:spec":{"f:replicas":{}}}"#)
        let removed = try update(#"{"metadata":{"name":"x"},"spec":{"replicas":2}}"#, scaled)
        #expect(fields(removed, kubectl) == nil)
        let same = try update(#"{"metadata":{"name":"x"},"spec":{"replicas":2}}"#, removed)
        #expect(same == removed)
    }

    @Test func `items of lists and sets come and go one by one`() throws {
        let first = try apply(
            #"{"metadata":{"finalizers":["a"]},"spec":{"containers":[{"name":"a","image":"1"}]}}"#,
            nil)
        let second = try apply(
            #"{"metadata":{"finalizers":["b"]},"spec":{"containers":[{"name":"b","image":"2"}]}}"#,
            first, helm)
        #expect(
            plain(second) == #"{"metadata":{"finalizers":["a","b"]},"spec":{"containers":"#
                + #"[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}"#)
        // Defaults inside of an item, which nobody owns, go with it.
        var defaulted = second
        defaulted["spec"]["containers"] = [
            ["name": "a", "image": "1", "args": ["x"]], ["name": "b", "image": "2"],
        ]
        let third = try apply(#"{"spec":{"containers":[]}}"#, defaulted)
        #expect(
            plain(third) == #"{"metadata":{"finalizers":["b"]},"spec":{"containers":"#
                + #"[{"name":"b","image":"2"}]}}"#)
    }

    @Test func `the applied order of items holds`() throws {
        let first = try apply(
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}"#, nil)
        let second = try apply(#"{"spec":{"containers":[{"name":"z"}]}}"#, first, helm)
        let third = try apply(
            #"{"spec":{"containers":[{"name":"c"},{"name":"a"},{"name":"b"}]}}"#, second)
        let names = (third["spec"]["containers"].arrayValue ?? []).map { $0["name"] }
        #expect(names == ["c", "a", "b", "z"] || names == ["z", "c", "a", "b"])
    }

    @Test func `atomic maps and lists are replaced whole`() throws {
        let first = try apply(
            #"{"spec":{"selector":{"a":"1"},"containers":[{"name":"c","args":["1","2"]}]}}"#, nil)
        let second = try apply(
            #"{"spec":{"selector":{"b":"1"},"containers":[{"name":"c","args":["3"]}]}}"#, first)
        #expect(
            plain(second) == #"{"spec":{"selector":{"b":"1"},"containers":[{"name":"c","#
                + #""args":["3"]}]},"metadata":{}}"#)
    }

    @Test func `an object that its owner leaves empty goes`() throws {
        let first = try apply(#"{"spec":{"replicas":1,"strategy":{"type":"Recreate"}}}"#, nil)
        let second = try apply(#"{"spec":{"replicas":1}}"#, first)
        #expect(plain(second) == #"{"spec":{"replicas":1},"metadata":{}}"#)
        // A default beside what was applied, which nobody owns, stays.
        var defaulted = first
        defaulted["spec"]["strategy"]["surge"] = 1
        let third = try apply(#"{"spec":{"replicas":1}}"#, defaulted)
        #expect(third["spec"]["strategy"] == ["surge": 1])
    }

    @Test func `malformed configurations are refused`() throws {
        let twice = #expect(throws: Ownership.Failure.self) {
            try apply(
                #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","#
                    + #""namespace":"d"},"spec":{"containers":[{"name":"a"},{"name":"a"}]}}"#, nil)
        }
        #expect(
            twice
                == .malformed(
                    "failed to create typed patch object (d/x; apps/v1, Kind=Deployment): "
                        + ".spec.containers: duplicate entries for key [name=\"a\"]"))
        let managed = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"metadata":{"managedFields":[]}}"#, nil)
        }
        #expect(managed == .malformed("metadata.managedFields must be nil"))
        #expect(managed?.apiFailure.code == 400)
    }

    @Test func `an object without owners is owned before the first apply`() throws {
        let live: JSON = ["spec": ["replicas": 3, "paused": true]]
        let untracked = ownership.updated(live, from: live, by: controller, time: now)
        #expect(untracked.value(at: "metadata.managedFields") == nil)
        let error = #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"replicas":1}}"#, live)
        }
        #expect(
            error?.apiFailure.message == "Apply failed with 1 conflict: conflict with"
                + " \"before-first-apply\" using apps/v1: .spec.replicas")
        let agreed = try apply(#"{"spec":{"replicas":3}}"#, live)
        #expect(fields(agreed, kubectl) == #"{"f:spec":{"f:replicas":{}}}"#)
    }

    @Test func `kubectl takes over what it applied on the client's side`() throws {
        let last = #"{"spec":{"replicas":1}}"#
        let clientSide = FieldOwner("kubectl-client-side-apply", .update, apiVersion: "apps/v1")
        var object = try JSON(parsing: #"{"spec":{"replicas":1,"paused":true}}"#)
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
            .string(last)
        let live = ownership.updated(object, from: nil, by: clientSide, time: now)
        let upgraded = try apply(#"{"spec":{"replicas":2}}"#, live)
        #expect(upgraded["spec"]["replicas"] == 2)
        #expect(throws: Ownership.Failure.self) { try apply(#"{"spec":{"paused":false}}"#, live) }
        #expect(throws: Ownership.Failure.self) {
            try apply(#"{"spec":{"replicas":2}}"#, live, helm)
        }
    }

    @Test func `a client may clear or damage the managed fields it sends`() throws {
        let live = try apply(#"{"spec":{"replicas":1}}"#, nil)
        var cleared = live
        cleared["metadata"]["managedFields"] = [[:]]
        let forgotten = ownership.updated(cleared, from: live, by: controller, time: now)
        #expect(forgotten.value(at: "metadata.managedFields") == nil)
        var damaged = live
        damaged["metadata"]["managedFields"] = [["operation": "Melt"]]
        #expect(ownership.updated(damaged, from: live, by: controller, time: now) == live)
    }

    @Test func `too many updaters become one`() throws {
        var object = try update(#"{"metadata":{"labels":{}}}"#, nil)
        for index in 0..<15 {
            let manager = FieldOwner("m\(index)", .update, apiVersion: "apps/v1")
            var new = object
            new["metadata"]["labels"]["l\(index)"] = "x"
            let minute = index < 10 ? "0\(index)" : "\(index)"
            object = ownership.updated(
                new, from: object, by: manager, time: "2026-11-25T03:\(minute):00Z")
        }
        let managed = try #require(ManagedFields(object["metadata"]["managedFields"]))
        #expect(managed.entries.count == 10)
        #expect(managed.entries.contains { $0.manager.name == "ancient-changes" })
        #expect(managed.all.paths.count == 15)
    }
}
