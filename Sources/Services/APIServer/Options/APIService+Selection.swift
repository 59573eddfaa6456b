internal import ResourceModel

extension APIService {
    /// What label and field selectors choose of a resource.
    func selection(_ call: ResourceCall, _ options: ListOptions) throws(APIFailure) -> WatchFilter {
        let labels = try Self.labelSelector(options.labelSelector)
        let fields = try Self.fieldSelector(options.fieldSelector)
        let selectable = call.kind.strategy.selectableFields
        let known = ["metadata.name", "metadata.namespace"]
            + selectable(.emptyObject).map(\.name)
        if let unknown = fields.unknownField(among: known) {
            throw .badRequest(
                "field label not supported: \(unknown)")
        }
        var filter = WatchFilter(name: fields.requiredValue(of: "metadata.name"))
        let rest = FieldSelector(fields.terms.filter { !($0.field == known[0] && $0.isEqual) })
        guard !labels.isEmpty || !rest.isEmpty else { return filter }
        filter.selects = { object in
            guard labels.matches(object["metadata"]["labels"]) else { return false }
            guard !rest.isEmpty else { return true }
            let values = selectable(object)
            return rest.matches { field in
                switch field {
                case "metadata.name": object["metadata"]["name"].stringValue ?? ""
                case "metadata.namespace": object["metadata"]["namespace"].stringValue ?? ""
                default: values.first { $0.name == field }?.value ?? ""
                }
            }
        }
        return filter
    }

    private static func labelSelector(_ text: String) throws(APIFailure) -> LabelSelector {
        do throws(LabelSelector.Failure) {
            return try LabelSelector(parsing: text)
        } catch {
            throw .badRequest("unable to parse requirement: \(error)")
        }
    }

    private static func fieldSelector(_ text: String) throws(APIFailure) -> FieldSelector {
        do throws(FieldSelector.Failure) {
            return try FieldSelector(parsing: text)
        } catch {
            throw .badRequest(error.description)
        }
    }
}
