internal import ArgumentParser
internal import Drafting
internal import ResourceModel

/// `keelson create service`.
struct CreateServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Create a service.",
        subcommands: [
            CreateClusterIPCommand.self, CreateNodePortCommand.self,
            CreateLoadBalancerCommand.self, CreateExternalNameCommand.self,
        ], aliases: ["svc"])
}

/// A command that creates a service.
protocol ServiceDraftCommand: DraftCommand {
    var form: Draft.ServiceForm { get }
    var tcp: [String] { get }
}

extension ServiceDraftCommand {
    static var parent: String { "create service" }

    func object(_ name: String, _ session: Session) throws -> JSON {
        try Draft.service(name, form, ports: tcp.apart)
    }
}

/// `keelson create service clusterip`.
struct CreateClusterIPCommand: ServiceDraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusterip", abstract: "Create a service with an address in the cluster.")
    static let refusal = "failed to create ClusterIP service: "
    @Option(help: "PORT or PORT:TARGET; may stand several times.") var tcp: [String] = []
    @Option(help: "The address, or None (the server chooses).") var clusterip: String?
    @OptionGroup var draft: DraftOptions

    var form: Draft.ServiceForm { .clusterIP(clusterip == "" ? nil : clusterip) }
}

/// `keelson create service nodeport`.
struct CreateNodePortCommand: ServiceDraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodeport", abstract: "Create a service with a port on every node.")
    static let refusal = "failed to create NodePort service: "
    @Option(help: "PORT or PORT:TARGET; may stand several times.") var tcp: [String] = []
    @Option(help: "The port of the nodes (the server chooses).") var nodePort = 0
    @OptionGroup var draft: DraftOptions

    var form: Draft.ServiceForm { .nodePort(nodePort == 0 ? nil : nodePort) }
}

/// `keelson create service loadbalancer`.
struct CreateLoadBalancerCommand: ServiceDraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadbalancer", abstract: "Create a service with a load balancer.")
    static let refusal = "failed to create LoadBalancer service: "
    @Option(help: "PORT or PORT:TARGET; may stand several times.") var tcp: [String] = []
    @OptionGroup var draft: DraftOptions

    var form: Draft.ServiceForm { .loadBalancer }
}

/// `keelson create service externalname`.
struct CreateExternalNameCommand: ServiceDraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "externalname", abstract: "Create a service that stands for another name.")
    static let refusal = "failed to create ExternalName service: "
    @Option(help: "The name that it stands for.") var externalName: String?
    @Option(help: "PORT or PORT:TARGET; may stand several times.") var tcp: [String] = []
    @OptionGroup var draft: DraftOptions

    var missing: [String] { externalName == nil ? ["external-name"] : [] }
    var form: Draft.ServiceForm { .externalName(externalName ?? "") }
}
