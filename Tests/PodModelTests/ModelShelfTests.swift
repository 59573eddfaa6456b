import PodModel
import Primitives
import ResourceModel
import Testing

/// Which models a node fetches, keeps and gives up.
@Suite struct ModelShelfTests {
    private static let page = ModelVolume(uri: "http://m/a")
    private static let file = ModelVolume(uri: "file:///b", sha256: "b")

    private func shelf(bytesMax: Int64 = 100, fetchesMax: Int = 4) -> ModelShelf {
        var bounds = ModelShelf.Bounds(bytesMax: bytesMax)
        bounds.modelBytesMax = 60
        bounds.fetchesMax = fetchesMax
        bounds.pace = RestartBackOff.Pace(base: .seconds(2), bound: .seconds(8))
        return ModelShelf(bounds)
    }

    private func waiting(after failure: ModelFailure? = nil) -> ModelShelf.State {
        .fetching(receivedBytes: 0, totalBytes: nil, after: failure)
    }

    @Test func `pods that ask for the same wait for one fetch`() throws {
        var shelf = shelf()
        for uid in ["1", "2"] {
            shelf.use([Self.page], by: uid)
            #expect(shelf.look(at: Self.page, now: .zero) == waiting())
        }
        #expect(shelf.begin() == [Self.page])
        #expect(shelf.begin().isEmpty)
        try shelf.expect(50, for: Self.page)
        #expect(try shelf.receive(20, for: Self.page).isEmpty)
        #expect(
            shelf.look(at: Self.page, now: .zero)
                == .fetching(receivedBytes: 20, totalBytes: 50, after: nil))
        #expect(shelf.users(of: Self.page) == ["1", "2"])
        let model = StoredModel(sha256: "x", sizeBytes: 50)
        shelf.finished(Self.page, .success(model), now: .zero)
        #expect(shelf.look(at: Self.page, now: .zero) == .present(model))
        // It is known by its hash as well.
        let same = ModelVolume(uri: "file:///elsewhere", sha256: "x")
        #expect(shelf.look(at: same, now: .zero) == .present(model))
        #expect(shelf.begin().isEmpty && shelf.sizeBytes == 50)
    }

    @Test func `a few are fetched at a time, in the order in which they were asked for`() {
        var shelf = shelf(fetchesMax: 2)
        let volumes = (0..<5).map { ModelVolume(uri: "data:,\($0)") }
        shelf.use(volumes, by: "1")
        for volume in volumes { _ = shelf.look(at: volume, now: .zero) }
        #expect(shelf.begin() == Array(volumes[..<2]))
        shelf.finished(volumes[0], .failure(.answer(status: 404)), now: .zero)
        #expect(shelf.begin() == [volumes[2]])
    }

    @Test func `a fetch that failed is tried again, later and later`() {
        var shelf = shelf()
        shelf.use([Self.page], by: "1")
        let failure = ModelFailure.answer(status: 503)
        var now = Duration.zero
        _ = shelf.look(at: Self.page, now: now)
        for seconds in [2, 4, 8, 8] {
            #expect(shelf.begin() == [Self.page])
            shelf.finished(Self.page, .failure(failure), now: now)
            let due = now + .seconds(seconds)
            #expect(shelf.look(at: Self.page, now: now) == .failed(failure, retryAt: due))
            #expect(shelf.begin().isEmpty)
            now = due
            // While it is tried, why it failed is still known.
            #expect(shelf.look(at: Self.page, now: now) == waiting(after: failure))
        }
    }

    @Test func `what nobody uses makes room, that which was used longest ago first`() throws {
        var shelf = shelf()
        for (uid, name) in [("1", "a"), ("2", "b"), ("3", "c")] {
            let volume = ModelVolume(uri: "file:///\(name)", sha256: name)
            shelf.use([volume], by: uid)
            _ = shelf.look(at: volume, now: .zero)
            #expect(shelf.begin() == [volume])
            #expect(try shelf.receive(30, for: volume).isEmpty)
            shelf.finished(
                volume, .success(StoredModel(sha256: name, sizeBytes: 30)), now: .zero)
        }
        shelf.release("2")
        shelf.release("1")
        shelf.use([Self.page], by: "4")
        _ = shelf.look(at: Self.page, now: .zero)
        _ = shelf.begin()
        #expect(try shelf.receive(10, for: Self.page).isEmpty)
        #expect(try shelf.receive(10, for: Self.page) == ["b"])
        #expect(try shelf.receive(40, for: Self.page) == ["a"])
        #expect(shelf.sizeBytes == 90)
        // `c` is in use: there is no room beside it.
        let more = ModelVolume(uri: "http://m/more")
        shelf.use([Self.page, more], by: "4")
        _ = shelf.look(at: more, now: .zero)
        _ = shelf.begin()
        #expect(throws: ModelFailure.noRoom(bytesMax: 100)) {
            try shelf.receive(11, for: more)
        }
        shelf.finished(more, .failure(.noRoom(bytesMax: 100)), now: .zero)
        #expect(shelf.sizeBytes == 90)
    }

    @Test func `one that is too large is refused, announced or not`() {
        var shelf = shelf()
        shelf.use([Self.page], by: "1")
        _ = shelf.look(at: Self.page, now: .zero)
        _ = shelf.begin()
        let failure = ModelFailure.tooLarge(bytesMax: 60)
        #expect(throws: failure) { try shelf.expect(61, for: Self.page) }
        #expect(throws: failure) { try shelf.receive(61, for: Self.page) }
    }

    @Test func `what no pod asks for any more comes to nothing`() {
        var shelf = shelf()
        let queued = ModelVolume(uri: "http://m/queued")
        shelf.use([Self.page], by: "1")
        _ = shelf.look(at: Self.page, now: .zero)
        _ = shelf.begin()
        shelf.use([Self.page, queued], by: "1")
        _ = shelf.look(at: queued, now: .zero)
        shelf.release("1")
        #expect(shelf.begin().isEmpty)
        #expect(throws: ModelFailure.unwanted) { try shelf.receive(1, for: Self.page) }
        // Whoever asks meanwhile starts anew.
        shelf.use([Self.page], by: "2")
        shelf.finished(Self.page, .failure(.unwanted), now: .zero)
        #expect(shelf.look(at: Self.page, now: .zero) == waiting())
        #expect(shelf.begin() == [Self.page])
    }

    @Test func `what is found at the start is there, in the order of its last use`() throws {
        var bounds = ModelShelf.Bounds(bytesMax: 100)
        bounds.modelBytesMax = 60
        let stored = ["old", "new"].map { StoredModel(sha256: $0, sizeBytes: 40) }
        var shelf = ModelShelf(
            bounds, stored: stored, hashes: ["http://m/a": "new", "http://m/c": "lost"])
        #expect(shelf.look(at: Self.page, now: .zero) == .present(stored[1]))
        let lost = ModelVolume(uri: "http://m/c")
        shelf.use([lost], by: "1")
        #expect(shelf.look(at: lost, now: .zero) == waiting())
        _ = shelf.begin()
        #expect(try shelf.receive(30, for: lost) == ["old"])
        // One that has vanished from the disk is fetched again.
        shelf.forget("new")
        #expect(shelf.look(at: Self.page, now: .zero) == waiting())
    }

    @Test(arguments: 0..<100)
    func `never is there more than allowed, nor is anything lost that is used`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var shelf = shelf(fetchesMax: 3)
        let volumes = (0..<8).map { number in
            ModelVolume(uri: "http://m/\(number)", sha256: number % 2 == 0 ? "" : "\(number)")
        }
        var running: [ModelVolume: Int64] = [:]
        var users: [String: [ModelVolume]] = [:]
        var there: Set<ModelVolume> = []
        for step in 0..<300 {
            let now = Duration.seconds(step)
            let uid = "\(random.below(5))"
            switch random.below(4) {
            case 0:
                users[uid] = [volumes[random.below(8)], volumes[random.below(8)]]
                shelf.use(users[uid] ?? [], by: uid)
            case 1:
                users[uid] = nil
                shelf.release(uid)
            case 2:
                for volume in shelf.begin() {
                    #expect(running[volume] == nil, "seed \(seed): two fetches of one")
                    running[volume] = 0
                }
            default:
                guard let volume = running.keys.sorted(by: { $0.uri < $1.uri }).first else { break }
                do throws(ModelFailure) {
                    _ = try shelf.receive(20, for: volume)
                    running[volume]? += 20
                    guard random.chance(0.5), let size = running[volume] else { break }
                    let name = String(volume.uri.last!)
                    shelf.finished(
                        volume, .success(StoredModel(sha256: name, sizeBytes: size)), now: now)
                } catch {
                    shelf.finished(volume, .failure(error), now: now)
                }
                running[volume] = nil
            }
            there = there.filter { volume in users.values.contains { $0.contains(volume) } }
            for volume in Set(users.values.joined()) {
                let state = shelf.look(at: volume, now: now)
                if case .present = state { there.insert(volume) }
                #expect(!there.contains(volume) || state.isPresent, "seed \(seed): lost in use")
            }
            #expect(running.count <= 3 && shelf.sizeBytes <= 100, "seed \(seed)")
        }
    }
}

extension ModelShelf.State {
    fileprivate var isPresent: Bool { if case .present = self { true } else { false } }
}
