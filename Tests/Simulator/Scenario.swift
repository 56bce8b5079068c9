/// What was drawn: the network, what is wrong with it, who talks, and where it is captured.
///
/// It says nothing about what follows from that: the network plays it, and the truth is what the packets did.
public struct Scenario: Sendable {
  public enum Family: String, Sendable, CaseIterable {
    /// The balancer rewrites the destination MAC: IPVS DR, F5 nPath.
    case rewrite
    /// It wraps the packet and sends it to the backend's own address.
    case ipip, gre, gue
    /// It translates the destination, and the backend translates its reply back and sends it straight.
    case undoneByBackend = "undone-by-backend"
    /// It translates the destination, and the replies come back to it.
    case masquerade
    /// It translates both ends.
    case fullNAT = "full-nat"
    /// It ends the connection and opens one of its own.
    case proxy
    /// There is no balancer: a server owns the address.
    case plain

    var isTunnel: Bool { self == .ipip || self == .gre || self == .gue }
    var isDirect: Bool { self == .rewrite || isTunnel || self == .undoneByBackend }
  }

  /// How clients reach the VIP's network.
  public enum Approach: String, Sendable {
    case near
    /// Near, with an address in another /24 of the same wide network.
    case nearWide = "near-wide"
    case oneRouter = "one-router"
    case twoRoutersInARow = "two-routers-in-a-row"
    /// One router brings the requests, another takes the replies.
    case routerEachWay = "router-each-way"

    var isNear: Bool { self == .near || self == .nearWide }
  }

  public enum Fault: String, Sendable {
    case none
    /// The backend sends its replies to the balancer.
    case returnsViaBalancer = "returns-via-balancer"
    /// The backend answers ARP for the VIP.
    case answersARP = "answers-arp"
    /// The backend names the VIP as its own when it asks ARP.
    case asksAsVIP = "asks-as-vip"
    /// The backend does not have the VIP.
    case lacksVIP = "lacks-vip"
    /// Nobody listens on the port.
    case noListener = "no-listener"
    /// The backend answers from its own address.
    case answersAsItself = "answers-as-itself"
  }

  public enum Neighbours: String, Sendable {
    /// Nobody knows anybody when the capture begins.
    case unknown
    /// Everybody knows everybody.
    case known
    /// Some do.
    case mixed
  }

  /// The MAC by which a station owns an address that it shares with a standby.
  public enum Redundancy: String, Sendable {
    case none, vrrp, hsrp
    case hsrpV2 = "hsrp-v2"
    case glbp
  }

  public enum Vantage: String, Sendable, CaseIterable {
    case client
    case behindRouter = "behind-router"
    case balancer
    case backend
    /// A mirror port that shows the VIP's network, and the backends' where that is another.
    case mirror
    /// A mirror port that shows both sides of the routers as well.
    case trunk
  }

  /// What the user tells `verify`.
  public enum Named: String, Sendable {
    case service, address, nothing
  }

  public var seed: UInt64
  public var family = Family.rewrite
  public var isIPv6 = false
  public var isUDP = false
  public var approach = Approach.near
  public var clients = 1
  public var backends = 2
  public var flows = 4
  /// The balancer, and where there is none the server, has one interface to the clients and one to the backends.
  public var hasTwoNetworks = false
  /// The balancer answers from another interface on the clients' network than the one that is asked.
  public var answersFromSecondMAC = false
  /// The balancer keeps the sender's MAC in the frames that it passes on.
  public var keepsClientMAC = false
  public var lowersTTL = true
  /// Routers know the VIP by a route to the balancer's own address; nobody asks for the VIP.
  public var isVIPRouted = false
  /// A router answers ARP for the VIP, whose owner stands elsewhere.
  public var routerRedundancy = Redundancy.none
  public var balancerRedundancy = Redundancy.none
  public var announces = false
  public var speaksVRRP = false
  public var checksHealth = false
  public var hasOtherTraffic = false
  public var neighbours = Neighbours.unknown
  public var reprobes = false
  public var fault = Fault.none
  /// The backends that have the fault.
  public var faulty: Set<Int> = []
  public var reusesPorts = false
  public var losesInTransit = false
  /// Nothing is lost, by the wire or the capture: what passed one place of the way passed all.
  public var isClean: Bool { damage.isClean && !losesInTransit }
  public var resets = false
  public var hostTTL: UInt8 = 64

  public var bond: Bond?
  /// Who has two interfaces in one network, either of which answers ARP for the addresses of both.
  public var twoInterfaces: Holder?
  /// It sends from the second of them.
  public var sendsFromSecond = false
  public var cluster: Cluster?
  public var prefix: Prefix?
  public var detour: Detour?
  public var serviceMAC: ServiceMAC?
  /// One MAC answers every ARP question, and is on every frame that a host receives.
  public var isFabric = false
  /// Drawn as a plain server for its own sake.
  public var isDrawnPlain = false
  public var checks: Checks?
  /// A client pings the VIP, and the balancer asks ARP with the VIP as sender.
  public var pingsVIP = false
  public var backendsAsk: Asked?
  public var offload: Offload?
  /// Files that the capture was cut into.
  public var parts = 1
  public var companions: [Companion] = []

  public var vantage = Vantage.client
  /// Which client, or which backend.
  public var stand = 0
  public var named = Named.service
  public var namesBalancer = false
  public var namesBackends = false
  public var damage = Damage()

  public init(seed: UInt64) { self.seed = seed }
}

extension Scenario: CustomStringConvertible {
  /// One line: what was drawn, what is usual left out.
  public var description: String {
    var words = [
      family.rawValue, isIPv6 ? "v6" : "v4", isUDP ? "udp" : "tcp", approach.rawValue,
      "\(clients) clients, \(backends) backends, \(flows) flows",
    ]
    let flags: [(Bool, String)] = [
      (hasTwoNetworks, "two-networks"), (answersFromSecondMAC, "answers-from-second-mac"),
      (keepsClientMAC, "keeps-client-mac"), (!lowersTTL, "keeps-ttl"), (isVIPRouted, "vip-routed"),
      (routerRedundancy != .none, "router-\(routerRedundancy.rawValue)"),
      (balancerRedundancy != .none, "balancer-\(balancerRedundancy.rawValue)"), (announces, "announces"),
      (speaksVRRP, "speaks-vrrp"), (checksHealth, "health-checks"), (hasOtherTraffic, "other-traffic"),
      (reprobes, "reprobes"), (reusesPorts, "port-reuse"), (losesInTransit, "loses-in-transit"),
      (resets, "resets"), (hostTTL != 64, "ttl-\(hostTTL)"),
    ]
    words += flags.filter(\.0).map(\.1)
    words += oddities
    words.append("neighbours-\(neighbours.rawValue)")
    if fault != .none { words.append("fault \(fault.rawValue) at \(faulty.sorted())") }
    words.append("at \(vantage.rawValue)\(vantage == .client || vantage == .backend ? " \(stand)" : "")")
    words.append("told \(named.rawValue)\(namesBalancer ? "+balancer" : "")\(namesBackends ? "+backends" : "")")
    words += companions.map { "and at \($0.vantage.rawValue) \($0.stand), clock \($0.clock) s ahead" }
    words.append(damage.description)
    return words.joined(separator: "; ")
  }

  private var oddities: [String] {
    let words: [String?] = [
      bond.map { "\($0.mode.rawValue) of \($0.members) at the \($0.holder.rawValue), change at \($0.changesAt) s" },
      twoInterfaces.map { "two interfaces at the \($0.rawValue), sends from \(sendsFromSecond ? "second" : "first")" },
      cluster.map { "cluster: \($0)" },
      prefix.map {
        "/\($0.length), \($0.isOtherNetwork ? "near address, other network" : "far address, same network")"
      },
      detour.map { "asks a router\($0.tells ? ", which redirects" : "")\($0.heeds ? ", and heeds it" : "")" },
      serviceMAC.map { "service MAC \($0.rawValue)" }, isFabric ? "fabric MAC" : nil, pingsVIP ? "pings the VIP" : nil,
      checks.map { "checks by \($0.rawValue)" }, backendsAsk.map { "backends ask \($0.rawValue)" },
      offload.map { "offload \($0.rawValue)" }, parts > 1 ? "\(parts) files" : nil,
    ]
    return words.compactMap { $0 }
  }
}
