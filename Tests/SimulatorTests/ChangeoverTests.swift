import Evidence
import Testing
import Wire

@testable import Simulator

/// Who balances, and when: every flow is judged by who was master while it ran.
@Suite struct ChangeoverTests {
  private func playing(
    _ change: (inout Scenario.Cluster) -> Void = { _ in }, and more: (inout Scenario) -> Void = { _ in }
  ) -> Playing {
    Playing {
      $0.flows = 30
      $0.backends = 2
      var cluster = Scenario.Cluster()
      change(&cluster)
      $0.cluster = cluster
      more(&$0)
    }
  }

  /// Time, Ethernet source, IP source and priority.
  private func advertisements(
    _ playing: Playing
  ) -> [(time: Int, mac: MACAddress, sender: IPAddress, priority: UInt8)] {
    playing.frames { frame in
      guard case .vrrp(_, _, let sender, let priority) = frame.content else { return nil }
      return (frame.time, frame.source, sender, priority)
    }
  }

  private func announcements(_ playing: Playing) -> [(time: Int, mac: MACAddress, owner: MACAddress)] {
    playing.frames { frame in
      guard case .announcement(_, let owner, _) = frame.content else { return nil }
      return (frame.time, frame.source, owner)
    }
  }

  @Test func `A master resigns with priority 0, and the other advertises and announces within a second`() throws {
    let playing = playing()
    let all = advertisements(playing)
    let resignation = try #require(all.first { $0.priority == 0 })
    #expect(resignation.mac == playing.balancer && resignation.time == Int(8e9))
    let others = all.filter { $0.mac == playing.peer }
    let first = try #require(others.first)
    #expect(first.time > resignation.time && first.time < resignation.time + 1_000_000_000)
    #expect(all.filter { $0.mac == playing.balancer }.allSatisfy { $0.time <= resignation.time })
    #expect(first.sender == playing.network.address(of: playing.network.nodes[1]))
    let announced = try #require(announcements(playing).first { $0.mac == playing.peer })
    #expect(announced.time > first.time && announced.owner == playing.peer)
  }

  @Test func `After silence the other waits for three intervals`() throws {
    let playing = playing { $0.resigns = false }
    let all = advertisements(playing)
    #expect(all.allSatisfy { $0.priority > 0 })
    let last = try #require(all.last { $0.mac == playing.balancer })
    let first = try #require(all.first { $0.mac == playing.peer })
    #expect(first.time - last.time > 3_000_000_000)
  }

  @Test(arguments: [Scenario.Cluster.Sign.vrrp, .announcement, .nothing])
  func `Replies are direct whoever is master`(sign: Scenario.Cluster.Sign) {
    let playing = playing { $0.sign = sign }
    #expect(playing.network.truths.count { $0.fates == [.direct] } > 20)
    #expect(playing.network.truths.allSatisfy { !$0.fates.contains(.viaBalancer) })
    #expect(advertisements(playing).isEmpty == (sign != .vrrp))
    #expect(announcements(playing).isEmpty == (sign == .nothing))
    let forwarders = Set(playing.legs(at: .mirror).filter { $0.half == .request && $0.ttl == 63 }.map(\.from))
    #expect(forwarders == [playing.balancer, playing.peer])
  }

  @Test func `With a virtual MAC adverts and answers bear it, and requests leave from the base MAC`() throws {
    let playing = playing { $0.hasVirtualMAC = true }
    let virtual = try #require(playing.network.interfaces[playing.entry].virtualMAC)
    #expect(virtual.redundancyProtocol == .vrrp)
    let adverts = advertisements(playing)
    #expect(adverts.allSatisfy { $0.mac == virtual })
    #expect(Set(adverts.map(\.sender)) == Set(playing.network.nodes.map(playing.network.address)))
    let answers = playing.frames { frame -> [MACAddress]? in
      guard case .answer(playing.network.vip, let owner, _, _) = frame.content else { return nil }
      return [frame.source, owner]
    }
    #expect(!answers.isEmpty && answers.allSatisfy { $0 == [virtual, virtual] })
    let forwarders = Set(playing.legs(at: .mirror).filter { $0.half == .request && $0.ttl == 63 }.map(\.from))
    #expect(forwarders == [playing.balancer, playing.peer])
  }

  @Test func `A standby serves until it takes over, and is no backend after that`() {
    let playing = playing { $0.service = .standby }
    let toPeer = playing.network.frames.filter { frame in
      frame.senderRole == .balancer && frame.destination == playing.peer && frame.datagram?.half == .request
    }
    #expect(!toPeer.isEmpty && toPeer.allSatisfy { $0.time < Int(8e9) + 60_000_000_000 })
    let passedOn = playing.network.frames.filter { $0.source == playing.peer && $0.datagram?.half == .request }
    #expect(!passedOn.isEmpty && passedOn.allSatisfy { $0.time > Int(8e9) && $0.senderRole == .balancer })
    #expect(playing.network.truths.allSatisfy { !$0.fates.contains(.viaBalancer) })
  }

  @Test func `Two nodes that swap are direct before and after, each by its master`() {
    let playing = playing { $0.service = .nodes }
    #expect(playing.network.backends.isEmpty)
    #expect(playing.network.truths.count { $0.fates == [.direct] } > 20)
    #expect(playing.network.truths.allSatisfy { !$0.fates.contains(.viaBalancer) })
    let replies = playing.legs(at: .client).filter { $0.half == .reply }
    #expect(Set(replies.map(\.from)) == [playing.balancer, playing.peer])
  }

  @Test func `What a master serves itself is local, and neither direct nor via the balancer`() {
    let fates = playing { $0.service = .nodesAndLocal }.network.truths.map(\.fates)
    #expect(fates.contains([.local]) && fates.contains([.direct]))
    #expect(fates.allSatisfy { !$0.contains(.viaBalancer) })
  }

  @Test(arguments: [false, true])
  func `A split brain shows two speakers by turns`(hasVirtualMAC: Bool) {
    let split = playing {
      $0.isSplit = true
      $0.hasVirtualMAC = hasVirtualMAC
    }
    let speakers = advertisements(split).filter { $0.time > Int(8e9) }.map(\.sender)
    #expect(zip(speakers, speakers.dropFirst()).count { $0 != $1 } > 12)
    #expect(split.sightings(at: .mirror).isContestShown)
  }

  @Test func `To and fro is no split brain`() {
    let playing = playing { $0.takesBackAt = 13 }
    #expect(!playing.sightings(at: .mirror).isContestShown)
    let speakers = advertisements(playing).filter { $0.priority > 0 }.map(\.mac)
    #expect(zip(speakers, speakers.dropFirst()).count { $0 != $1 } == 2)
  }

  @Test func `A pinged balancer asks for the client with the VIP as sender, from its base MAC`() throws {
    let playing = Playing {
      $0.pingsVIP = true
      $0.speaksVRRP = true
      $0.balancerRedundancy = .vrrp
    }
    let asked = playing.frames { frame -> MACAddress? in
      guard case .question(_, playing.network.vip, _) = frame.content else { return nil }
      return frame.source
    }
    #expect(asked == [playing.balancer])
    #expect(playing.network.misclaims.isEmpty)
    let answers = playing.network.frames.filter { $0.datagram?.ping?.isAnswer ?? false }
    #expect(!answers.isEmpty && answers.allSatisfy { $0.source == playing.balancer })
  }
}

extension Playing {
  /// The interface of the balancer towards clients.
  var entry: Int { network.stations[network.nodes[0]].interfaces[0] }
}
