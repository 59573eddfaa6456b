/// Who makes a request.
struct UserInfo: Sendable, Equatable {
    /// The user's name.
    var name: String
    /// A stable identifier; empty if there is none.
    var uid = ""
    /// All groups, the server's own ones included.
    var groups: [String]

    /// May do everything.
    static let mastersGroup = "system:masters"
    /// Whoever has shown who they are.
    static let authenticatedGroup = "system:authenticated"
    /// Whoever has not.
    static let unauthenticatedGroup = "system:unauthenticated"
    /// A request without a certificate or a token.
    static let anonymous = UserInfo(name: "system:anonymous", groups: [unauthenticatedGroup])
}
