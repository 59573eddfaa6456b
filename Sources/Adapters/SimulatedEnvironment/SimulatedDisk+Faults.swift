internal import Environment
internal import Primitives

/// Which faults are to come, and which have come.
struct DiskFaultPlan {
    /// By number of the operation.
    var planned: [Int: DiskFault] = [:]
    var stopNumber = Int.max
    var rates: DiskFaultRates?
    var draw = FaultDraw(seed: 0)
    var isAffected: (String) -> Bool = { _ in true }
    /// How many operations of each kind the rates have looked at.
    var ordinals = [Int](repeating: 0, count: DiskOperation.allCases.count)
    var injected: [InjectedDiskFault] = []

    /// The reports that are kept until they are taken; later ones are dropped.
    static let injectedMax = 10_000

    /// The planned or drawn fault of an operation.
    mutating func fault(
        _ number: Int, _ operation: DiskOperation, _ path: String
    ) -> DiskFault? {
        if !planned.isEmpty, let fault = planned.removeValue(forKey: number) { return fault }
        guard let rates, isAffected(path) else { return nil }
        let index = DiskOperation.allCases.firstIndex(of: operation) ?? 0
        ordinals[index] += 1
        for (order, (fault, probability)) in rates.candidates(for: operation).enumerated()
        where draw.hits(
            probability, kind: UInt64(1 + index * 8 + order), ordinal: ordinals[index])
        {
            return fault
        }
        return nil
    }
}

extension SimulatedDisk {
    /// Plans a fault for the operation of this number (`operationCount` counts from 1).
    package func failOperation(number: Int, with fault: DiskFault) {
        plan.planned[number] = fault
    }

    /// Makes the operation of this number, and all after it, fail without effect, as if the
    /// process had been killed just before it, until `crash` or `endProcess`. For tests that
    /// crash at every step.
    package func stopAtOperation(number: Int) {
        plan.stopNumber = number
    }

    /// Draws faults at the given rates from now on, for the files and folders that `isAffected`
    /// names. Each draw hangs on `seed`, the kind and the ordinal of the operation only.
    package func injectFaults(
        _ rates: DiskFaultRates, seed: UInt64,
        where isAffected: @escaping (_ path: String) -> Bool = { _ in true }
    ) {
        plan.rates = rates
        plan.draw = FaultDraw(seed: seed)
        plan.isAffected = isAffected
        for index in plan.ordinals.indices { plan.ordinals[index] = 0 }
    }

    /// Ends all faults, planned and drawn; a disk that has stopped stays so until the crash.
    package func stopFaults() {
        plan.planned = [:]
        plan.stopNumber = Int.max
        plan.rates = nil
    }

    /// The faults that have taken place since this was last called; at most the first 10,000.
    package func takeInjectedFaults() -> [InjectedDiskFault] {
        defer { plan.injected = [] }
        return plan.injected
    }

    /// Counts an operation and finds its fault.
    /// - Throws: when the disk has stopped.
    func begin(_ operation: DiskOperation, _ path: String) throws(DiskError) -> DiskFault? {
        guard !isStopped else { throw stopped(operation, path) }
        operationCount += 1
        activity.count(operation)
        observer?(operationCount, operation, path)
        if operationCount >= plan.stopNumber {
            plan.stopNumber = Int.max
            isStopped = true
            throw stopped(operation, path)
        }
        guard plan.rates != nil || !plan.planned.isEmpty else { return nil }
        return plan.fault(operationCount, operation, path)
    }

    /// Counts an operation that a fault leaves without any effect.
    func beginSimple(_ operation: DiskOperation, _ path: String) throws(DiskError) {
        if let fault = try begin(operation, path) { try fail(operation, path, fault) }
    }

    /// Counts an `open`; only one that creates a file can lack the space for it.
    func beginOpen(_ path: String, creates: Bool) throws(DiskError) {
        guard let fault = try begin(.open, path), creates || fault != .noSpace else { return }
        try fail(.open, path, fault)
    }

    private func stopped(_ operation: DiskOperation, _ path: String) -> DiskError {
        .failed(operation: operation.rawValue, path: path, code: ErrorNumber.badFile)
    }

    /// Fails the operation under way as the fault says, if it is of that kind.
    func fail(
        _ operation: DiskOperation, _ path: String, _ fault: DiskFault
    ) throws(DiskError) {
        switch fault {
        case .ioError:
            report(operation, path, fault)
            throw .failed(operation: operation.rawValue, path: path, code: ErrorNumber.io)
        case .noSpace:
            report(operation, path, fault)
            throw .noSpace(path: path)
        case .lostWrite, .misdirectedWrite: return
        }
    }

    /// Remembers that a fault has taken place.
    func report(
        _ operation: DiskOperation, _ path: String, _ fault: DiskFault,
        _ victim: DamagedRange? = nil
    ) {
        guard plan.injected.count < DiskFaultPlan.injectedMax else { return }
        plan.injected.append(
            InjectedDiskFault(
                number: operationCount, operation: operation, path: path, fault: fault,
                victim: victim))
    }
}
