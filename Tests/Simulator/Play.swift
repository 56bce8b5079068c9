import Evidence
import PacketBuilder
import Wire

/// What happens on the network, in the order of time.
extension Network {
  subscript(talk index: Int) -> Talk {
    get { index >= Talk.firstProbe ? probes[index - Talk.firstProbe] : talks[index] }
    set { if index >= Talk.firstProbe { probes[index - Talk.firstProbe] = newValue } else { talks[index] = newValue } }
  }

  /// Plays the scenario to its end.
  func play() {
    addTalks()
    if scenario.checksHealth || scenario.family == .proxy { addHealthChecks() }
    if scenario.hasOtherTraffic { addLogins() }
    addAnnouncements()
    addOddTalks()
    addEvents()
    while let index = nextTalk() {
      if !events.isEmpty { runEvents(until: self[talk: index].time) }
      advance(index)
    }
    if scenario.hasOtherTraffic { addChatter() }
    if scenario.speaksVRRP { addAdvertisements() }
    frames = frames.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  private func nextTalk() -> Int? {
    var best: (time: Int, index: Int)?
    for (offset, all) in [(0, talks), (Talk.firstProbe, probes)] {
      for (number, talk) in all.enumerated() where !talk.isOver && talk.time < best?.time ?? .max {
        best = (talk.time, offset + number)
      }
    }
    return best?.index
  }

  // MARK: The service

  private func addTalks() {
    let service = Endpoint(address: vip, port: port)
    var ports: Set<UInt16> = []
    let askers = scenario.backendsAsk == .vip ? clients + backends : clients
    for flow in 0..<scenario.flows {
      let client = askers[flow % askers.count]
      var own = UInt16(dice.number(32_768...60_999))
      while !ports.insert(own).inserted { own &+= 1 }
      let end = Endpoint(address: address(of: client), port: own)
      var truth = FlowTruth(flow: Flow(transport: scenario.isUDP ? .udp : .tcp, client: end, server: service))
      truth.hasBalancer = hasBalancer
      truths.append(truth)
      let start = dice.number(1...(scenario.cluster == nil ? 4_000_000 : 20_000_000)) * 1000
      talks.append(talk(flow, client, end, service, at: start, isUDP: scenario.isUDP))
      if scenario.reusesPorts, dice.chance(0.5) {
        var again = talk(flow, client, end, service, at: start + 20_000_000_000, isUDP: scenario.isUDP)
        // RFC 6528: the initial sequence number of the same ends grows with time, in Linux by one each 64 ns.
        again.clientSequence = talks[talks.count - 1].clientSequence &+ UInt32(20_000_000_000 / 64)
        talks.append(again)
      }
    }
  }

  func talk(
    _ flow: Int, _ client: Int, _ end: Endpoint, _ server: Endpoint, at start: Int, isUDP: Bool
  ) -> Talk {
    Talk(
      flow: flow, client: end, server: server, clientStation: client, isUDP: isUDP,
      steps: isUDP ? exchanges() : connection(), patience: dice.number(2...4), time: start,
      pace: dice.number(50...(scenario.offload == nil ? 20_000 : 200)) * 1000,
      clientSequence: UInt32(truncatingIfNeeded: dice.bits()),
      serverSequence: UInt32(truncatingIfNeeded: dice.bits()), identification: UInt16(truncatingIfNeeded: dice.bits()),
      clientTTL: scenario.hostTTL, serverTTL: 64)
  }

  private func exchanges() -> [Talk.Step] {
    (0..<dice.number(1...2)).flatMap { _ in [.query(dice.number(20...60)), .answer(dice.number(30...200))] }
  }

  private func connection() -> [Talk.Step] {
    var steps: [Talk.Step] = [.syn, .synAck, .handshakeAck]
    if scenario.offload != nil {
      // As many full segments at once as a card may join.
      steps += Array(repeating: .request(1448), count: dice.number(1...12)) + [.request(dice.number(1...900))]
      steps += [.requestAck]
      steps += Array(repeating: .response(1448), count: dice.number(1...12)) + [.responseAck]
    }
    for _ in 0..<dice.number(0...3) {
      steps.append(.request(dice.number(1...120)))
      if dice.chance(0.7) { steps.append(.requestAck) }
      steps += [.response(dice.number(1...300)), .responseAck]
    }
    switch dice.number(0...9) {
    case 0: break
    case 1 where scenario.resets: steps.append(.clientReset)
    default: steps += [.clientFin, .serverFin, .lastAck]
    }
    return steps
  }

  // MARK: What goes on beside it

  /// The balancer asks each backend, at its own address, whether it is well. A proxy's own connections look the same.
  private func addHealthChecks() {
    guard let balancer else { return }
    for backend in backends {
      for _ in 0..<dice.number(1...2) { addProbe(from: balancer, to: backend, port: port) }
    }
  }

  /// Somebody looks after a server.
  private func addLogins() {
    guard let client = clients.first, let server = balancer ?? backends.first else { return }
    addProbe(from: client, to: server, port: 22)
  }

  func addProbe(from station: Int, to server: Int, port: UInt16) {
    addProbe(from: station, to: address(of: server), port: port)
  }

  func addProbe(from station: Int, to target: IPAddress, port: UInt16) {
    let way = stations[station].interfaces.map { interfaces[$0] }.first { segments[$0.segment].contains(target) }
    let end = Endpoint(address: way?.address ?? address(of: station), port: UInt16(dice.number(10_000...19_999)))
    probes.append(
      talk(
        -1, station, end, Endpoint(address: target, port: port), at: dice.number(1...4_000_000) * 1000, isUDP: false))
  }

  private func addAnnouncements() {
    guard scenario.announces, let owner = (balancer ?? backends.first).map({ stations[$0].interfaces[0] }) else {
      return
    }
    for second in 0..<dice.number(1...2) {
      // When it is time: a bond speaks from another member by then.
      schedule(.announce(interface: owner), at: second * Self.second * 2 + dice.number(1...900) * 1_000_000)
    }
  }

  private func addAdvertisements() {
    guard let balancer, scenario.cluster == nil else { return }
    let own = interfaces[stations[balancer].interfaces[0]]
    let group = UInt8(9)
    let source = scenario.balancerRedundancy == .vrrp && dice.chance(0.7) ? own.virtualMAC ?? own.mac : own.mac
    let to = scenario.isIPv6 ? IPAddress(v6High: 0xff02_0000_0000_0000, low: 0x12) : IPAddress(v4: 0xe000_0012)
    for second in 0..<min(6, (frames.map(\.time).max() ?? 0) / 1_000_000_000 + 1) {
      emit(
        .vrrp(address: vip, group: group, sender: own.address, priority: 100), at: second * 1_000_000_000 + 3_000_000,
        from: stations[balancer].interfaces[0], as: source, to: to.multicastMAC, isToGroup: true)
    }
  }

  private func addChatter() {
    for segment in segments.indices {
      let here = interfaces.indices.filter { interfaces[$0].segment == segment }
      for _ in 0..<dice.number(0...2) where !here.isEmpty {
        let sender = dice.pick(here)
        let own = interfaces[sender]
        let to = scenario.isIPv6 ? IPAddress(v6High: 0xff02_0000_0000_0000, low: 2) : IPAddress(v4: 0xe000_0016)
        emit(
          .chatter(sender: own.address), at: dice.number(0...4_000) * 1_000_000, from: sender, to: to.multicastMAC,
          isToGroup: true)
      }
    }
  }
}
