internal import ArgumentParser
internal import EtcdServer
internal import Foundation
internal import Glibc
internal import Logging
internal import Storage

/// `keelson store`: a member of a replicated store with etcd's API and etcd's flags.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Run a store member that speaks the etcd v3 API.")

    /// Everything: etcd's flags are read by the table that knows them.
    @Argument(parsing: .captureForPassthrough)
    var arguments: [String] = []

    func run() throws {
        switch parsed() {
        case .showHelp: print(StoreFlags.help)
        case .showVersion:
            print("keelson Version: \(ServerVersion.keelson)")
            print("etcd Version: \(ServerVersion.etcd)")
        case .run(let settings): try serve(settings)
        }
    }

    /// Wrong flags end the process as they do in etcd: a line, and exit code 2.
    private func parsed() -> StoreFlags.Outcome {
        do throws(SettingsError) {
            return try StoreFlags.parse(
                arguments, environment: ProcessInfo.processInfo.environment)
        } catch {
            FileHandle.standardError.write(Data("keelson store: \(error)\n".utf8))
            Foundation.exit(2)
        }
    }

    private func serve(_ settings: StoreSettings) throws {
        let log = LineLog.logger(level: settings.logLevel)
        if !settings.ignoredFlags.isEmpty {
            log.warning(
                "flags without effect here",
                metadata: ["flags": "\(settings.ignoredFlags.joined(separator: ","))"])
        }
        // Only `wait` below sees these, on whichever thread they arrive.
        let signals = TerminationSignals()
        let node = StoreNode(settings: settings, disk: PosixDisk(), log: log) { [log] ending in
            switch ending {
            case .removed:
                log.error("the member has been permanently removed from the cluster")
                Foundation.exit(0)
            case .failed(let reason):
                log.critical("the member failed", metadata: ["reason": "\(reason)"])
                Foundation.exit(1)
            }
        }
        do {
            try node.start()
        } catch {
            log.critical("cannot start", metadata: ["reason": "\(error)"])
            Foundation.exit(1)
        }
        // Not inside of the call: below its level a logger evaluates nothing.
        let signal = signals.wait()
        log.info("received signal", metadata: ["signal": "\(signal)"])
        node.stop()
    }
}
