public import Wire

/// What the user says about the set-up and asks of the verdict.
public struct Policy: Sendable {
  /// The services to judge; empty to find them in the traffic.
  public var services: [ServicePattern] = []
  /// Nobody named them: they were found in tables.
  var areServicesFound = false
  /// The user named what is judged.
  var namesServices: Bool { !services.isEmpty && !areServicesFound }
  /// What people call them.
  public var names: [ServicePattern: String] = [:]
  public var stationNames = StationNames()
  public var balancerMACs: Set<MACAddress> = []
  public var backends: [Backend] = []
  /// Where every capture stood, if the user says so.
  public var vantage: Vantage?
  /// Fewer flows seen direct than this are no proof.
  public var minimumFlows = 1
  /// The same for single services, as they are named.
  public var minimumFlowsOfServices: [ServicePattern: Int] = [:]
  /// A pass needs at least this proof; `nil` asks for none in particular.
  public var minimumProof: ServiceVerdict.Proof?
  /// The same for single services, as they are named.
  public var minimumProofOfServices: [ServicePattern: ServiceVerdict.Proof] = [:]
  /// A larger share of frames than this that a capture lost leaves open what would pass.
  public var maximumDrops = 0.01
  /// A larger share of flows than this that are background leaves open what would pass. With 1, scanners and floods of any
  /// number do not matter beside flows that work.
  public var maximumBackground = 1.0
  /// What each firewall mark of an IPVS table stands for.
  public var firewallMarks: [UInt32: [ServicePattern]] = [:]
  /// Whose IPVS table it is, by host; `nil` stands for every host that is not named.
  public var ipvsRoles: [String?: IPVSRole] = [:]
  /// How much each check counts, by its id; `error` for those that are not named.
  public var severities: [String: Severity] = [:]
  /// What is borne with for a while.
  public var waivers: Waivers?

  /// What people call balancers and backends.
  public struct StationNames: Sendable, Hashable {
    public var byMAC: [MACAddress: String] = [:]
    public var byAddress: [IPAddress: String] = [:]

    public init() {}
  }

  public init() {}

  /// A backend that the user names.
  public struct Backend: Sendable, Hashable {
    public var address: IPAddress
    public var mac: MACAddress?

    public init(address: IPAddress, mac: MACAddress? = nil) {
      self.address = address
      self.mac = mac
    }
  }
}

/// Where a capture stood.
public enum Vantage: String, Sendable, CaseIterable {
  /// On a client, or the client's own network, which is the VIP's too.
  case client
  case balancer
  case backend
  /// A mirror port (SPAN) or tap that sees the balancer's legs and the backends'.
  case mirror
  /// Where clients reach the VIP through a router: both halves bear the router's MAC.
  case behindRouter = "behind-router"
}
