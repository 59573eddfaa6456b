import ControllerHost
import Foundation
import Logging

/// The program: `kubectl proxy --port=8001` beside it, then `copier 8001`.
@main
struct Copier {
    static func main() async {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            FileHandle.standardError.write(Data("usage: copier PORT-OF-KUBECTL-PROXY\n".utf8))
            exit(2)
        }
        let process = ProcessInfo.processInfo
        let service = CopierService(
            transport: ProxyTransport(host: "127.0.0.1", port: port),
            instance: "\(process.hostName)_\(process.processIdentifier)",
            clockwork: .ofMachine, log: Logger(label: ConfigMapCopier.name))
        await service.run(until: AsyncStream { _ in })
    }
}
