import Kinds
import ResourceModel
import Testing

@Suite struct KindConsistencyTests {
    @Test func `all kinds of the design are there`() {
        let kinds = Set(BuiltInKinds.all.map { "\($0.apiVersion) \($0.kind)" })
        let core = [
            "Namespace", "Node", "Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "Event",
        ].map { "v1 \($0)" }
        let apps = ["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"].map { "apps/v1 \($0)" }
        let models = ["Model", "ServingRuntime", "ModelDeployment"].map {
            "models.keelson.dev/v1alpha1 \($0)"
        }
        let access = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].map {
            "rbac.authorization.k8s.io/v1 \($0)"
        }
        let others = [
            "batch/v1 Job", "batch/v1 CronJob", "discovery.k8s.io/v1 EndpointSlice",
            "events.k8s.io/v1 Event", "coordination.k8s.io/v1 Lease",
            "apiextensions.k8s.io/v1 CustomResourceDefinition",
        ]
        #expect(kinds == Set(core + apps + models + access + others))
    }

    @Test(arguments: BuiltInKinds.all)
    func `a kind is named for its schema`(_ kind: KindDefinition) {
        #expect(kind.schema.name.hasSuffix(".\(kind.kind)"))
        #expect(kind.singular == kind.kind.lowercased())
        #expect(kind.resource == kind.resource.lowercased())
    }

    @Test(arguments: BuiltInKinds.all)
    func `a kind has metadata, and a status if it says so`(_ kind: KindDefinition) throws {
        let names = kind.schema.fields.map(\.name)
        #expect(Array(names.prefix(3)) == ["apiVersion", "kind", "metadata"])
        #expect(names.contains("status") == kind.hasStatus)
        let metadata = try #require(kind.schema.field("metadata"))
        guard case .object(let schema) = metadata.schema else {
            Issue.record("metadata is no object")
            return
        }
        #expect(schema.field("managedFields") != nil)
    }

    @Test(arguments: BuiltInKinds.all)
    func `the paths of a scale are in the schema`(_ kind: KindDefinition) {
        guard let scale = kind.scale else { return }
        for path in [scale.specReplicas, scale.statusReplicas, scale.selector ?? "spec"] {
            #expect(kind.schema.schema(at: path) != nil, "\(path)")
        }
    }

    @Test(arguments: BuiltInKinds.all)
    func `columns have different headings and say what they show`(_ kind: KindDefinition) {
        let names = kind.columns.map(\.name)
        #expect(Set(names).count == names.count)
        for column in kind.columns { #expect(column.summary.hasSuffix("."), "\(column.name)") }
    }

    @Test func `names in addresses and short names are unambiguous`() {
        for group in Set(BuiltInKinds.all.map(\.group)) {
            let kinds = BuiltInKinds.all.filter { $0.group == group }
            let names = kinds.flatMap { [$0.resource, $0.singular] + $0.shortNames }
            #expect(Set(names).count == names.count, "\(group)")
        }
    }

    @Test(arguments: BuiltInKinds.all)
    func `an empty object breaks nothing`(_ kind: KindDefinition) {
        for start: JSON in [[:], ["metadata": [:], "spec": [:]], ["spec": "x", "status": 1]] {
            var object = start
            kind.strategy.setDefaults(&object)
            kind.strategy.prepareForCreate(&object)
            kind.strategy.prepareForUpdate(&object, start)
            _ = kind.strategy.validate(object, nil)
            _ = kind.strategy.validate(object, start)
            _ = kind.strategy.selectableFields(object)
            for column in kind.columns { _ = column.cell(object, 0) }
        }
    }
}

extension ObjectSchema {
    /// The schema at names joined by dots.
    fileprivate func schema(at path: String) -> Schema? {
        var found: Schema? = .object(self)
        for name in path.split(separator: ".") {
            guard case .object(let object)? = found else { return nil }
            found = object.field(String(name))?.schema
        }
        return found
    }
}

extension KindDefinition: CustomTestStringConvertible {
    /// Its version and name.
    public var testDescription: String { "\(apiVersion) \(kind)" }
}
