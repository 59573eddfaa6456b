/// Where something begins. Lines and columns count from 1, columns in characters.
package struct Place: Sendable, Equatable {
    /// The line.
    package var line: Int
    /// The column.
    package var column: Int
}

/// Where a value of a manifest and all its parts begin.
package struct FieldPlaces: Sendable, Equatable {
    /// What a value is made of.
    enum Parts: Sendable, Equatable {
        case text(String)
        case members([String: FieldPlaces])
        case items([FieldPlaces])
    }

    /// Of the key, where it is a member of a mapping; else of the value.
    var place: Place
    var parts: Parts

    /// The place of a field that Kubernetes names, as in `spec.template.spec.containers[0].image`,
    /// `metadata.labels[app]` or `.spec.containers[name="web"].image`; of what is nearest around
    /// it if there is no such field.
    package func place(of path: String) -> Place {
        nearest(path[...]).place
    }

    /// The same value somewhere else.
    func at(_ place: Place) -> FieldPlaces { FieldPlaces(place: place, parts: parts) }

    /// The members of a mapping, or of all mappings of a sequence; the first of a name counts.
    var allMembers: [String: FieldPlaces] {
        switch parts {
        case .text: [:]
        case .members(let members): members
        case .items(let items):
            items.reduce(into: [:]) { all, item in
                all.merge(item.allMembers) { first, _ in first }
            }
        }
    }

    private func nearest(_ path: Substring) -> FieldPlaces {
        let path = path.first == "." ? path.dropFirst() : path
        switch parts {
        case .text: return self
        case .items(let items):
            guard let (inside, rest) = Self.bracket(path) else { return self }
            return items.element(inside)?.nearest(rest) ?? self
        case .members(let members):
            if let (inside, rest) = Self.bracket(path) {
                return members[Self.unquoted(inside)]?.nearest(rest) ?? self
            }
            // Names may hold dots: the longest that fits counts.
            let names = members.keys.filter {
                path.hasPrefix($0) && [nil, ".", "["].contains(path.dropFirst($0.count).first)
            }
            guard let name = names.max(by: { $0.count < $1.count }) else { return self }
            return members[name]?.nearest(path.dropFirst(name.count)) ?? self
        }
    }

    /// What stands in the bracket with which a path begins, and what stands behind it.
    private static func bracket(_ path: Substring) -> (inside: Substring, rest: Substring)? {
        guard path.first == "[", let end = path.firstIndex(of: "]") else { return nil }
        return (path[..<end].dropFirst(), path[path.index(after: end)...])
    }

    fileprivate static func unquoted(_ text: some StringProtocol) -> String {
        let isQuoted = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
        return String(isQuoted ? text.dropFirst().dropLast()[...] : text[...])
    }

    fileprivate func hasText(_ text: String) -> Bool { parts == .text(text) }

    fileprivate subscript(name: String) -> FieldPlaces? {
        if case .members(let members) = parts { members[name] } else { nil }
    }
}

extension [FieldPlaces] {
    /// The item of a position, of the values of its keys (`name="web",protocol="TCP"`), or of its
    /// own value (`="web"`). A key that it does not have is left to defaults.
    fileprivate func element(_ selector: Substring) -> FieldPlaces? {
        if let position = Int(selector) { return indices.contains(position) ? self[position] : nil }
        let pairs = selector.split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return first { item in
            let fits = pairs.map { pair -> Bool? in
                let value = FieldPlaces.unquoted(pair.last ?? "")
                guard pair.count == 2, !pair[0].isEmpty else { return item.hasText(value) }
                return item[String(pair[0])]?.hasText(value)
            }
            return fits.contains(true) && !fits.contains(false)
        }
    }
}
