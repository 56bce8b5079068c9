import Evidence
import Wire

/// How packets get from one station to the next.
extension Network {
  /// The way out of a station towards an address.
  private func route(_ datagram: Datagram, from station: Int) -> (interface: Int, next: IPAddress)? {
    let own = stations[station]
    let destination = datagram.currentDestination
    if let to = own.returnsTo, datagram.half == .reply, !isOwn(destination, of: station),
      let interface = own.interfaces.first(where: { segments[interfaces[$0].segment].contains(to) }),
      balancer.map({ !isOwn(destination, of: $0) }) ?? true
    {
      return (interface, to)
    }
    if own.takesDetour, destination == vip, let gateway = own.gateway { return onLink(gateway, from: station) }
    let exits = own.interfaces.reversed().filter { segments[interfaces[$0].segment].contains(destination) }
    if let interface = scenario.answersFromSecondMAC || own.sendsFromSecond ? exits.first : exits.last {
      return (interface, destination)
    }
    for (segment, next) in own.routes where segments[segment].contains(destination) {
      return own.interfaces.first { segments[interfaces[$0].segment].contains(next) }.map { ($0, next) }
    }
    if scenario.isVIPRouted, destination == vip, let balancer,
      let interface = own.interfaces.first(where: { interfaces[$0].segment == Network.front })
    {
      return (interface, address(of: balancer))
    }
    guard let next = own.gateway,
      let interface = own.interfaces.first(where: { segments[interfaces[$0].segment].contains(next) })
    else { return nil }
    return (interface, next)
  }

  /// Sends a packet on its way. Returns where it arrived; `nil` where it got lost or nobody took it. `lostAt` is the
  /// link on which the wire loses it.
  func send(_ sent: Datagram, from station: Int, _ time: inout Int, lostAt: Int? = nil) -> Int? {
    var datagram = sent
    var current = station
    var forced: IPAddress?
    var keptMAC: MACAddress?
    for link in 0..<12 {
      datagram.visited.append(current)
      let isBackends = current == station && answersAsBackend(datagram, at: station)
      if stations[current].role == .balancer, !isBackends { datagram.hasMetBalancer = true }
      if current == station, let handled = translated(datagram, leaving: station) { datagram = handled }
      guard let way = forced.flatMap({ onLink($0, from: current) }) ?? route(datagram, from: current),
        let mac = resolve(way.next, on: way.interface, sending: datagram.source.address, &time)
      else { return nil }
      let own = interfaces[way.interface]
      time += dice.number(4000...60_000)
      let receiver =
        scenario.isFabric ? interface(owning: way.next, on: own.segment) : interface(on: own.segment, at: mac)
      let isLost = lostAt == link
      emit(
        .datagram(datagram), at: time, from: way.interface, as: keptMAC, to: mac, receiver: isLost ? nil : receiver)
      note(datagram, from: current, to: receiver.map { interfaces[$0].station })
      keptMAC = nil
      forced = nil
      guard !isLost, let receiver else { return nil }
      let next = interfaces[receiver].station
      switch take(datagram, at: next) {
      case .arrived:
        arrived(datagram, at: next)
        return next
      case .passedOn(let changed, let to):
        if scenario.keepsClientMAC, datagram.half == .request, stations[next].role == .balancer {
          keptMAC = frames[frames.count - 1].source
        }
        if scenario.detour != nil { redirect(datagram, from: current, at: next, time) }
        datagram = changed
        forced = to
        current = next
      case .dropped: return nil
      }
    }
    return nil
  }

  private func onLink(_ next: IPAddress, from station: Int) -> (interface: Int, next: IPAddress)? {
    let exits = stations[station].interfaces.filter { segments[interfaces[$0].segment].contains(next) }
    let isSecond = scenario.answersFromSecondMAC || stations[station].sendsFromSecond
    return (isSecond ? exits.last : exits.first).map { ($0, next) }
  }

  private func interface(owning address: IPAddress, on segment: Int) -> Int? {
    interfaces.indices.first { interfaces[$0].segment == segment && owns($0, address) != nil }
  }

  enum Taken {
    case arrived
    case passedOn(Datagram, to: IPAddress?)
    case dropped
  }

  private func take(_ datagram: Datagram, at station: Int) -> Taken {
    switch stations[station].role {
    case .client: isOwn(datagram.currentDestination, of: station) ? .arrived : .dropped
    case .router: isOwn(datagram.currentDestination, of: station) ? .arrived : lowered(datagram)
    case .balancer: balance(datagram, at: station)
    case .backend, .server: serve(datagram, at: station)
    case .standby: isOwn(datagram.currentDestination, of: station) ? .arrived : .dropped
    case .fabric: .dropped
    }
  }

  /// What every router does to the packet that it sees, which is the outer one.
  private func lowered(_ datagram: Datagram, by count: UInt8 = 1) -> Taken {
    var changed = datagram
    if changed.tunnel != nil { changed.tunnel?.ttl -= count } else { changed.ttl -= count }
    return .passedOn(changed, to: nil)
  }

  // MARK: The balancer

  private func balance(_ datagram: Datagram, at station: Int) -> Taken {
    if isVIP(datagram.destination.address) {
      // A wrapped packet comes from the other of a pair that has not heard of the change.
      if scenario.family == .proxy || datagram.ping != nil || datagram.tunnel != nil { return .arrived }
      guard let backend = choose(datagram, at: station) else { return .dropped }
      if backend == station { return .arrived }
      let target = address(of: backend)
      var changed = datagram
      if scenario.lowersTTL { changed.ttl -= 1 }
      switch scenario.family {
      case .rewrite: return .passedOn(changed, to: target)
      case .ipip, .gre, .gue:
        changed.tunnel = Datagram.Tunnel(
          family: scenario.family, source: address(of: station), destination: target,
          sourcePort: UInt16(truncatingIfNeeded: 40_000 + datagram.talk))
        return .passedOn(changed, to: nil)
      case .fullNAT:
        changed.source.address = exitAddress(station, towards: target)
        changed.source.port = 20_000 &+ datagram.source.port % 20_000
        changed.destination.address = target
        return .passedOn(changed, to: nil)
      case .undoneByBackend, .masquerade:
        changed.destination.address = target
        return .passedOn(changed, to: nil)
      case .proxy, .plain: return .dropped
      }
    }
    if isOwn(datagram.destination.address, of: station) {
      guard scenario.family == .fullNAT, datagram.half == .reply, datagram.talk < Talk.firstProbe else {
        return .arrived
      }
      var changed = datagram
      changed.source.address = vip
      changed.destination = talks[datagram.talk].client
      changed.ttl -= 1
      return .passedOn(changed, to: nil)
    }
    var changed = datagram
    if scenario.family == .masquerade, datagram.half == .reply { changed.source.address = vip }
    return lowered(changed)
  }

  private func exitAddress(_ station: Int, towards target: IPAddress) -> IPAddress {
    onLink(target, from: station).map { interfaces[$0.interface].address } ?? address(of: station)
  }

  /// The backend of a connection: chosen once, at random. Never the host that asks.
  private func choose(_ datagram: Datagram, at station: Int) -> Int? {
    // Two masters at once do not tell each other of their connections.
    let choice = Choice(talk: datagram.talk, node: scenario.cluster?.isSplit ?? false ? station : nil)
    if let known = chosen[choice] { return known }
    var others = backends
    if scenario.backendsAsk != nil { others.removeAll { isOwn(datagram.source.address, of: $0) } }
    if let cluster = scenario.cluster { others += servingNodes(cluster, at: station) }
    guard !others.isEmpty else { return nil }
    let backend = others[dice.number(0...others.count - 1)]
    chosen[choice] = backend
    return backend
  }

  private func servingNodes(_ cluster: Scenario.Cluster, at station: Int) -> [Int] {
    switch cluster.service {
    case .none: []
    case .standby, .nodes: nodes.filter { $0 != station && stations[$0].role == .backend }
    case .nodesAndLocal: nodes.filter { $0 == station || stations[$0].role == .backend }
    }
  }

  // MARK: Backends

  private func serve(_ datagram: Datagram, at station: Int) -> Taken {
    if let tunnel = datagram.tunnel {
      guard isOwn(tunnel.destination, of: station) else { return .dropped }
      return isVIP(datagram.destination.address) && stations[station].fault != .lacksVIP ? .arrived : .dropped
    }
    if isOwn(datagram.destination.address, of: station) { return .arrived }
    return isVIP(datagram.destination.address) && stations[station].fault != .lacksVIP ? .arrived : .dropped
  }

  /// A backend that undoes the translation answers as the VIP; one that was translated to answers as itself.
  private func translated(_ datagram: Datagram, leaving station: Int) -> Datagram? {
    guard datagram.half == .reply, stations[station].role == .backend, datagram.talk < Talk.firstProbe else {
      return nil
    }
    var changed = datagram
    switch scenario.family {
    case .masquerade: changed.source.address = address(of: station)
    case .fullNAT:
      guard let balancer else { return nil }
      changed.source.address = address(of: station)
      changed.destination.address = exitAddress(balancer, towards: address(of: station))
      changed.destination.port = 20_000 &+ datagram.destination.port % 20_000
    default: return nil
    }
    return changed
  }
}
