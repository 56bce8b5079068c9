extension Scenario {
  /// What is out of the ordinary in a scenario: `soak --only` draws these alone, and its second table counts by them.
  public enum Kind: String, Sendable, CaseIterable {
    /// None of the rest.
    case usual
    case bondedBalancer = "bonded-balancer"
    case bondedBackend = "bonded-backend"
    case bondedClient = "bonded-client"
    case bondedServer = "bonded-server"
    case activeBackup = "active-backup"
    case balanceALB = "balance-alb"
    case balanceTLB = "balance-tlb"
    case balancerWithTwoInterfaces = "two-interfaces-balancer"
    case backendWithTwoInterfaces = "two-interfaces-backend"
    case serverWithTwoInterfaces = "two-interfaces-server"
    case failover
    case failoverAndBack = "failover-and-back"
    case failoverWithVRRP = "failover-vrrp"
    case failoverWithAnnouncement = "failover-announced"
    case failoverInSilence = "failover-silent"
    case standbyServes = "standby-serves"
    case twoNodes = "two-nodes"
    case twoNodesLocal = "two-nodes-local"
    case splitBrain = "split-brain"
    /// Beside another kind of role change: one MAC for both balancers.
    case virtualMAC = "virtual-mac"
    case vmacPinged = "vip-pinged"
    case otherNetwork = "near-address-other-network"
    case wideLink = "far-address-same-network"
    case redirect
    case withoutRedirect = "router-without-redirect"
    case plainRouted = "plain-routed"
    case plainRouterEachWay = "plain-router-each-way"
    case plainRedirect = "plain-redirect"
    case plainServiceMAC = "plain-service-mac"
    case plainVirtualBox = "plain-virtualbox"
    case plainFabric = "plain-fabric"
    case fabric
    case pingChecks = "ping-checks"
    case tcpChecks = "tcp-checks"
    case backendsAskVIP = "backends-ask-vip"
    case backendsAskElsewhere = "backends-ask-elsewhere"
    case backendsAskBalancer = "backends-ask-balancer"
    case offload
    case parts
    case severalCaptures = "several-captures"
  }

  /// All that is out of the ordinary; what was drawn as one kind may be another as well.
  public var kinds: Set<Kind> {
    var kinds: Set<Kind> = []
    if let bond {
      kinds.insert(bond.holder.bonded)
      kinds.insert(bond.mode.kind)
    }
    if let twoInterfaces { kinds.insert(twoInterfaces.withTwoInterfaces) }
    if let cluster { kinds.formUnion(cluster.kinds) }
    if cluster?.hasVirtualMAC ?? false { kinds.insert(.virtualMAC) }
    if pingsVIP { kinds.insert(.vmacPinged) }
    if let prefix { kinds.insert(prefix.isOtherNetwork ? .otherNetwork : .wideLink) }
    if let detour { kinds.insert(family == .plain ? .plainRedirect : detour.tells ? .redirect : .withoutRedirect) }
    if isDrawnPlain { kinds.insert(approach == .routerEachWay ? .plainRouterEachWay : .plainRouted) }
    if let serviceMAC { kinds.insert(serviceMAC == .virtualBox ? .plainVirtualBox : .plainServiceMAC) }
    if isFabric { kinds.insert(family == .plain ? .plainFabric : .fabric) }
    if let checks { kinds.insert(checks == .ping ? .pingChecks : .tcpChecks) }
    switch backendsAsk {
    case .vip?: kinds.insert(.backendsAskVIP)
    case .otherVIP?: kinds.insert(.backendsAskElsewhere)
    case .balancer?: kinds.insert(.backendsAskBalancer)
    case nil: break
    }
    if offload != nil { kinds.insert(.offload) }
    if parts > 1 { kinds.insert(.parts) }
    if !companions.isEmpty { kinds.insert(.severalCaptures) }
    return kinds.isEmpty ? [.usual] : kinds
  }
}

extension Scenario.Holder {
  fileprivate var bonded: Scenario.Kind {
    switch self {
    case .balancer: .bondedBalancer
    case .backend: .bondedBackend
    case .client: .bondedClient
    case .server: .bondedServer
    }
  }

  fileprivate var withTwoInterfaces: Scenario.Kind {
    switch self {
    case .balancer: .balancerWithTwoInterfaces
    case .backend, .client: .backendWithTwoInterfaces
    case .server: .serverWithTwoInterfaces
    }
  }
}

extension Scenario.Bond.Mode {
  fileprivate var kind: Scenario.Kind {
    switch self {
    case .activeBackup: .activeBackup
    case .balanceALB: .balanceALB
    case .balanceTLB: .balanceTLB
    }
  }
}

extension Scenario.Cluster {
  fileprivate var kinds: Set<Scenario.Kind> {
    if isSplit { return [.splitBrain] }
    var kinds: Set<Scenario.Kind> = [backsUp]
    if service == .none { kinds.insert(signals) }
    if takesBackAt != nil { kinds.insert(.failoverAndBack) }
    return kinds
  }

  private var backsUp: Scenario.Kind {
    switch service {
    case .none: .failover
    case .standby: .standbyServes
    case .nodes: .twoNodes
    case .nodesAndLocal: .twoNodesLocal
    }
  }

  private var signals: Scenario.Kind {
    switch sign {
    case .vrrp: .failoverWithVRRP
    case .announcement: .failoverWithAnnouncement
    case .nothing: .failoverInSilence
    }
  }
}
