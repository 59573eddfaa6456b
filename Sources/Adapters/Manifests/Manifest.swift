package import Primitives
package import ResourceModel

/// One document of a YAML text, as JSON.
package struct Manifest: Sendable, Equatable {
    /// What it says.
    package var value: JSON
    /// The line on which it begins, from 1.
    package var line: Int
    /// Where its fields stand; nil unless it was asked for.
    package var places: FieldPlaces?

    /// The documents of a text; those that say nothing are left out.
    ///
    /// Types are found as Kubernetes finds them (YAML 1.1 as go-yaml 2 reads it): `yes`, `no`,
    /// `on`, `off`, `y` and `n` are booleans, `0x1F`, `0o17`, `017` and `0b11` numbers, dates
    /// texts. Keys become texts; a key that stands twice is refused. JSON is read as well.
    /// - Parameter keepsPlaces: whether to note down where each field stands.
    package static func documents(
        in text: Bytes, limits: ManifestLimits = ManifestLimits(), keepsPlaces: Bool = false
    ) throws(ManifestError) -> [Manifest] {
        guard text.count <= limits.bytesMax else {
            throw ManifestError(
                .tooLarge(bytesMax: limits.bytesMax), at: Place(line: 1, column: 1))
        }
        var composer = Composer(text, limits, keepsPlaces: keepsPlaces)
        var documents: [Manifest] = []
        while let document = try composer.nextDocument() {
            if !document.value.isNull { documents.append(document) }
        }
        return documents
    }
}

/// How much a text may hold.
package struct ManifestLimits: Sendable, Equatable {
    /// The longest text.
    package var bytesMax = 3 << 20
    /// How deep values may be nested, aliases expanded.
    package var depthMax = 100
    /// How many values aliases may stand for, in all documents together.
    package var aliasedValuesMax = 100_000

    /// The limits of the API.
    package init() {}
}
