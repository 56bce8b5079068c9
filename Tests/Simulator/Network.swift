import Wire

/// The stations of a scenario and the segments between them; it plays the scenario frame by frame.
final class Network {
  let scenario: Scenario
  var dice: Dice
  private(set) var stations: [Station] = []
  private(set) var interfaces: [Interface] = []
  let segments: [Segment]
  let vip: IPAddress
  let port: UInt16
  /// Numbers of stations.
  private(set) var clients: [Int] = []
  private(set) var backends: [Int] = []
  private(set) var routers: [Int] = []
  /// Where there is no balancer, `nil`; the server is the only backend then.
  private(set) var balancer: Int?

  var frames: [SentFrame] = []
  /// What each interface knows of its neighbours.
  var neighbours: [Neighbour: MACAddress] = [:]
  /// Which backend the balancer has chosen, by connection.
  var chosen: [Int: Int] = [:]
  /// Talks with the service, and others: `self[talk:]` finds either.
  var talks: [Talk] = []
  var probes: [Talk] = []
  var truths: [FlowTruth] = []
  /// Claims of the VIP by a station that is not its owner were sent.
  var misclaims: Set<Misclaim> = []

  struct Neighbour: Hashable {
    var interface: Int
    var address: IPAddress
  }

  /// Where clients stand when they are near, and the VIP.
  static let front = 0
  static let far = 1
  static let between = 2
  static let back = 3

  init(_ scenario: Scenario) {
    self.scenario = scenario
    dice = Dice(seed: scenario.seed ^ 0x6e65_7477_6f72_6b00)
    let version: IPAddress.Version = scenario.isIPv6 ? .v6 : .v4
    let wide = scenario.approach == .nearWide ? 16 : 24
    segments = (0..<4).map { number in
      Segment(
        version: version, number: number + 1, prefixLength: number == Self.front ? wide : 24,
        vlan: UInt16(10 * (number + 1)))
    }
    vip =
      scenario.isVIPRouted
      ? (version == .v4 ? IPAddress(v4: 0xc000_020a) : IPAddress(v6High: 0x2001_0db8_0000_0000, low: 10))
      : segments[Self.front].address(10)
    port = scenario.isUDP ? 53 : dice.pick([80, 443, 8080])
    build()
  }

  // MARK: Building

  private func build() {
    buildRouters()
    let isPlain = scenario.family == .plain
    if !isPlain { buildBalancer() }
    for number in 0..<(isPlain ? 1 : scenario.backends) { buildBackend(number, isPlain ? .server : .backend) }
    for number in 0..<scenario.clients { buildClient(number) }
  }

  private func buildRouters() {
    let front = segments[Self.front]
    switch scenario.approach {
    case .near, .nearWide:
      // A gateway to elsewhere, which only backends on a network of their own need.
      let router = station(.router, 0)
      plug(router, Self.front, front.address(1))
      if scenario.hasTwoNetworks { plug(router, Self.back, segments[Self.back].address(1)) }
    case .oneRouter:
      let router = station(.router, 0)
      plug(router, Self.front, front.address(1))
      plug(router, Self.far, segments[Self.far].address(1))
      if scenario.hasTwoNetworks { plug(router, Self.back, segments[Self.back].address(1)) }
    case .twoRoutersInARow:
      let outer = station(.router, 0)
      let inner = station(.router, 1)
      plug(outer, Self.far, segments[Self.far].address(1))
      plug(outer, Self.between, segments[Self.between].address(1))
      plug(inner, Self.between, segments[Self.between].address(2))
      plug(inner, Self.front, front.address(1))
      if scenario.hasTwoNetworks { plug(inner, Self.back, segments[Self.back].address(1)) }
      stations[outer].gateway = segments[Self.between].address(2)
      stations[inner].routes = [(Self.far, segments[Self.between].address(1))]
    case .routerEachWay:
      for number in 0...1 {
        let router = station(.router, number)
        plug(router, Self.front, front.address(1 + number))
        plug(router, Self.far, segments[Self.far].address(1 + number))
        if scenario.hasTwoNetworks { plug(router, Self.back, segments[Self.back].address(1 + number)) }
      }
    }
    guard let mac = virtualMAC(scenario.routerRedundancy, group: 7) else { return }
    for router in routers {
      for interface in stations[router].interfaces where interfaces[interface].segment != Self.between {
        // Each of the pair has an address of its own beside the one that they share.
        let own = interfaces[interface]
        interfaces[interface].virtualMAC = mac
        interfaces[interface].shared = [own.address]
        interfaces[interface].address = segments[own.segment].address(5)
      }
    }
  }

  private func buildBalancer() {
    let number = station(.balancer, 0)
    balancer = number
    plug(number, Self.front, segments[Self.front].address(11))
    let entry = stations[number].interfaces[0]
    if !scenario.isVIPRouted {
      interfaces[entry].shared = [vip]
      interfaces[entry].virtualMAC = virtualMAC(scenario.balancerRedundancy, group: 9)
    }
    if scenario.answersFromSecondMAC { plug(number, Self.front, segments[Self.front].address(12)) }
    if hasBackLeg { plug(number, Self.back, segments[Self.back].address(11)) }
    stations[number].gateway = returnGateway(Self.front)
  }

  /// The balancer reaches backends on their own network by an interface there, but for tunnels, which are routed.
  private var hasBackLeg: Bool { scenario.hasTwoNetworks && !scenario.family.isTunnel }

  private func buildBackend(_ number: Int, _ role: Station.Role) {
    let backend = station(role, number)
    let segment = scenario.hasTwoNetworks && role == .backend ? Self.back : Self.front
    plug(backend, segment, segments[segment].address(21 + number))
    stations[backend].gateway = returnGateway(segment)
    if role == .server {
      let own = stations[backend].interfaces[0]
      interfaces[own].shared = [vip]
      if scenario.answersFromSecondMAC { plug(backend, segment, segments[segment].address(22)) }
      return
    }
    stations[backend].fault = scenario.faulty.contains(number) ? scenario.fault : .none
    let returns = scenario.family == .masquerade || stations[backend].fault == .returnsViaBalancer
    if returns, let balancer {
      let entry = stations[balancer].interfaces.map { interfaces[$0] }.first { $0.segment == segment }
      stations[backend].returnsTo = entry?.address
    }
    if stations[backend].fault == .answersARP, segment == Self.front {
      interfaces[stations[backend].interfaces[0]].shared = [vip]
    }
  }

  private func buildClient(_ number: Int) {
    let client = station(.client, number)
    if scenario.approach.isNear {
      let subnet = scenario.approach == .nearWide ? 20 : 10
      plug(client, Self.front, segments[Self.front].address(100 + number, subnet: subnet))
      stations[client].gateway =
        scenario.isVIPRouted ? segments[Self.front].address(11) : segments[Self.front].address(1)
    } else {
      plug(client, Self.far, segments[Self.far].address(100 + number))
      stations[client].gateway = segments[Self.far].address(1)
    }
  }

  /// The router by which replies leave.
  private func returnGateway(_ segment: Int) -> IPAddress {
    segments[segment].address(scenario.approach == .routerEachWay ? 2 : 1)
  }

  private func station(_ role: Station.Role, _ number: Int) -> Int {
    stations.append(Station(role: role, number: number))
    let index = stations.count - 1
    switch role {
    case .client: clients.append(index)
    case .router: routers.append(index)
    case .backend, .server: backends.append(index)
    case .balancer: break
    }
    return index
  }

  private func plug(_ station: Int, _ segment: Int, _ address: IPAddress) {
    stations[station].interfaces.append(interfaces.count)
    interfaces.append(Interface(station: station, segment: segment, mac: hardwareAddress(), address: address))
  }

  /// One that no redundancy protocol uses.
  private func hardwareAddress() -> MACAddress {
    let vendor: UInt64 = dice.pick([0x0600_0000_0000, 0x0a00_0000_0000, 0x5254_0000_0000, 0x3c00_0000_0000])
    return MACAddress(vendor | dice.bits() & 0x00ff_ffff_ffff | 1)
  }

  private func virtualMAC(_ kind: Scenario.Redundancy, group: UInt64) -> MACAddress? {
    switch kind {
    case .none: nil
    case .vrrp: MACAddress((scenario.isIPv6 ? 0x0000_5e00_0200 : 0x0000_5e00_0100) | group)
    case .hsrp: MACAddress(0x0000_0c07_ac00 | group)
    case .hsrpV2: MACAddress((scenario.isIPv6 ? 0x0005_73a0_0000 : 0x0000_0c9f_f000) | group)
    case .glbp: MACAddress(0x0007_b400_0000 | group << 8 | 1)
    }
  }

  // MARK: Asking the network

  func owns(_ interface: Int, _ address: IPAddress) -> MACAddress? {
    let own = interfaces[interface]
    if own.shared.contains(address) { return own.virtualMAC ?? own.mac }
    return own.address == address ? own.mac : nil
  }

  /// The interface that takes frames for `mac`.
  func interface(on segment: Int, at mac: MACAddress) -> Int? {
    interfaces.indices.first {
      interfaces[$0].segment == segment && (interfaces[$0].mac == mac || interfaces[$0].virtualMAC == mac)
    }
  }

  func address(of station: Int) -> IPAddress { interfaces[stations[station].interfaces[0]].address }

  /// Whether `address` belongs to `station`.
  func isOwn(_ address: IPAddress, of station: Int) -> Bool {
    stations[station].interfaces.contains { interfaces[$0].address == address }
  }
}
