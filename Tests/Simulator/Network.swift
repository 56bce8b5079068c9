import Wire

/// The stations of a scenario and the segments between them; it plays the scenario frame by frame.
final class Network {
  let scenario: Scenario
  var dice: Dice
  var stations: [Station] = []
  var interfaces: [Interface] = []
  let segments: [Segment]
  let vip: IPAddress
  /// Another service of the same balancer, which backends ask.
  let otherVIP: IPAddress
  let port: UInt16
  /// Numbers of stations.
  private(set) var clients: [Int] = []
  private(set) var backends: [Int] = []
  private(set) var routers: [Int] = []
  /// The balancer of now, of two at once the one that took over last. Where there is none, `nil`; the server is the only
  /// backend then.
  var balancer: Int?
  /// The balancer, and the other of a pair.
  private(set) var nodes: [Int] = []
  /// MAC of whatever stands between the hosts of a cloud.
  static let fabricMAC = MACAddress(0x1234_5678_9abc)
  private var fabric: [Int] = []

  var frames: [SentFrame] = []
  /// What each interface knows of its neighbours.
  var neighbours: [Neighbour: MACAddress] = [:]
  /// Which backend the balancer has chosen, by connection.
  var chosen: [Choice: Int] = [:]
  /// What is to happen, in the order of time.
  var events: [(time: Int, event: Event)] = []
  /// The interface that sent last under a MAC that several share.
  var holders: [MACAddress: Int] = [:]
  /// When a bond's interface took another MAC, and which it had before.
  var formerMACs: [Int: (until: Int, mac: MACAddress)] = [:]
  /// Clients that a router has told of a better way, and how often.
  var redirects: [Int: Int] = [:]
  /// Talks with the service, and others: `self[talk:]` finds either.
  var talks: [Talk] = []
  var probes: [Talk] = []
  var truths: [FlowTruth] = []
  /// Claims of the VIP by a station that is not its owner were sent.
  var misclaims: Set<Misclaim> = []
  /// The VIP went to another, who told nobody.
  var hasChangedSilently = false

  struct Neighbour: Hashable {
    var interface: Int
    var address: IPAddress
  }

  struct Choice: Hashable {
    var talk: Int
    /// Whose choice it is, where balancers do not tell each other.
    var node: Int?
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
    segments = Self.segments(scenario, version)
    vip =
      scenario.isVIPRouted
      ? (version == .v4 ? IPAddress(v4: 0xc000_020a) : IPAddress(v6High: 0x2001_0db8_0000_0000, low: 10))
      : segments[Self.front].address(10)
    otherVIP = segments[Self.front].address(9)
    port = scenario.isUDP ? 53 : dice.pick([80, 443, 8080])
    build()
  }

  private static func segments(_ scenario: Scenario, _ version: IPAddress.Version) -> [Segment] {
    let wide = scenario.prefix?.length ?? (version == .v6 ? 64 : scenario.approach == .nearWide ? 16 : 24)
    var segments = (0..<4).map { number in
      Segment(
        version: version, number: number + 1,
        prefixLength: number == front ? wide : version == .v6 ? 64 : 24, vlan: UInt16(10 * (number + 1)))
    }
    if let prefix = scenario.prefix, prefix.isOtherNetwork {
      // The next network of that size.
      segments[far].number = segments[front].number
      segments[far].prefixLength = prefix.length
      segments[far].offset = version == .v4 ? 1 << (32 - prefix.length) : 1 << (128 - prefix.length)
    }
    return segments
  }

  // MARK: Building

  private func build() {
    buildRouters()
    let isPlain = scenario.family == .plain
    if !isPlain {
      buildBalancer(0)
      if scenario.cluster != nil { buildBalancer(1) }
      balancer = nodes[0]
    }
    if let cluster = scenario.cluster, cluster.service == .nodes || cluster.service == .nodesAndLocal {
      for number in 0..<scenario.clients { buildClient(number) }
      return
    }
    for number in 0..<(isPlain ? 1 : scenario.backends) { buildBackend(number, isPlain ? .server : .backend) }
    for number in 0..<scenario.clients { buildClient(number) }
    if scenario.isFabric { buildFabric() }
  }

  private func buildFabric() {
    for segment in segments.indices {
      fabric.append(interfaces.count)
      plug(station(.fabric, segment), segment, segments[segment].address(254))
      interfaces[fabric[segment]].mac = Self.fabricMAC
    }
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

  private func buildBalancer(_ place: Int) {
    let isStandby = place > 0
    let servesFirst = isStandby && scenario.cluster?.service != Scenario.Cluster.Service.none
    let number = station(isStandby ? .standby : .balancer, place)
    if servesFirst { stations[number].role = .backend }
    nodes.append(number)
    plug(number, Self.front, segments[Self.front].address(11 + place))
    let entry = stations[number].interfaces[0]
    if !scenario.isVIPRouted {
      if !isStandby { interfaces[entry].shared = scenario.backendsAsk == .otherVIP ? [vip, otherVIP] : [vip] }
      interfaces[entry].virtualMAC = virtualMAC(scenario.balancerRedundancy, group: 9)
    }
    if scenario.cluster?.hasVirtualMAC ?? false {
      interfaces[entry].virtualMAC = virtualMAC(.vrrp, group: 9)
      interfaces[entry].speaksAsVirtual = true
    } else if scenario.pingsVIP {
      interfaces[entry].speaksAsVirtual = interfaces[entry].virtualMAC != nil
    }
    equip(number, as: .balancer)
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
      equip(backend, as: .server)
      switch scenario.serviceMAC {
      case .controller?: interfaces[own].virtualMAC = hardwareAddress()
      case .virtualBox?:
        interfaces[own].mac = MACAddress(0x5254_0012_3502)
        interfaces[own].virtualMAC = MACAddress(0x5254_0012_3503)
      case nil: break
      }
      interfaces[own].speaksAsVirtual = scenario.serviceMAC != nil && dice.chance(0.5)
      if scenario.answersFromSecondMAC { plug(backend, segment, segments[segment].address(22)) }
      return
    }
    equip(backend, as: .backend)
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
      let subnet = scenario.prefix != nil ? 11 : scenario.approach == .nearWide ? 20 : 10
      plug(client, Self.front, segments[Self.front].address(100 + number, subnet: subnet))
      stations[client].gateway =
        scenario.isVIPRouted ? segments[Self.front].address(11) : segments[Self.front].address(1)
    } else {
      plug(client, Self.far, segments[Self.far].address(100 + number))
      stations[client].gateway = segments[Self.far].address(1)
    }
    stations[client].takesDetour = scenario.detour != nil
    equip(client, as: .client)
  }

  /// Gives a station the bond or the second interface that was drawn for one of its kind.
  private func equip(_ station: Int, as holder: Scenario.Holder) {
    let first = stations[station].interfaces[0]
    if let bond = scenario.bond, bond.holder == holder {
      interfaces[first].bond = bond.mode
      interfaces[first].members = (1..<bond.members).map { _ in hardwareAddress() }
    }
    if scenario.twoInterfaces == holder {
      let segment = interfaces[first].segment
      plug(station, segment, segments[segment].address(50 + stations[station].number + (holder == .balancer ? 30 : 0)))
      stations[station].answersOnAll = true
      stations[station].sendsFromSecond = scenario.sendsFromSecond
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
    case .balancer, .standby, .fabric: break
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
    if own.address == address { return own.mac }
    guard stations[own.station].answersOnAll else { return nil }
    let hasOther = stations[own.station].interfaces.contains {
      interfaces[$0].segment == own.segment
        && (interfaces[$0].address == address || interfaces[$0].shared.contains(address))
    }
    return hasOther ? own.mac : nil
  }

  /// The interface of whatever stands between hosts.
  func fabric(on segment: Int) -> Int? { fabric.isEmpty ? nil : fabric[segment] }

  var hasBalancer: Bool { !nodes.isEmpty }

  /// Whether the balancer balances `address`.
  func isVIP(_ address: IPAddress) -> Bool {
    address == vip || address == otherVIP && scenario.backendsAsk == .otherVIP
  }

  func address(of station: Int) -> IPAddress { interfaces[stations[station].interfaces[0]].address }

  /// Whether `address` belongs to `station`.
  func isOwn(_ address: IPAddress, of station: Int) -> Bool {
    stations[station].interfaces.contains { interfaces[$0].address == address }
  }
}
