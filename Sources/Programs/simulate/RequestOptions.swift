public import ArgumentParser
public import Primitives
internal import Simulator

/// What changes the run that a seed means.
struct RequestOptions: ParsableArguments {
    @Option(help: "What the runs are about; the seed's own choice without it.")
    var profile: Profile?

    @Option(help: "A deliberate bug that all members have.")
    var mutation: Mutation?

    @Option(help: "Left out of the runs: names separated by commas.")
    var without: IngredientList?

    @Option(help: "Faults of the schedule to be left out: numbers separated by commas.")
    var withoutFaults: FaultList?

    @Option(help: "Operations that clients send at most.")
    var operationsMax: Int?

    @Option(
        help: "Operations a second that clients complete; 0 for runs in which they don't catch up.")
    var rate: Int?

    /// The run of a seed.
    func request(seed: UInt64) -> RunRequest {
        var request = RunRequest(seed: seed, profile: profile, mutation: mutation)
        request.without = without?.ingredients ?? []
        request.withoutFaults = withoutFaults?.numbers ?? []
        request.operationsMax = operationsMax
        request.rate = rate
        return request
    }
}

extension RunRequest {
    /// The command line options that say the same, without the seed.
    var options: [String] {
        var options: [String] = []
        if let profile { options += ["--profile", profile.rawValue] }
        if let mutation { options += ["--mutation", "\(mutation)"] }
        if !without.isEmpty {
            options += ["--without", without.map(\.name).joined(separator: ",")]
        }
        if !withoutFaults.isEmpty {
            options += [
                "--without-faults", withoutFaults.map(String.init).joined(separator: ","),
            ]
        }
        if let rate { options += ["--rate", "\(rate)"] }
        if let operationsMax { options += ["--operations-max", "\(operationsMax)"] }
        return options
    }
}

/// Names of ingredients.
struct IngredientList: ExpressibleByArgument {
    var ingredients: [Ingredient]

    init?(argument: String) {
        ingredients = []
        for name in argument.split(separator: ",") {
            guard let ingredient = Ingredient.allCases.first(where: { $0.name == name }) else {
                return nil
            }
            ingredients.append(ingredient)
        }
    }
}

/// Numbers of faults.
struct FaultList: ExpressibleByArgument {
    var numbers: [Int]

    init?(argument: String) {
        numbers = argument.split(separator: ",").compactMap { Int($0) }
    }
}

extension Profile: ExpressibleByArgument {}

extension Mutation: ExpressibleByArgument {
    /// The mutation of this name.
    public init?(argument: String) {
        guard let found = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = found
    }
}
