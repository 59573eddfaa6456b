package import ResourceModel

extension ObjectShape {
    /// A live object with what was applied laid over it.
    package func merged(_ applied: JSON, over live: JSON) -> JSON {
        merged(applied, over: live, schema)
    }

    private func merged(_ applied: JSON, over live: JSON, _ schema: Schema) -> JSON {
        switch (node(live, schema), node(applied, schema)) {
        case (.members(let object, let values), .members):
            guard case .object(var result) = live else { return applied }
            for member in applied.objectValue?.members ?? [] {
                let inner = self.member(member.name, object, values: values).schema
                result[member.name] =
                    result[member.name].map { merged(member.value, over: $0, inner) }
                    ?? member.value
            }
            return .object(result)
        case (.items(let list), .items): return .array(mergedItems(applied, over: live, list))
        default: return applied
        }
    }

    /// Items in the order in which they are applied, those that only the live list has at their
    /// places between them.
    private func mergedItems(_ applied: JSON, over live: JSON, _ list: ListSchema) -> [JSON] {
        let left = items(live.arrayValue ?? [], list)
        let right = items(applied.arrayValue ?? [], list)
        let liveItems = Dictionary(uniqueKeysWithValues: left.map { ($0.element, $0.value) })
        let isApplied = Set(right.map(\.element))
        var result: [JSON] = []
        var seen: Set<PathElement> = []
        var (mine, theirs) = (0, 0)
        while mine < left.count || theirs < right.count {
            if mine < left.count {
                let (element, item) = left[mine]
                if !isApplied.contains(element) {
                    result.append(item)
                    mine += 1
                    continue
                }
                if seen.contains(element) {
                    mine += 1
                    continue
                }
            }
            guard theirs < right.count else { break }
            let (element, item) = right[theirs]
            result.append(liveItems[element].map { merged(item, over: $0, list.items) } ?? item)
            seen.insert(element)
            theirs += 1
        }
        return result
    }

    /// What differs between two states of an object: fields that are new or have another value,
    /// and fields that are gone.
    package func difference(
        from old: JSON, to new: JSON
    ) -> (changed: FieldSet, removed: FieldSet) {
        var (changed, removed) = (FieldSet(), FieldSet())
        compare(old, new, schema, &changed, &removed)
        return (changed, removed)
    }

    private func compare(
        _ old: JSON, _ new: JSON, _ schema: Schema, _ changed: inout FieldSet,
        _ removed: inout FieldSet
    ) {
        switch (node(old, schema), node(new, schema)) {
        case (.members(let object, let values), .members):
            let before = old.objectValue ?? JSONObject()
            let after = new.objectValue ?? JSONObject()
            for member in before.members {
                let inner = self.member(member.name, object, values: values)
                compare(
                    .field(member.name), member.value, after[member.name], inner.schema,
                    isItem: !inner.isNamed, &changed, &removed)
            }
            for member in after.members where !before.contains(member.name) {
                let inner = self.member(member.name, object, values: values)
                compare(
                    .field(member.name), nil, member.value, inner.schema, isItem: !inner.isNamed,
                    &changed, &removed)
            }
        case (.items(let list), .items):
            let before = items(old.arrayValue ?? [], list)
            let after = items(new.arrayValue ?? [], list)
            let afterItems = Dictionary(uniqueKeysWithValues: after.map { ($0.element, $0.value) })
            for (element, item) in before {
                compare(
                    element, item, afterItems[element], list.items, isItem: true, &changed,
                    &removed)
            }
            let known = Set(before.map(\.element))
            for (element, item) in after where !known.contains(element) {
                compare(element, nil, item, list.items, isItem: true, &changed, &removed)
            }
        default: break
        }
    }

    private func compare(
        _ element: PathElement, _ old: JSON?, _ new: JSON?, _ schema: Schema, isItem: Bool,
        _ changed: inout FieldSet, _ removed: inout FieldSet
    ) {
        switch (old, new) {
        case (let old?, let new?):
            if isTaken(apart: old, schema), isTaken(apart: new, schema) {
                var (inner, gone) = (FieldSet(), FieldSet())
                compare(old, new, schema, &inner, &gone)
                if !inner.isEmpty { changed[element] = inner }
                if !gone.isEmpty { removed[element] = gone }
            } else if old != new {
                // One side is a whole, an empty list or another type: all of it changes.
                addAll(element, new, schema, isItem: isItem, to: &changed)
                var gone = FieldSet()
                addAll(element, old, schema, isItem: isItem, to: &gone)
                removed = removed.union(gone.subtracting(changed))
            }
        case (nil, let new?): addAll(element, new, schema, isItem: isItem, to: &changed)
        case (let old?, nil): addAll(element, old, schema, isItem: isItem, to: &removed)
        case (nil, nil): break
        }
    }

    private func isTaken(apart value: JSON, _ schema: Schema) -> Bool {
        switch node(value, schema) {
        case .leaf: false
        case .members: !(value.objectValue?.isEmpty ?? true)
        case .items: !(value.arrayValue?.isEmpty ?? true)
        }
    }

    /// Adds a value with all that is below it.
    private func addAll(
        _ element: PathElement, _ value: JSON, _ schema: Schema, isItem: Bool,
        to set: inout FieldSet
    ) {
        if isItem || !isTaken(apart: value, schema) { set.members.insert(element) }
        guard isTaken(apart: value, schema) else { return }
        var inner = FieldSet()
        var none = FieldSet()
        let empty: JSON = value.arrayValue == nil ? .emptyObject : []
        compare(empty, value, schema, &inner, &none)
        if !inner.isEmpty { set[element] = set[element].union(inner) }
    }

    /// An object without the fields that were owned and are kept by nobody.
    ///
    /// An item or an entry of a map goes with all below it, whoever set that (defaults, usually);
    /// an object that is left empty goes too, unless somebody owns it.
    package func removing(_ owned: FieldSet, keeping kept: FieldSet, from object: JSON) -> JSON {
        removing(owned, keeping: kept, from: object, schema)
    }

    private func removing(
        _ owned: FieldSet, keeping kept: FieldSet, from value: JSON, _ schema: Schema
    ) -> JSON {
        switch node(value, schema) {
        case .leaf: return value
        case .members(let object, let values):
            var result = JSONObject()
            for member in value.objectValue?.members ?? [] {
                let inner = self.member(member.name, object, values: values)
                result[member.name] = remaining(
                    .field(member.name), member.value, inner.schema, owned, kept,
                    isItem: !inner.isNamed)
            }
            return .object(result)
        case .items(let list):
            return .array(
                (value.arrayValue ?? []).compactMap { item in
                    guard let element = element(of: item, list) else { return item }
                    return remaining(element, item, list.items, owned, kept, isItem: true)
                })
        }
    }

    private func remaining(
        _ element: PathElement, _ value: JSON, _ schema: Schema, _ owned: FieldSet,
        _ kept: FieldSet, isItem: Bool
    ) -> JSON? {
        let isKept =
            kept.members.contains(element) || !isItem && kept.children[element] != nil
        if owned.members.contains(element), !isKept { return nil }
        guard let inner = owned.children[element] else { return value }
        let rest = removing(inner, keeping: kept[element], from: value, schema)
        let isEmptied = rest != value && (rest == .emptyObject || rest == .array([]))
        return isEmptied && !isItem && !isKept ? nil : rest
    }
}
