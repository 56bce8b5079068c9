import PacketBuilder
import Wire

/// What changes while flows run: who is the balancer, and which member of a bond is in use.
extension Network {
  enum Event {
    case advertise(node: Int)
    /// A node is no longer master; it says so, or not.
    case leave(node: Int)
    case takeOver(node: Int)
    case announce(interface: Int)
    case changeMember(interface: Int)
  }

  static let second = 1_000_000_000

  func schedule(_ event: Event, at time: Int) {
    let place = events.firstIndex { $0.time > time } ?? events.count
    events.insert((time, event), at: place)
  }

  /// Lets everything happen that is due.
  func runEvents(until time: Int) {
    while let next = events.first, next.time <= time {
      events.removeFirst()
      run(next.event, at: next.time)
    }
  }

  func addEvents() {
    if let bond = scenario.bond, bond.mode == .activeBackup {
      for interface in interfaces.indices where !interfaces[interface].members.isEmpty {
        schedule(.changeMember(interface: interface), at: Int(bond.changesAt * 1e9) + dice.number(0...5_000_000))
      }
    }
    guard let cluster = scenario.cluster else { return }
    if cluster.sign == .vrrp { schedule(.advertise(node: nodes[0]), at: dice.number(0...900) * 1_000_000) }
    if cluster.sign != .nothing, dice.chance(0.5) {
      schedule(.announce(interface: entry(of: nodes[0])), at: dice.number(0...900) * 1_000_000)
    }
    change(from: nodes[0], to: nodes[1], at: Int(cluster.takesOverAt * 1e9), cluster)
    if let back = cluster.takesBackAt { change(from: nodes[1], to: nodes[0], at: Int(back * 1e9), cluster) }
  }

  private func change(from old: Int, to new: Int, at time: Int, _ cluster: Scenario.Cluster) {
    if cluster.isSplit { return schedule(.takeOver(node: new), at: time) }
    if cluster.service != .none {
      // The other preempts: its advertisement makes this one a backend, and at no time does nobody balance.
      schedule(.takeOver(node: new), at: time)
      schedule(.leave(node: old), at: time + 200_000)
      return
    }
    schedule(.leave(node: old), at: time)
    // RFC 9568 section 6.1: the skew after a resignation, three intervals and the skew after silence.
    let wait = cluster.sign != .vrrp ? dice.number(1...500) : (cluster.resigns ? 0 : 3000) + dice.number(400...700)
    schedule(.takeOver(node: new), at: time + wait * 1_000_000)
  }

  private func run(_ event: Event, at time: Int) {
    switch event {
    case .advertise(let node):
      guard stations[node].role == .balancer else { return }
      advertise(node, priority: node == nodes[0] ? 150 : 100, at: time)
      schedule(.advertise(node: node), at: time + Self.second + dice.number(0...2_000_000))
    case .leave(let node): leave(node, at: time)
    case .takeOver(let node): takeOver(node, at: time)
    case .announce(let interface):
      if !interfaces[interface].shared.isEmpty { announce(interface, at: time) }
    case .changeMember(let interface): changeMember(interface, at: time)
    }
  }

  private func entry(of node: Int) -> Int { stations[node].interfaces[0] }

  private func advertise(_ node: Int, priority: UInt8, at time: Int) {
    let own = interfaces[entry(of: node)]
    let isV6 = own.address.version == .v6
    let to = isV6 ? IPAddress(v6High: 0xff02_0000_0000_0000, low: 0x12) : IPAddress(v4: 0xe000_0012)
    // RFC 9568 section 5.1.2.1: the speaker's own address, in IPv6 its link-local one.
    let sender = isV6 ? IPAddress(v6High: 0xfe80_0000_0000_0000, low: own.mac.rawValue) : own.address
    emit(
      .vrrp(address: vip, group: 9, sender: sender, priority: priority), at: time, from: entry(of: node),
      as: own.speaksAsVirtual ? own.virtualMAC : nil, to: to.multicastMAC, isToGroup: true)
  }

  private func leave(_ node: Int, at time: Int) {
    guard let cluster = scenario.cluster else { return }
    if cluster.sign == .vrrp, cluster.resigns, cluster.service == .none { advertise(node, priority: 0, at: time) }
    interfaces[entry(of: node)].shared = []
    stations[node].role = cluster.service == .none ? .standby : .backend
    if balancer == node { balancer = nodes.first { stations[$0].role == .balancer } ?? balancer }
  }

  private func takeOver(_ node: Int, at time: Int) {
    guard let cluster = scenario.cluster else { return }
    let interface = entry(of: node)
    stations[node].role = .balancer
    interfaces[interface].shared = [vip]
    balancer = node
    for backend in backends where stations[backend].returnsTo != nil {
      stations[backend].returnsTo = interfaces[interface].address
    }
    if cluster.sign == .vrrp { run(.advertise(node: node), at: time) }
    guard cluster.sign != .nothing else {
      hasChangedSilently = true
      // Who asked once asks again when the answer has grown old.
      for key in neighbours.keys where key.address == vip && !cluster.isSplit { neighbours[key] = nil }
      return
    }
    announce(interface, at: time + 1_000_000)
    // keepalived says it once more (garp_master_delay).
    if dice.chance(0.4) { schedule(.announce(interface: interface), at: time + 5 * Self.second) }
  }

  /// The other member carries the interface's frames from now on, and tells so (num_grat_arp).
  private func changeMember(_ interface: Int, at time: Int) {
    let old = interfaces[interface].mac
    formerMACs[interface] = (time, old)
    interfaces[interface].mac = interfaces[interface].members[0]
    interfaces[interface].members[0] = old
    announce(interface, [interfaces[interface].address] + interfaces[interface].shared, at: time)
  }
}
