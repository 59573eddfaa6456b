internal import ArgumentParser
internal import Drafting
internal import ResourceModel

/// `keelson create deployment`.
struct CreateDeploymentCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment", abstract: "Create a deployment.",
        discussion: "keelson create deployment web --image=web:1 --port=8080 -- serve --fast",
        aliases: ["deploy"])
    @Option(help: "The image; each of several is a container.") var image: [String] = []
    @Option(name: .shortAndLong, help: "How many copies.") var replicas = 1
    @Option(help: "The port on which the first container listens.") var port = -1
    @OptionGroup var draft: DraftOptions
    @Argument(parsing: .postTerminator, help: "What runs instead of what the image names.")
    var command: [String] = []

    var missing: [String] { image.isEmpty ? ["image"] : [] }

    func object(_ name: String, _ session: Session) throws -> JSON {
        try Draft.deployment(
            name, images: image.apart, command: command, replicas: replicas,
            port: port < 0 ? nil : port
        ) {
            // No vowels, so that no words come about.
            String((0..<5).map { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement() ?? "x" })
        }
    }
}

/// `keelson create job`.
struct CreateJobCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Create a job.",
        discussion: "keelson create job report --from=cronjob/nightly")
    @Option(help: "The image.") var image = ""
    @Option(help: "The cron job whose job it is, as in cronjob/nightly.") var from = ""
    @OptionGroup var draft: DraftOptions
    @Argument(parsing: .postTerminator, help: "What runs instead of what the image names.")
    var command: [String] = []

    func object(_ name: String, _ session: Session) throws -> JSON {
        guard image.isEmpty != from.isEmpty else {
            throw CommandFailure("either --image or --from must be specified")
        }
        guard !from.isEmpty else { return Draft.job(name, image: image, command: command) }
        guard command.isEmpty else { throw CommandFailure("cannot specify --from and command") }
        let place = try ResourceArguments.places([from], session)[0]
        let cronJob = try session.get(place)
        guard place.kind.kind == "CronJob" else {
            throw CommandFailure("from must be an existing cronjob, not \(place.printed)")
        }
        return Draft.job(name, of: cronJob)
    }
}

/// `keelson create cronjob`.
struct CreateCronJobCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "cronjob", abstract: "Create a cron job.",
        discussion: "keelson create cronjob nightly --image=report --schedule='0 1 * * *'",
        aliases: ["cj"])
    @Option(help: "The image.") var image: String?
    @Option(help: "When it begins: minute, hour, day, month and day of the week.")
    var schedule: String?
    @Option(help: "OnFailure or Never: when a container begins anew.") var restart = ""
    @OptionGroup var draft: DraftOptions
    @Argument(parsing: .postTerminator, help: "What runs instead of what the image names.")
    var command: [String] = []

    var missing: [String] {
        (image == nil ? ["image"] : []) + (schedule == nil ? ["schedule"] : [])
    }

    func object(_ name: String, _ session: Session) -> JSON {
        Draft.cronJob(
            name, image: image ?? "", command: command, schedule: schedule ?? "",
            restart: restart.isEmpty ? "OnFailure" : restart)
    }
}
