extension Scenario {
  /// What is drawn as one kind, on top of a usual network.
  private enum Draw {
    case bond(Holder)
    case twoInterfaces(Holder)
    case failover, standbyServes, twoNodes, splitBrain, pinged
    case prefix, detour, plain, plainDetour, serviceMAC, fabric
    case checks, backendsAsk, offload, parts, captures
  }

  /// Makes of a usual scenario one that is not.
  mutating func drawKind(_ dice: inout Dice) {
    let draw = dice.weighted([
      (Draw.bond(.balancer), 5), (.bond(.backend), 4), (.bond(.client), 3), (.bond(.server), 3),
      (.twoInterfaces(.balancer), 4), (.twoInterfaces(.backend), 2), (.twoInterfaces(.server), 2), (.failover, 12),
      (.standbyServes, 5), (.twoNodes, 7), (.splitBrain, 7), (.pinged, 3), (.prefix, 6), (.detour, 5), (.plain, 5),
      (.plainDetour, 4), (.serviceMAC, 4), (.fabric, 4), (.checks, 5), (.backendsAsk, 5), (.offload, 5), (.parts, 4),
      (.captures, 6),
    ])
    switch draw {
    case .bond(let holder): drawBond(holder, &dice)
    case .twoInterfaces(let holder): drawTwoInterfaces(holder, &dice)
    case .failover: drawCluster(.none, &dice)
    case .standbyServes: drawCluster(.standby, &dice)
    case .twoNodes: drawCluster(dice.chance(0.65) ? .nodes : .nodesAndLocal, &dice)
    case .splitBrain: drawSplitBrain(&dice)
    case .pinged: drawPing(&dice)
    case .prefix: drawPrefix(&dice)
    case .detour: drawDetour(&dice)
    case .plain: drawPlain(&dice)
    case .plainDetour:
      becomePlain()
      drawDetour(&dice)
    case .serviceMAC: drawServiceMAC(&dice)
    case .fabric: drawFabric(&dice)
    case .checks: drawChecks(&dice)
    case .backendsAsk: drawBackendsAsk(&dice)
    case .offload: drawOffload(&dice)
    case .parts: parts = dice.number(2...3)
    case .captures: drawCompanions(&dice)
    }
    // Each of these may come on top.
    if dice.chance(0.05) { parts = dice.number(2...3) }
    if dice.chance(0.05) { drawCompanions(&dice) }
    if dice.chance(0.05), prefix == nil, cluster == nil, detour == nil, !isFabric { drawPrefix(&dice) }
    settle()
  }

  // MARK: What the usual draws must not be beside

  private mutating func becomeSimple() {
    (hasTwoNetworks, answersFromSecondMAC, keepsClientMAC, isVIPRouted) = (false, false, false, false)
    if family == .masquerade, approach.isNear { family = .fullNAT }
  }

  private mutating func becomePlain() {
    becomeSimple()
    (family, balancerRedundancy, speaksVRRP, namesBalancer) = (.plain, .none, false, false)
    (fault, faulty) = (.none, [])
  }

  private mutating func becomeBalanced(_ dice: inout Dice, _ families: [(Family, Int)]) {
    if family == .plain || !families.contains(where: { $0.0 == family }) { family = dice.weighted(families) }
    becomeSimple()
    if !family.isDirect, fault != .noListener { (fault, faulty) = (.none, []) }
    if fault == .lacksVIP, family == .undoneByBackend { fault = .noListener }
  }

  /// Puts right what no network is.
  private mutating func settle() {
    if vantage == .client, !approach.isNear { vantage = .behindRouter }
    if vantage == .behindRouter, approach.isNear { vantage = .client }
    if vantage == .trunk, approach.isNear { vantage = .mirror }
    for index in companions.indices {
      if companions[index].vantage == .client, !approach.isNear { companions[index].vantage = .behindRouter }
      if companions[index].vantage == .behindRouter, approach.isNear { companions[index].vantage = .client }
      if companions[index].vantage == .trunk, approach.isNear { companions[index].vantage = .mirror }
    }
    if damage.link != .ethernet, vantage == .mirror || vantage == .trunk || !companions.isEmpty {
      damage.link = .ethernet
    }
    if prefix?.isOtherNetwork ?? false { clients = min(clients, 12) }
    // A standby that serves is not to be named a balancer.
    if let cluster, cluster.service != .none { namesBalancer = false }
    if cluster != nil, flows > 20 { (clients, flows) = (min(clients, 12), 20) }
    if family == .plain { backends = 1 }
  }

  // MARK: Devices with several MACs

  private mutating func drawBond(_ holder: Holder, _ dice: inout Dice) {
    become(holderOf: holder, &dice)
    var bond = Bond(mode: dice.pick(Bond.Mode.allCases), holder: holder)
    bond.members = dice.chance(0.8) ? 2 : 3
    if bond.mode == .activeBackup { bond.members = 2 }
    bond.changesAt = Double(dice.number(500...3500)) / 1000
    if holder == .balancer { balancerRedundancy = .none }
    self.bond = bond
    if holder == .backend, dice.chance(0.4) { (vantage, stand) = (.backend, 0) }
  }

  private mutating func drawTwoInterfaces(_ holder: Holder, _ dice: inout Dice) {
    become(holderOf: holder, &dice)
    if holder == .balancer { balancerRedundancy = .none }
    twoInterfaces = holder
    sendsFromSecond = dice.chance(0.5)
  }

  private mutating func become(holderOf holder: Holder, _ dice: inout Dice) {
    switch holder {
    case .server: becomePlain()
    case .balancer, .backend:
      becomeBalanced(
        dice: &dice, direct: 6,
        others: holder == .balancer ? [(.masquerade, 3), (.fullNAT, 2), (.proxy, 2)] : [(.fullNAT, 1)])
    case .client: becomeSimple()
    }
  }

  private mutating func becomeBalanced(dice: inout Dice, direct: Int, others: [(Family, Int)]) {
    becomeBalanced(
      &dice, [(.rewrite, direct), (.ipip, 1), (.gre, 1), (.gue, 1), (.undoneByBackend, 1)] + others)
  }

  // MARK: Roles that change

  private mutating func drawCluster(_ service: Cluster.Service, _ dice: inout Dice) {
    becomeBalanced(dice: &dice, direct: 10, others: service == .none ? [(.fullNAT, 1)] : [])
    if service == .nodes || service == .nodesAndLocal { (fault, faulty) = (.none, []) }
    (balancerRedundancy, speaksVRRP, announces) = (.none, false, false)
    var cluster = Cluster()
    cluster.service = service
    cluster.sign = dice.weighted([(.vrrp, 6), (.announcement, 3), (.nothing, 1)])
    cluster.takesOverAt = Double(dice.number(5000...12_000)) / 1000
    if dice.chance(0.3) { cluster.takesBackAt = cluster.takesOverAt + Double(dice.number(5000...7000)) / 1000 }
    cluster.resigns = service != .none || dice.chance(0.6)
    cluster.hasVirtualMAC = cluster.sign == .vrrp ? dice.chance(0.35) : dice.chance(0.2)
    self.cluster = cluster
    flows = dice.number(3...16)
  }

  private mutating func drawSplitBrain(_ dice: inout Dice) {
    drawCluster(.none, &dice)
    if !family.isDirect { family = .rewrite }
    cluster?.isSplit = true
    // By the user's word both would be one.
    namesBalancer = false
    cluster?.takesBackAt = nil
    cluster?.sign = dice.weighted([(.vrrp, 4), (.announcement, 1)])
    cluster?.takesOverAt = Double(dice.pick([100, dice.number(3000...9000)])) / 1000
    cluster?.hasVirtualMAC = dice.chance(0.3)
  }

  private mutating func drawPing(_ dice: inout Dice) {
    becomeBalanced(dice: &dice, direct: 6, others: [])
    balancerRedundancy = dice.chance(0.7) ? .vrrp : .none
    speaksVRRP = balancerRedundancy == .vrrp
    pingsVIP = true
    neighbours = .unknown
  }

  // MARK: Networks

  private mutating func drawPrefix(_ dice: inout Dice) {
    if isIPv6 || dice.chance(0.65) { return drawOtherNetwork(&dice) }
    (approach, isVIPRouted) = (.nearWide, false)
    prefix = Prefix(length: dice.pick([23, 22, 20, 16]), isOtherNetwork: false)
    if family == .masquerade { hasTwoNetworks = true }
    if hasTwoNetworks { (answersFromSecondMAC, keepsClientMAC) = (false, false) }
  }

  private mutating func drawOtherNetwork(_ dice: inout Dice) {
    if approach.isNear { approach = dice.pick([.oneRouter, .twoRoutersInARow, .routerEachWay]) }
    if approach == .routerEachWay { routerRedundancy = .none }
    prefix = Prefix(length: isIPv6 ? dice.pick([112, 120]) : 25, isOtherNetwork: true)
  }

  private mutating func drawDetour(_ dice: inout Dice) {
    becomeSimple()
    approach = .near
    if family == .masquerade { family = .fullNAT }
    routerRedundancy = .none
    detour = Detour(tells: dice.chance(0.7), heeds: dice.chance(0.3))
  }

  // MARK: No balancer

  private mutating func drawPlain(_ dice: inout Dice) {
    becomePlain()
    isDrawnPlain = true
    if approach.isNear { approach = dice.pick([.oneRouter, .twoRoutersInARow, .routerEachWay, .routerEachWay]) }
    if approach == .routerEachWay { routerRedundancy = .none }
    if dice.chance(0.6) { drawOtherNetwork(&dice) }
  }

  private mutating func drawServiceMAC(_ dice: inout Dice) {
    becomePlain()
    serviceMAC = dice.chance(0.6) ? .controller : .virtualBox
    if serviceMAC == .virtualBox { approach = .near }
  }

  private mutating func drawFabric(_ dice: inout Dice) {
    if dice.chance(0.5) { becomePlain() } else { becomeBalanced(&dice, [(.rewrite, 4), (.ipip, 1), (.fullNAT, 1)]) }
    isFabric = true
    (balancerRedundancy, routerRedundancy, speaksVRRP, announces, reprobes) = (.none, .none, false, false, false)
    if fault == .answersARP || fault == .asksAsVIP { fault = .noListener }
    // Nobody sees what happens between hosts, or stands where the cloud balances.
    vantage = dice.pick([.client, .backend])
    damage.duplicates = 0
    // Nobody sees their own MACs.
    (namesBalancer, namesBackends) = (false, false)
  }

  // MARK: What else goes on

  private mutating func drawChecks(_ dice: inout Dice) {
    becomeBalanced(dice: &dice, direct: 8, others: [(.fullNAT, 1)])
    checks = dice.pick([.ping, .tcp])
    if dice.chance(0.5) { vantage = .balancer }
  }

  private mutating func drawBackendsAsk(_ dice: inout Dice) {
    backendsAsk = dice.pick([.vip, .otherVIP, .balancer])
    switch backendsAsk {
    // Where backends have the VIP themselves, they ask nobody for it.
    case .vip?: becomeBalanced(&dice, [(.undoneByBackend, 3), (.fullNAT, 1), (.proxy, 1)])
    case .otherVIP?: becomeBalanced(&dice, [(.rewrite, 4), (.ipip, 1)])
    default: becomeBalanced(dice: &dice, direct: 8, others: [(.fullNAT, 1)])
    }
    backends = max(2, backends)
    if fault != .none { faulty = faulty.filter { $0 < backends } }
    if faulty.isEmpty { fault = .none }
  }

  // MARK: Captures

  private mutating func drawOffload(_ dice: inout Dice) {
    if family.isTunnel { family = .rewrite }
    isUDP = false
    flows = min(flows, 8)
    offload = dice.chance(0.6) ? .incoming : .outgoing
    vantage = dice.pick([.balancer, .balancer, .client, .mirror])
    reusesPorts = false
  }

  private mutating func drawCompanions(_ dice: inout Dice) {
    guard !isFabric else { return }
    for _ in 0..<dice.weighted([(1, 4), (2, 1)]) {
      let other = dice.pick([Vantage.client, .balancer, .backend, .mirror, .trunk])
      companions.append(
        Companion(
          vantage: other, stand: dice.number(0...7), clock: dice.pick([0, 1, 3, -2, 60, 3600, -7200, 14_400])))
    }
    if damage.link != .ethernet { damage.link = .ethernet }
  }
}
