import Testing
import Wire

@testable import Checks

/// Who owned an address when, and when nothing tells.
@Suite struct OwnershipTests {
  private let first = Device(mac: MACAddress(1))
  private let second = Device(mac: MACAddress(2))
  private let third = Device(mac: MACAddress(3))

  private func time(_ seconds: UInt32) -> Timestamp { Timestamp(seconds: seconds, nanoseconds: 0) }

  /// The first says so at 10 and 20 seconds, the second from 30 on.
  private var ownership: Ownership {
    Ownership(
      [
        0: [
          Statement(owner: first, times: time(10)...time(20)), Statement(owner: second, times: time(30)...time(40)),
        ]
      ],
      since: [0: time(0)])
  }

  @Test func `Between the last claim of one owner and the first of the next either may own the address`() {
    #expect(ownership.successor(at: 0, from: time(12), to: time(18)) == nil)
    #expect(ownership.successor(at: 0, from: time(18), to: time(22)) == second)
    #expect(ownership.successor(at: 0, from: time(24), to: time(25)) == second)
    #expect(ownership.successor(at: 0, from: time(41), to: time(42)) == nil)
    #expect(ownership.successor(at: 1, from: time(24), to: time(25)) == nil)
  }

  @Test func `An owner has the address alone unless the next one is concerned`() {
    func isFirsts(_ from: UInt32, _ to: UInt32, _ concerned: Device) -> Bool {
      ownership.isOwned(by: first, at: 0, from: time(from), to: time(to)) { $0 == concerned }
    }
    #expect(isFirsts(12, 18, second))
    #expect(!isFirsts(22, 25, second))
    #expect(isFirsts(22, 25, third))
    #expect(!isFirsts(18, 32, third))
    #expect(!isFirsts(32, 35, third))
  }

  @Test func `What was claimed by a time is told`() {
    #expect(!ownership.isClaimed(at: 0, by: time(9)))
    #expect(ownership.isClaimed(at: 0, by: time(10)))
    #expect(!ownership.isClaimed(at: 1, by: time(10)))
  }
}
