extension Scenario {
  /// Draws a scenario: everything that follows from `seed` alone.
  public init(drawnFrom seed: UInt64) {
    self.init(seed: seed)
    var dice = Dice(seed: seed)
    drawNetwork(&dice)
    drawHosts(&dice)
    drawFault(&dice)
    drawVantage(&dice)
    drawDamage(&dice)
    // What is usual is half of all, and stays what it was before there was anything else.
    var more = Dice(seed: seed ^ 0x6b69_6e64_7300)
    if more.chance(0.5) { drawKind(&more) }
  }

  private mutating func drawNetwork(_ dice: inout Dice) {
    family = dice.weighted([
      (.rewrite, 45), (.ipip, 7), (.gre, 6), (.gue, 6), (.undoneByBackend, 6), (.masquerade, 10), (.fullNAT, 6),
      (.proxy, 5), (.plain, 9),
    ])
    isIPv6 = dice.chance(0.25)
    approach = dice.weighted([
      (.near, 45), (.nearWide, isIPv6 ? 0 : 5), (.oneRouter, 30), (.twoRoutersInARow, 10), (.routerEachWay, 10),
    ])
    hasTwoNetworks = family != .plain && dice.chance(0.2)
    // Who translates only the destination needs backends that answer through it.
    if family == .masquerade, approach.isNear { hasTwoNetworks = true }
    let mayHaveTwo = !hasTwoNetworks && [.rewrite, .fullNAT, .proxy, .plain, .masquerade].contains(family)
    answersFromSecondMAC = mayHaveTwo && dice.chance(0.02)
    keepsClientMAC = family == .rewrite && !hasTwoNetworks && !answersFromSecondMAC && dice.chance(0.04)
    lowersTTL = !dice.chance(0.15)
    isVIPRouted = family != .plain && !hasTwoNetworks && !approach.isNear && dice.chance(0.15)
    if dice.chance(0.15) { routerRedundancy = dice.pick([.vrrp, .hsrp, .hsrpV2, .glbp]) }
    if approach == .routerEachWay { routerRedundancy = .none }
    if !isVIPRouted, dice.chance(0.1) { balancerRedundancy = dice.weighted([(.vrrp, 8), (.hsrp, 1)]) }
    if family == .plain { balancerRedundancy = .none }
    speaksVRRP = !isVIPRouted && (balancerRedundancy == .vrrp || balancerRedundancy == .none && dice.chance(0.15))
    announces = dice.chance(0.25)
    neighbours = dice.weighted([(.unknown, 5), (.known, 3), (.mixed, 3)])
    reprobes = dice.chance(0.25)
    checksHealth = dice.chance(0.6)
    hasOtherTraffic = dice.chance(0.5)
  }

  private mutating func drawHosts(_ dice: inout Dice) {
    isUDP = dice.chance(0.2)
    clients = dice.weighted([(1, 6), (dice.number(2...4), 3), (dice.number(5...12), 1)])
    backends = dice.weighted([(1, 2), (2, 4), (3, 3), (dice.number(4...8), 1)])
    flows = dice.weighted([(dice.number(1...3), 4), (dice.number(4...10), 5), (dice.number(11...40), 1)])
    if dice.chance(0.005) { (clients, flows) = (70, 80) }
    hostTTL = dice.weighted([(64, 7), (128, 3), (255, 1)])
    reusesPorts = dice.chance(0.08)
    losesInTransit = dice.chance(0.2)
    resets = dice.chance(0.1)
  }

  private mutating func drawFault(_ dice: inout Dice) {
    guard dice.chance(0.4) else { return }
    var faults: [(Fault, Int)] = [(.noListener, 1)]
    if family.isDirect {
      faults += [(.returnsViaBalancer, 5), (.answersAsItself, 1)]
      if family != .undoneByBackend { faults.append((.lacksVIP, 2)) }
      if !hasTwoNetworks, !isVIPRouted { faults += [(.answersARP, 2), (.asksAsVIP, 2)] }
    }
    fault = dice.weighted(faults)
    if family == .plain || family == .proxy { fault = .none }
    let all = Set(0..<backends)
    faulty = dice.chance(0.4) ? all : [dice.number(0...backends - 1)]
    if fault == .none { faulty = [] }
  }

  private mutating func drawVantage(_ dice: inout Dice) {
    vantage = dice.weighted([
      (approach.isNear ? .client : .behindRouter, approach.isNear ? 4 : 1), (.balancer, 3), (.backend, 3), (.mirror, 4),
      (.trunk, approach.isNear ? 0 : 1),
    ])
    stand = vantage == .backend ? dice.number(0...backends - 1) : dice.number(0...clients - 1)
    named = dice.weighted([(.service, 7), (.address, 1), (.nothing, 2)])
    namesBalancer = family != .plain && dice.chance(0.25)
    namesBackends = dice.chance(0.15)
  }

  private mutating func drawDamage(_ dice: inout Dice) {
    damage.hasTags = dice.chance(vantage == .trunk ? 0.8 : vantage == .mirror ? 0.2 : 0.05)
    if vantage == .mirror || vantage == .trunk, dice.chance(0.25) { damage.duplicates = dice.pick([0.05, 0.5, 1]) }
    damage.reorders = dice.chance(0.1)
    if dice.chance(0.15) { damage.filter = dice.pick([.host, .hostOrARP]) }
    guard dice.chance(0.4) else { return }
    switch dice.number(0...5) {
    case 0: damage.loss = dice.pick([0.02, 0.1, 0.3, 0.6])
    case 1: damage.startsAt = dice.pick([0.5, 1, 2, 3])
    case 2: damage.snapLength = dice.pick([34, 54, 60, 64, 68, 96, 128])
    case 3:
      damage.direction = dice.pick([.requests, .replies])
      damage.filter = dice.pick([.host, .hostOrARP])
    case 4:
      if vantage != .mirror, vantage != .trunk {
        damage.link = dice.pick([.sll, .sll2])
        damage.hasTags = false
      }
    default:
      damage.loss = dice.pick([0.02, 0.1, 0.3])
      damage.startsAt = dice.pick([0.5, 1, 2])
    }
  }
}
