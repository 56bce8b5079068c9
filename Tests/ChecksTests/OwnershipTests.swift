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

  private func announcement(_ owner: Device, _ times: ClosedRange<Timestamp>, patience: Double) -> Statement<Device> {
    var statement = Statement(owner: owner, times: times)
    (statement.isAnnouncement, statement.patience) = (true, patience)
    return statement
  }

  @Test func `Of two masters at once each is one through three intervals of silence`() {
    func owners(second begin: UInt32) -> Ownership.Owners {
      Ownership(
        [
          0: [
            announcement(first, time(0)...time(20), patience: 3),
            announcement(second, time(begin)...time(30), patience: 3),
          ]
        ],
        since: [0: time(0)]
      ).owners(at: 0, from: time(22), to: time(22))
    }
    #expect(owners(second: 10) == .known([first, second]))
    // One after the other: a failover.
    #expect(owners(second: 21) == .known([second]))
  }

  /// What is kept of many frames is the stretch of time that each falls into: 128 ms at first.
  @Test func `Who may have begun to own the address only after a frame is not its only owner then`() {
    var back = announcement(first, time(30)...time(40), patience: 3)
    back.width = 2_000_000_000
    func owners(at second: UInt32) -> Ownership.Owners {
      back.firstTime = time(0)
      let statements = [
        announcement(first, time(0)...time(10), patience: 3),
        announcement(self.second, time(20)...time(29), patience: 3), back,
      ]
      return Ownership([0: statements], since: [0: time(0)]).owners(at: 0, from: time(second), to: time(second))
    }
    #expect(owners(at: 31) == .known([first, second]))
    #expect(owners(at: 33) == .known([first]))
  }

  @Test func `Two that announce the address within a second both own it`() {
    func owners(second begin: UInt32) -> Ownership.Owners {
      Ownership(
        [
          0: [
            announcement(first, time(10)...time(10), patience: 0),
            announcement(second, time(begin)...time(begin), patience: 0),
          ]
        ],
        since: [0: time(0)]
      ).owners(at: 0, from: time(40), to: time(41))
    }
    #expect(owners(second: 11) == .known([first, second]))
    #expect(owners(second: 30) == .known([second]))
  }

  @Test func `Two that answer within a second owned the address before, too`() {
    func owners(second begin: UInt32) -> Ownership.Owners {
      let statements = [
        Statement(owner: first, times: time(10)...time(10)), Statement(owner: second, times: time(begin)...time(begin)),
      ]
      return Ownership([0: statements], since: [0: time(0)]).owners(at: 0, from: time(5), to: time(6))
    }
    #expect(owners(second: 11) == .known([first, second]))
    #expect(owners(second: 30) == .known([first]))
  }

  @Test func `Where an owner says so again after another did, it may have owned the address all the time, or not`() {
    let tenures = [
      Statement(owner: first, times: time(10)...time(20)), Statement(owner: second, times: time(30)...time(31)),
      Statement(owner: first, times: time(40)...time(41)), Statement(owner: second, times: time(41)...time(42)),
    ]
    let gaps = Tenure.all(tenures).gaps(at: 3, isEachAnsweredOnce: false)
    #expect(gaps.map(\.owner) == [first, second] && gaps.map(\.other) == [second, first])
    #expect(gaps.map(\.isShort) == [false, true])
    // Each was asked by itself, and the owner before left the question unanswered.
    #expect(Tenure.all(tenures).gaps(at: 3, isEachAnsweredOnce: true).map(\.isShort) == [false, false])
    #expect(gaps.first?.point == 3 && gaps.first?.first == time(30) && gaps.first?.last == time(40))
  }

  @Test func `What was claimed by a time is told`() {
    #expect(!ownership.isClaimed(at: 0, by: time(9)))
    #expect(ownership.isClaimed(at: 0, by: time(10)))
    #expect(!ownership.isClaimed(at: 1, by: time(10)))
  }
}
