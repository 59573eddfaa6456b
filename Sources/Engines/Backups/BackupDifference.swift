package import Primitives
internal import ResourceModel
package import StoreModel

/// How an object, or another key, differs between two backups.
package struct BackupDifference: Equatable, Sendable {
    /// What became of it.
    package enum Change: Equatable, Sendable {
        case created
        case removed
        /// With the fields, where both values are objects.
        case changed([FieldChange])
    }

    /// Its key.
    package var key: Bytes
    /// What became of it.
    package var change: Change

    /// Its name, or the key itself.
    package var name: String {
        ObjectName(key: key)?.description ?? "key " + String(decoding: key, as: UTF8.self)
    }

    /// The namespace of the object; nil for others.
    package var namespace: String? { ObjectName(key: key)?.namespace }

    /// Goes through two backups in the order of keys and reports what differs.
    package static func all(
        from old: BackupImage, to new: BackupImage, in range: KeyRange = .everything,
        _ report: (BackupDifference) throws -> Void
    ) rethrows {
        var (olds, news) = (BackupReader(old, range: range), BackupReader(new, range: range))
        var (left, right) = (olds.next(), news.next())
        while left != nil || right != nil {
            switch order(left?.key, right?.key) {
            case .onlyOld(let key):
                try report(BackupDifference(key: key, change: .removed))
                left = olds.next()
            case .onlyNew(let key):
                try report(BackupDifference(key: key, change: .created))
                right = news.next()
            case .both(let key):
                if let before = left?.value, let after = right?.value, before != after {
                    let fields = fields(before, after)
                    try report(BackupDifference(key: key, change: .changed(fields)))
                }
                left = olds.next()
                right = news.next()
            }
        }
    }

    /// The fields that differ; none where a value is no object.
    static func fields(_ old: Bytes, _ new: Bytes) -> [FieldChange] {
        // Keys of others may hold anything.
        guard let old = try? JSON(parsing: old), let new = try? JSON(parsing: new) else {
            return []
        }
        return FieldChange.all(from: old, to: new)
    }

    private enum Order {
        case onlyOld(Bytes)
        case onlyNew(Bytes)
        case both(Bytes)
    }

    private static func order(_ left: Bytes?, _ right: Bytes?) -> Order {
        guard let left else { return .onlyNew(right ?? []) }
        guard let right else { return .onlyOld(left) }
        if left == right { return .both(left) }
        return left.lexicographicallyPrecedes(right) ? .onlyOld(left) : .onlyNew(right)
    }
}
