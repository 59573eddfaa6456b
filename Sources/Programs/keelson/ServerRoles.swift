/// The parts of the control plane that a `keelson server` runs, as `--roles` names them.
struct ServerRoles: Equatable {
    /// A part.
    enum Role: String, CaseIterable {
        case store, api, controllers, node
    }

    /// What is wrong with a list of roles.
    enum Problem: Error, Equatable, CustomStringConvertible {
        case unknown(String)
        case missing(Role)

        var description: String {
            switch self {
            case .unknown(let name):
                "unknown role \"\(name)\": expected "
                    + Role.allCases.map(\.rawValue).joined(separator: ", ")
            case .missing(let role): "role \(role.rawValue) cannot be left out yet"
            }
        }
    }

    private let roles: Set<Role>

    /// Everything, if nothing is said.
    init(_ text: String?) throws(Problem) {
        var roles: Set<Role> = []
        for name in (text ?? "").split(separator: ",") {
            guard let role = Role(rawValue: String(name)) else { throw .unknown(String(name)) }
            roles.insert(role)
        }
        if text == nil { roles = Set(Role.allCases) }
        for role in [Role.store, .api] where !roles.contains(role) { throw .missing(role) }
        self.roles = roles
    }

    /// Whether a part is run.
    func contains(_ role: Role) -> Bool { roles.contains(role) }
}
