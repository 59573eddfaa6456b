import Primitives
import StoreModel
import Testing

@testable import Verification

/// What a violation tells is all that is left of a failed run: the words are recorded.
@Suite struct `Explanations` {
    private let a1 = new("a", "1", 2)

    private func explanation(_ operations: [Operation], _ log: [[Event]]) -> String? {
        History(operations, log: log).verdict.violation?.description
    }

    @Test func `a stale read names both operations`() {
        #expect(
            explanation(
                [
                    done(0...5, .put("a", "1"), 2, .put, client: 3),
                    done(6...9, .get("a"), 1, .found(), client: 4),
                ], [[putEvent(a1)]])
                == """
                staleRead: answered revision 1 after revision 2 had been answered: \
                #1 client 4 range("a") during 6…9 at revision 1 → [] count 0; before it: \
                #0 client 3 put("a", "1") during 0…5 at revision 2 → ok
                """)
    }

    @Test func `a wrong answer tells the right one`() {
        #expect(
            explanation(
                [
                    done(0...5, .put("a", "1"), 2, .put),
                    done(6...9, .get("a"), 2, .found(new("a", "x", 2))),
                ], [[putEvent(a1)]])
                == """
                wrongResponse: should have been ["a"="1" (create 2, mod 2, version 1)] count 1 \
                at revision 2: #1 client 1 range("a") during 6…9 at revision 2 → \
                ["a"="x" (create 2, mod 2, version 1)] count 1
                """)
    }

    @Test func `a lost write, an unexplained revision and a write out of time`() {
        #expect(
            explanation([done(0...5, .swap("a", mod: 1, "2"), 2, .swapped)], [])
                == """
                lostWrite: answered revision 2, but the log ends at 1: #0 client 1 \
                txn(if mod of "a" = 1 then [put("a", "2")] else [range("a")]) during 0…5 \
                at revision 2 → then [ok]
                """)
        #expect(
            explanation([], [[putEvent(new("a", "1", 2, lease: 0))], [deleteEvent("a", 3)]])
                == """
                unexplainedRevision: revision 2 holds [put "a"="1" (create 2, mod 2, version 1)], \
                which no request explains
                """)
        #expect(
            explanation(
                [
                    done(0...5, .get("a"), 2, .found(a1)),
                    lost(6, .put(PutRequest(key: bytes("a"), value: bytes("1")))),
                ], [[putEvent(a1)]])
                == """
                realTimeOrder: made revision 2, but revision 2 had been answered before it began: \
                #1 client 1 put("a", "1") from 6 on, no answer; before it: #0 client 1 range("a") \
                during 0…5 at revision 2 → ["a"="1" (create 2, mod 2, version 1)] count 1
                """)
    }

    @Test func `a refusal names the revisions at which it had no reason`() {
        #expect(
            explanation(
                [
                    done(0...5, .put("a", "1"), 2, .put),
                    refused(6...7, .grant(4), .leaseExists, client: 9),
                ], [[putEvent(a1)]])
                == """
                wrongRefusal: refused without a reason at any revision from 2 to 2: \
                #1 client 9 grant(lease 4, 10 s) during 6…7 refused: leaseExists
                """)
    }

    @Test func `a search tells what it could not place`() {
        let verdict = LinearizabilityChecker(stepsMax: 100).check([
            done(0...5, .put("a", "1"), 2, .put), done(6...9, .get("a"), 1, .found()),
        ])
        #expect(
            verdict.violation?.description
                == """
                notLinearizable: no order explains #0 client 1 put("a", "1") during 0…5 at \
                revision 2 → ok together with #1 client 1 range("a") during 6…9 at revision 1 → \
                [] count 0; the longest order of what came before: none
                """)
    }

    @Test func `a watch tells who watched what`() {
        #expect(
            watchVerdict([events(logged(2)), events(logged(4))]).violation?.description
                == """
                watch(Verification.WatchGuarantee.reliable): client 1 watching "a"..<"c" from \
                revision 2: delivered delete "b" (mod 4), but never put "a"="2" (create 2, mod 3, \
                version 2)
                """)
    }

    @Test func `bytes that are no text are hexadecimal, long ones are cut`() {
        #expect(describe([0x00, 0xFF] as Bytes) == "0x00ff")
        #expect(
            describe(Bytes(repeating: 0x61, count: 41))
                == "\"" + String(repeating: "a", count: 40) + "\"…(41 bytes)")
        #expect(describe(KeyRange(key: bytes("a"), end: [0])) == "\"a\"..<end")
    }
}
