public import Evidence
public import Tables
public import Wire

/// The judgement on everything that was seen: made once, by `judge(_:beside:probes:under:)`, and only printed after that.
public struct Verdict: Sendable {
  public enum Outcome: String, Sendable { case pass, fail, inconclusive }

  public var outcome: Outcome
  /// What decided it, or what is missing.
  public var cause: String
  /// The one step that would decide it, where it is open.
  public var next: NextStep?
  /// In the order of their addresses.
  public var services: [ServiceVerdict]
  /// By service, then by id.
  public var checks: [CheckResult]
  public var captures: [CaptureSummary]
  /// In the order in which they were named.
  public var tables: [TableSummary]
  /// Where nothing was seen of a service that was asked for: the services that were, most flows first, a hundred at most.
  public var seen: [SeenService] = []
  /// What became of the traffic that was made for the capture.
  public var probes: [ProbeResult] = []
  /// Where a folder was given as a case: its files, in the order of their paths.
  public var caseFiles: [CaseFile] = []

  public init(
    outcome: Outcome, cause: String, next: NextStep? = nil, services: [ServiceVerdict], checks: [CheckResult],
    captures: [CaptureSummary], tables: [TableSummary] = []
  ) {
    self.outcome = outcome
    self.cause = cause
    self.next = next
    self.services = services
    self.checks = checks
    self.captures = captures
    self.tables = tables
  }
}

/// A table that the verdict took into account.
public struct TableSummary: Sendable {
  public enum Kind: String, Sendable, CaseIterable { case ipvs, host, kubernetes, as3 }

  public var kind: Kind
  public var path: String
  /// The host that it belongs to, where that is known.
  public var host: String?
  /// Of an IPVS table: whose it is, where that is known.
  public var role: IPVSRole?
  /// Of an IPVS table: whose list it is, where it is another balancer's.
  public var balancer: IPVSTable.Balancer?
  /// Of an AS3 declaration: which text it is; `nil` of other tables.
  public var origin: AS3Declaration.Origin?
  /// How the role was found, or what is missing; empty for other tables.
  public var reason: String

  public init(
    kind: Kind, path: String, host: String? = nil, role: IPVSRole? = nil, balancer: IPVSTable.Balancer? = nil,
    reason: String = ""
  ) {
    self.kind = kind
    self.path = path
    self.host = host
    self.role = role
    self.balancer = balancer
    self.reason = reason
  }
}

/// Whose IPVS table it is.
public enum IPVSRole: String, Sendable, CaseIterable {
  case balancer
  /// A backend's that delivers to local pods, as kube-proxy has it.
  case node
}

public struct ServiceVerdict: Sendable {
  public var service: ServicePattern
  /// What people call it, where the policy tells.
  public var name: String?
  public var outcome: Verdict.Outcome
  /// What decided it, or what is missing.
  public var cause: String
  /// The one step that would decide it, where it is open.
  public var next: NextStep?
  /// How a pass was proved; `nil` without one.
  public var proof: Proof?
  /// What the verdict takes for granted, in the order of `Assumption`; empty where frames show all of it.
  public var assumptions: [Assumption] = []
  /// One for each capture point that saw the service, each judged by itself, in the order of `Verdict.captures`; `nil` where it does not show.
  public var vantages: [CaptureVantage]
  public var flows: FlowCounts
  public var balancers: [Station]
  public var backends: [Station]
  /// The ways that frames of the service took, most flows first: what a picture of the path is drawn from.
  public var legs: [Leg]
  /// Hosts that sent requests themselves, with no router in between.
  public var clients: [Station] = []
  /// The flow to show: one that a fault was found in, else one that was proved direct, else any.
  public var exemplar: Exemplar?
  /// How far its flows got, at each place that shows their beginnings.
  public var funnels: [Funnel] = []
  /// Who says that it owns the VIP, in the order of their MACs.
  public var claimants: [Claimant]

  public init(
    service: ServicePattern, outcome: Verdict.Outcome, cause: String, next: NextStep? = nil, proof: Proof?,
    vantages: [CaptureVantage], flows: FlowCounts, balancers: [Station], backends: [Station], legs: [Leg],
    claimants: [Claimant] = []
  ) {
    self.service = service
    self.outcome = outcome
    self.cause = cause
    self.next = next
    self.proof = proof
    self.vantages = vantages
    self.flows = flows
    self.balancers = balancers
    self.backends = backends
    self.legs = legs
    self.claimants = claimants
  }

  /// How direct return was proved, weakest first.
  public enum Proof: String, Sendable, CaseIterable, Comparable {
    /// The MAC the request went to is another than the one the reply came from.
    case macPair = "mac-pair"
    /// And the balancer is known, so the reply is known to avoid it.
    case identified
    /// And every leg was seen: client to balancer, balancer to backend, backend to client.
    case endToEnd = "end-to-end"

    private var rank: Int {
      switch self {
      case .macPair: 0
      case .identified: 1
      case .endToEnd: 2
      }
    }
    public static func < (a: Proof, b: Proof) -> Bool { a.rank < b.rank }
  }

  public struct CaptureVantage: Hashable, Sendable {
    /// What the user calls it, or its path.
    public var capture: String
    public var interface: String?
    public var vantage: Vantage?

    public init(capture: String, interface: String?, vantage: Vantage?) {
      self.capture = capture
      self.interface = interface
      self.vantage = vantage
    }
  }

  /// Flows by what became of them; every flow is counted once.
  public struct FlowCounts: Sendable, Equatable {
    public var direct = 0
    public var viaBalancer = 0
    public var bypassed = 0
    /// Nobody answered, or the answer was a refusal.
    public var unanswered = 0
    /// SYNs of scanners beside flows that work.
    public var background = 0
    public var undecided = 0
    public var total: Int { Path.allCases.reduce(0) { $0 + self[$1] } }

    /// What became of a flow.
    public enum Path: String, Sendable, CaseIterable {
      case direct, viaBalancer, bypassed, unanswered, background, undecided
    }

    public subscript(path: Path) -> Int {
      switch path {
      case .direct: direct
      case .viaBalancer: viaBalancer
      case .bypassed: bypassed
      case .unanswered: unanswered
      case .background: background
      case .undecided: undecided
      }
    }

    public init() {}
  }

  /// A balancer or a backend, as far as it is known.
  public struct Station: Sendable, Hashable {
    public var mac: MACAddress
    /// What people call it, or its host where that host's tables were given.
    public var name: String?
    /// Its own addresses, where the captures or the user tell them.
    public var addresses: [IPAddress]
    /// How it is known: "only MAC that answers for the VIP", "named by the user".
    public var knownBy: String
    /// How many flows of the service it took part in.
    public var flows: Int
    /// How many connection entries of IPVS tables lead to its addresses; `nil` where no table lists connections, or none
    /// of its addresses is known.
    public var connections: Int?

    public init(
      mac: MACAddress, addresses: [IPAddress], knownBy: String, flows: Int, connections: Int? = nil
    ) {
      self.mac = mac
      self.addresses = addresses
      self.knownBy = knownBy
      self.flows = flows
      self.connections = connections
    }
  }

  /// A MAC that claims the VIP, by ARP, neighbour discovery or VRRP.
  public struct Claimant: Sendable, Hashable {
    public var mac: MACAddress
    /// How many frames say so.
    public var frames: UInt64

    public init(mac: MACAddress, frames: UInt64) {
      self.mac = mac
      self.frames = frames
    }
  }

  /// A link that frames of the service took, with who stands at its ends.
  public struct Leg: Sendable, Hashable {
    public enum Role: String, Sendable { case client, router, balancer, backend, unknown }
    public var half: Half
    public var link: Link
    public var from: Role
    public var to: Role
    /// The stations at its ends, each by one of its MACs: where a device has several, it is one station all the same. `nil`
    /// where the MAC of the link stands for itself.
    public var fromDevice: MACAddress?
    public var toDevice: MACAddress?
    public var frames: UInt64
    /// The flows that took it.
    public var carried: FlowGroups
    /// Of these, those at fault, by what is wrong with them.
    public var faults: [Fault: FlowGroups]
    /// Clients beside the one whose MAC it has: where there are many, one stands for all that went the same way.
    public var otherClients: Int
    /// The capture that shows it, where there are several.
    public var capture: String?

    public var flows: Int { carried.flows }

    public enum Fault: String, Sendable { case viaBalancer, bypass, refused, reset, unanswered }

    public init(
      half: Half, link: Link, from: Role, to: Role, frames: UInt64, carried: FlowGroups,
      faults: [Fault: FlowGroups] = [:],
      otherClients: Int = 0
    ) {
      self.half = half
      self.link = link
      self.from = from
      self.to = to
      self.frames = frames
      self.carried = carried
      self.faults = faults
      self.otherClients = otherClients
    }
  }

  /// Flows by groups that look the same: each has a number, which is the same at every leg of the service, so that a flow
  /// which took several legs is counted once.
  public struct FlowGroups: Sendable, Hashable {
    private var sizes: [Int: Int] = [:]

    public init(_ sizes: [Int: Int] = [:]) { self.sizes = sizes }

    public var flows: Int { sizes.values.reduce(0, +) }
    public var isEmpty: Bool { sizes.isEmpty }

    public mutating func insert(_ flows: Int, of group: Int) { sizes[group] = max(sizes[group] ?? 0, flows) }

    public mutating func formUnion(_ other: FlowGroups) { sizes.merge(other.sizes, uniquingKeysWith: max) }

    public func subtracting(_ other: FlowGroups) -> FlowGroups {
      FlowGroups(sizes.filter { other.sizes[$0.key] == nil })
    }
  }
}

extension CheckResult {
  /// `DSR001 reply-via-balancer`.
  package var name: String { "\(id) \(slug)" }
}

/// One frame, or one line of a table, that proves something.
public struct Exhibit: Sendable {
  public var source: Source
  public var expected: String
  public var actual: String

  public enum Source: Sendable {
    case frame(Frame)
    case line(TableLine)
  }

  public struct Frame: Sendable {
    public var capture: String
    /// The number that Wireshark shows.
    public var number: UInt64
    public var time: Timestamp
    /// The flow it belongs to; `nil` for ARP and the like.
    public var flow: Flow?

    public init(capture: String, number: UInt64, time: Timestamp, flow: Flow?) {
      self.capture = capture
      self.number = number
      self.time = time
      self.flow = flow
    }
  }

  public init(_ frame: Frame, expected: String, actual: String) {
    source = .frame(frame)
    self.expected = expected
    self.actual = actual
  }

  public init(_ line: TableLine, expected: String, actual: String) {
    source = .line(line)
    self.expected = expected
    self.actual = actual
  }
}
