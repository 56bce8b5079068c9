import Evidence
import Testing
import Wire

@testable import Simulator

/// Devices with several MACs, as `bonding` and ARP flux show them: facts of the field, not of the tool.
@Suite struct BondTests {
  private func playing(_ mode: Scenario.Bond.Mode, at holder: Scenario.Holder) -> Playing {
    Playing {
      $0.family = holder == .server ? .plain : .fullNAT
      $0.flows = 40
      $0.bond = .init(mode: mode, holder: holder)
      $0.neighbours = .unknown
    }
  }

  private func members(_ playing: Playing, _ station: Int) -> [MACAddress] {
    let own = playing.network.interfaces[playing.network.stations[station].interfaces[0]]
    return [own.mac] + own.members
  }

  @Test(arguments: [Scenario.Bond.Mode.balanceALB, .balanceTLB])
  func `IP frames leave from any member, and all of them are the balancer`(mode: Scenario.Bond.Mode) {
    let playing = playing(mode, at: .balancer)
    let replies = playing.legs(at: .client).filter { $0.half == .reply }
    #expect(Set(replies.map(\.from)) == Set(members(playing, playing.network.nodes[0])))
    #expect(playing.network.truths.allSatisfy { $0.fates == [.viaBalancer] })
  }

  @Test func `In balance-alb ARP questions leave from any member with the first one's MAC inside`() {
    let asked = (0..<40).flatMap { seed in
      Playing {
        $0.seed = UInt64(seed)
        $0.bond = .init(mode: .balanceALB, holder: .backend)
      }.frames { frame -> Bool? in
        guard case .question(_, _, let owner) = frame.content, frame.senderRole == .backend else { return nil }
        return frame.source == owner
      }
    }
    #expect(Set(asked) == [true, false])
  }

  @Test func `In balance-alb an asker is told the same member every time`() {
    var told: [MACAddress: Set<MACAddress>] = [:]
    for seed in 0..<20 {
      let playing = Playing {
        $0.seed = UInt64(seed)
        $0.bond = .init(mode: .balanceALB, holder: .balancer)
        $0.clients = 4
        $0.flows = 20
        $0.reprobes = true
        $0.neighbours = .unknown
      }
      for (owner, receiver) in playing.frames({ frame -> (MACAddress, MACAddress)? in
        guard case .answer(playing.network.vip, let owner, let receiver, _) = frame.content else { return nil }
        return (owner, receiver)
      }) { told[receiver, default: []].insert(owner) }
    }
    #expect(!told.isEmpty && told.values.allSatisfy { $0.count == 1 })
    #expect(Set(told.values.flatMap(\.self)).count > 1)
  }

  @Test func `In balance-tlb all ARP says, and leaves from, the first member`() {
    let playing = playing(.balanceTLB, at: .balancer)
    let first = members(playing, playing.network.nodes[0])[0]
    let spoken = playing.frames { frame -> [MACAddress]? in
      guard frame.senderRole == .balancer else { return nil }
      switch frame.content {
      case .question(_, _, let owner), .answer(_, let owner, _, _): return [frame.source, owner]
      default: return nil
      }
    }
    #expect(!spoken.isEmpty && spoken.allSatisfy { $0 == [first, first] })
  }

  @Test func `In active-backup the other member takes over and announces every address`() {
    let playing = playing(.activeBackup, at: .server)
    let change = Int(2e9)
    let sources = { (isLate: Bool) in
      let frames = playing.network.frames.filter { frame in
        frame.senderRole == .server && (isLate ? frame.time > change + 10_000_000 : frame.time < change)
      }
      return Set(frames.map(\.source))
    }
    #expect(sources(false).count == 1 && sources(true).count == 1 && sources(false).isDisjoint(with: sources(true)))
    let announced = playing.frames { frame -> IPAddress? in
      if case .announcement(let address, _, _) = frame.content { return address }
      return nil
    }
    #expect(Set(announced) == [playing.network.vip, playing.network.address(of: playing.network.backends[0])])
  }

  @Test func `Two interfaces in one network both answer for the VIP, and one of them sends`() {
    let playing = Playing {
      $0.twoInterfaces = .balancer
      $0.sendsFromSecond = true
      $0.family = .proxy
    }
    let (first, second) = (playing.balancer, playing.mac(playing.network.nodes[0], at: 1))
    let owners = playing.frames { frame -> MACAddress? in
      if case .answer(playing.network.vip, let owner, _, _) = frame.content { return owner }
      return nil
    }
    #expect(Set(owners) == [first, second])
    #expect(playing.legs(at: .client).filter { $0.half == .reply }.map(\.from) == [second])
    #expect(playing.fates == [.viaBalancer])
  }
}
