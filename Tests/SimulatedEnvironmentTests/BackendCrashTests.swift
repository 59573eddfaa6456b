import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// What survives when the process ends in the middle of a commit or a replacement.
@Suite struct BackendCrashTests {
    private func put(_ pairs: [UInt8: UInt8]) -> BackendBatch {
        var batch = BackendBatch()
        for key in pairs.keys.sorted() {
            batch.put(.records, key: [key], value: [pairs[key] ?? 0])
        }
        return batch
    }

    private func contents(_ view: any BackendView) -> [UInt8: UInt8] {
        var found: [UInt8: UInt8] = [:]
        view.scan(.records, from: [], to: nil) { key, value in
            found[key[0]] = value[0]
            return true
        }
        return found
    }

    // RELIABILITY B37: what a batch holds is there as a whole or not at all, so that an applied
    // index committed with its data can neither run ahead of it nor lag.
    @Test func `a killed commit leaves the old state or the new one`() throws {
        var found: Set<[UInt8: UInt8]> = []
        for seed in 0..<40 as Range<UInt64> {
            let provider = MemoryBackendProvider(seed: seed)
            let backend = try provider.open()
            try backend.commit(put([1: 1, 2: 1]))
            provider.failCall(number: provider.callCount + 1, with: .killed)
            #expect(throws: BackendError.self) { try backend.commit(put([1: 2, 2: 2, 3: 2])) }
            #expect(throws: BackendError.self) { try backend.commit(put([4: 4])) }
            #expect(throws: BackendError.self) { try backend.refresh() }
            #expect(throws: BackendError.self) { try backend.makeView() }
            #expect(throws: BackendError.self) { try provider.open() }
            var random = SplitMix64(seed: seed)
            provider.crash(using: &random)
            found.insert(contents(try provider.open()))
        }
        #expect(found == [[1: 1, 2: 1], [1: 2, 2: 2, 3: 2]])
    }

    @Test func `a commit whose end was not announced may be undone, others never`() throws {
        for isUnderWay in [false, true] {
            var found: Set<[UInt8: UInt8]> = []
            for seed in 0..<40 as Range<UInt64> {
                let provider = MemoryBackendProvider()
                let backend = try provider.open()
                try backend.commit(put([1: 1]))
                try backend.commit(put([1: 2]))
                var random = SplitMix64(seed: seed)
                provider.crash(using: &random, commitUnderWay: isUnderWay)
                found.insert(contents(try provider.open()))
                // A second crash undoes nothing more.
                provider.crash(using: &random, commitUnderWay: true)
                found.insert(contents(provider.durableView()))
            }
            #expect(found == (isUnderWay ? [[1: 1], [1: 2]] : [[1: 2]]))
        }
    }

    @Test func `a replacement has taken place as a whole or not at all, whenever it ends`() throws {
        var found: Set<[UInt8: UInt8]> = []
        for call in 1...4 {
            for seed in 0..<20 as Range<UInt64> {
                let provider = MemoryBackendProvider(seed: seed)
                let backend = try provider.open()
                try backend.commit(put([1: 1]))
                provider.failCall(number: provider.callCount + call, with: .killed)
                let isDone: Bool
                do {
                    _ = try provider.replace { (fresh) throws(BackendError) in
                        try fresh.commit(put([5: 5]))
                        try fresh.commit(put([6: 6]))
                    }
                    isDone = true
                } catch {
                    isDone = false
                }
                #expect(isDone == (call == 4))
                var random = SplitMix64(seed: seed)
                provider.stopFaults()
                provider.crash(using: &random)
                let left = contents(try provider.open())
                #expect(left == [5: 5, 6: 6] || (left == [1: 1] && !isDone))
                #expect(call > 2 || left == [1: 1])
                found.insert(left)
            }
        }
        #expect(found == [[1: 1], [5: 5, 6: 6]])
    }

    @Test func `a replacement that failed undoes nothing, one not announced may`() throws {
        var found: Set<[UInt8: UInt8]> = []
        for seed in 0..<40 as Range<UInt64> {
            for fails in [false, true] {
                let provider = MemoryBackendProvider()
                try provider.open().commit(put([1: 1]))
                if fails {
                    provider.failCall(number: provider.callCount + 2, with: .error(.noSpace))
                }
                do {
                    _ = try provider.replace { (fresh) throws(BackendError) in
                        try fresh.commit(put([5: 5]))
                    }
                } catch {
                    #expect(fails)
                }
                var random = SplitMix64(seed: seed)
                provider.crash(using: &random, commitUnderWay: true)
                let left = contents(try provider.open())
                #expect(left == [1: 1] || !fails)
                found.insert(left)
            }
        }
        #expect(found == [[1: 1], [5: 5]])
    }

    @Test func `a failed replacement leaves the present backend in force and usable`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        try backend.commit(put([1: 1]))
        #expect(throws: BackendError.noSpace) {
            try provider.replace { (fresh) throws(BackendError) in
                try fresh.commit(put([5: 5]))
                throw .noSpace
            }
        }
        provider.failCall(number: provider.callCount + 2, with: .error(.noSpace))
        #expect(throws: BackendError.noSpace) {
            try provider.replace { (fresh) throws(BackendError) in
                try fresh.commit(put([5: 5]))
            }
        }
        try backend.commit(put([2: 2]))
        try backend.refresh()
        #expect(contents(backend) == [1: 1, 2: 2])
    }

    @Test func `a replaced backend takes no more commits, the new one does`() throws {
        let provider = MemoryBackendProvider()
        let old = try provider.open()
        try old.commit(put([1: 1]))
        let new = try provider.replace { (fresh) throws(BackendError) in
            #expect(fresh.count(.records) == 0)
            try fresh.commit(put([5: 5]))
        }
        #expect(contents(new) == [5: 5])
        #expect(throws: BackendError.self) { try old.commit(put([1: 1])) }
        try new.commit(put([6: 6]))
        #expect(contents(provider.durableView()) == [5: 5, 6: 6])
    }

    @Test func `a dead process cannot touch the backend`() throws {
        let provider = MemoryBackendProvider()
        let dead = try provider.open()
        try dead.commit(put([1: 1]))
        var random = SplitMix64(seed: 1)
        provider.crash(using: &random)
        #expect(throws: BackendError.self) { try dead.commit(put([2: 2])) }
        let alive = try provider.open()
        #expect(throws: BackendError.self) { try dead.commit(put([2: 2])) }
        #expect(throws: BackendError.self) { try dead.refresh() }
        #expect(throws: BackendError.self) { try dead.defragment() }
        try alive.commit(put([3: 3]))
        #expect(contents(provider.durableView()) == [1: 1, 3: 3])
    }

    @Test func `reading a dead backend is a bug and stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let provider = MemoryBackendProvider()
            let dead = try provider.open()
            _ = try provider.open()
            _ = dead.count(.records)
        }
        await #expect(processExitsWith: .failure) {
            let closed = try MemoryBackendProvider().open()
            closed.close()
            _ = closed.read(.records, key: [1]) { $0.count }
        }
    }

    @Test func `planned errors meet their call and change nothing`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        let failed = BackendError.failed(operation: "commit", reason: "test")
        provider.failCall(number: provider.callCount + 1, with: .error(failed))
        #expect(throws: failed) { try backend.commit(put([1: 1])) }
        try backend.commit(put([2: 2]))
        #expect(contents(provider.durableView()) == [2: 2])
        let corrupted = BackendError.corrupted(path: "/data/db", offset: 4_096, reason: "test")
        provider.openError = corrupted
        #expect(throws: corrupted) { try provider.open() }
        provider.stopFaults()
        #expect(contents(try provider.open()) == [2: 2])
    }

    @Test func `activity counts commits, and a copy goes its own way`() throws {
        let provider = MemoryBackendProvider()
        let backend = try provider.open()
        try backend.commit(put([1: 1, 2: 2]))
        _ = try provider.replace { (fresh) throws(BackendError) in
            try fresh.commit(put([1: 3]))
        }
        let activity = provider.takeActivity()
        #expect(activity.commits == 2)
        #expect(activity.bytesWritten == 6)
        #expect(activity.replacements == 1)
        #expect(provider.takeActivity() == BackendActivity())
        let copy = provider.copy()
        try copy.open().commit(put([9: 9]))
        #expect(contents(provider.durableView()) == [1: 3])
        #expect(contents(copy.durableView()) == [1: 3, 9: 9])
    }
}
