internal import Primitives
internal import Transport
internal import Wire

/// etcd's auth service: authentication is never on.
extension StoreNode {
    private static let otherMethods = [
        "AuthDisable", "Authenticate", "AuthEnable", "UserAdd", "UserGet", "UserList",
        "UserDelete", "UserChangePassword", "UserGrantRole", "UserRevokeRole", "RoleAdd",
        "RoleGet", "RoleList", "RoleDelete", "RoleGrantPermission", "RoleRevokePermission",
    ]

    func registerAuthentication() {
        let service = "etcdserverpb.Auth"
        register(service, "AuthStatus") { node, call, _ in
            node.answerNow(call) { writer in writer.write(3, 1 as UInt64) }
        }
        for method in Self.otherMethods {
            register(service, method) { _, call, _ in
                call.finish(EtcdError.authenticationDisabled)
            }
        }
    }
}
