internal import Dispatch
internal import Environment
internal import Foundation
internal import Planning
public import Reconciliation

extension Clockwork {
    /// The clocks of this machine.
    public static var ofMachine: Clockwork {
        Clockwork(
            wall: { WallTime(seconds: Int64(Date().timeIntervalSince1970)) },
            monotonic: {
                MonotonicInstant(
                    nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds))
            },
            wait: { instant in
                let now = Int64(clamping: DispatchTime.now().uptimeNanoseconds)
                let time = Duration.nanoseconds(max(0, instant.nanoseconds - now))
                // Cancelled while asleep: whoever waits looks for that itself.
                try? await Task.sleep(for: time)
            })
    }
}
