/// A JSON value. Objects keep the order of their members; whole numbers are exact.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

/// The members of a JSON object, in the order in which they were first set.
public struct JSONObject: Sendable {
    /// A name and its value.
    public struct Member: Sendable, Equatable {
        /// The name; unique within its object.
        public var name: String
        /// The value.
        public var value: JSON

        /// Makes a member.
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Up to this many members a look-up goes through them; beyond it there is an index, so that
    /// hostile objects cost no quadratic time.
    static let scanMax = 16

    /// The members in order.
    public private(set) var members: [Member] = []
    /// Where names are in `members`; empty up to `scanMax` members.
    private var positions: [String: Int] = [:]

    /// Makes an empty object.
    public init() {}

    /// Makes an object of members whose names are unique.
    public init(uniqueMembers: [Member]) {
        members = uniqueMembers
        indexMembers()
    }

    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// The value under a name; setting nil removes it, setting a new one appends. Changing a
    /// value in place copies nothing but what is shared.
    public subscript(name: String) -> JSON? {
        get { position(of: name).map { members[$0].value } }
        _modify {
            let position = position(of: name)
            var value: JSON?
            if let position {
                value = members[position].value
                members[position].value = .null
            }
            defer { put(value, at: position, name) }
            yield &value
        }
    }

    /// Removes the members that a condition holds for.
    public mutating func removeAll(where isRemoved: (Member) -> Bool) {
        let count = members.count
        members.removeAll(where: isRemoved)
        if members.count != count { indexMembers() }
    }

    /// Changes the value of each member in place.
    public mutating func transformValues<Failure: Error>(
        _ transform: (_ name: String, _ value: inout JSON) throws(Failure) -> Void
    ) throws(Failure) {
        for index in members.indices {
            try transform(members[index].name, &members[index].value)
        }
    }

    /// Whether there is a member of this name.
    public func contains(_ name: String) -> Bool { position(of: name) != nil }

    private func position(of name: String) -> Int? {
        if members.count > Self.scanMax { return positions[name] }
        for index in members.indices where members[index].name == name { return index }
        return nil
    }

    private mutating func put(_ value: JSON?, at position: Int?, _ name: String) {
        switch (position, value) {
        case (let position?, let value?): members[position].value = value
        case (let position?, nil):
            members.remove(at: position)
            indexMembers()
        case (nil, let value?):
            members.append(Member(name, value))
            if members.count == Self.scanMax + 1 {
                indexMembers()
            } else if members.count > Self.scanMax {
                positions[name] = members.count - 1
            }
        case (nil, nil): break
        }
    }

    private mutating func indexMembers() {
        positions.removeAll(keepingCapacity: false)
        guard members.count > Self.scanMax else { return }
        positions.reserveCapacity(members.count)
        for index in members.indices { positions[members[index].name] = index }
    }
}

extension JSONObject: Equatable {
    /// Equal if they have the same members in any order.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.members.indices {
            let member = left.members[index]
            if right.members[index].name == member.name {
                guard right.members[index].value == member.value else { return false }
            } else {
                guard right[member.name] == member.value else { return false }
            }
        }
        return true
    }
}
