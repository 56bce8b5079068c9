public import Wire

/// What an IPVS (Linux Virtual Server) holds: its services with their destinations, or its connection entries.
public struct IPVSTable: Equatable, Sendable {
  public var services: [Service] = []
  /// Where the text lists connections and no services.
  public var connections: [Connection] = []
  public var form: Form
  /// The text has all services of the host: neither one that was asked for alone, nor a part of a longer text.
  public var listsAllServices = true
  /// Of keepalived's configuration: who announces which addresses.
  public var routers: [VirtualRouter] = []
  /// Of keepalived's configuration: addresses that it puts on an interface for as long as it runs (`static_ipaddress`).
  public var staticAddresses: [VirtualRouter.Address] = []
  /// Of keepalived's configuration: the other files that it names outside of blocks, which are not read here.
  public var includes: [Include] = []
  /// Of keepalived's configuration: lines that a condition decides, or that say what is not known here: they are left out.
  public var unread: [UnreadLine] = []
  /// Of keepalived's configuration: nothing but the other files keeps it from being whole.
  var isPartByIncludesAlone = false

  /// `include conf.d/*.conf`.
  public struct Include: Equatable, Sendable {
    public var pattern: String
    public var line: Int
    /// Of the file that names it, where that is not the text itself.
    public var folder: String?
  }

  public struct UnreadLine: Equatable, Sendable {
    public var line: Int
    public var text: String
  }

  /// It says nothing of services: neither that there are some, nor that there are none.
  public var tellsNoServices: Bool { form.listsConnections || form == .keepalived && services.isEmpty }

  /// All files that it names were read beside it.
  public mutating func noteIncluded() {
    guard isPartByIncludesAlone else { return }
    listsAllServices = true
    for index in services.indices { services[index].listsAllDestinations = true }
    isPartByIncludesAlone = false
  }

  /// Which text it was read from.
  public enum Form: String, Sendable {
    /// `ipvsadm -ln`, with whatever columns.
    case listing = "ipvsadm -ln"
    /// `ipvsadm -Sn`: the commands that make the table.
    case rules = "ipvsadm -Sn"
    /// `ipvsadm -lnc`.
    case connections = "ipvsadm -lnc"
    /// `/proc/net/ip_vs`.
    case kernel = "/proc/net/ip_vs"
    /// `/proc/net/ip_vs_conn`.
    case kernelConnections = "/proc/net/ip_vs_conn"
    /// The virtual servers of keepalived's configuration.
    case keepalived = "keepalived.conf"
    /// The services in Cilium's BPF maps.
    case ciliumMaps = "cilium-dbg bpf lb list"
    /// The services that Cilium's agent knows.
    case ciliumServices = "cilium-dbg service list"
    case katran = "katran_goclient -l"
    case loxilb = "loxicmd get lb -o json"
    /// The farms of nftlb's configuration, or of its API.
    case nftlb = "nftlb's farms"
  }

  /// A balancer that is no IPVS, and lists its services in a form of its own.
  public enum Balancer: String, Sendable {
    case cilium = "Cilium"
    case katran = "Katran"
    case loxilb = "loxilb"
    case nftlb = "nftlb"
  }

  public init(form: Form) { self.form = form }

  public enum Transport: String, Sendable {
    case tcp, udp, sctp
  }

  public struct Endpoint: Hashable, Sendable {
    public var address: IPAddress
    /// 0 stands for every port.
    public var port: UInt16

    public init(address: IPAddress, port: UInt16) {
      self.address = address
      self.port = port
    }

    /// `10.1.10.21:80`; a port that stands for every one is left out.
    public var text: String {
      let host = address.version == .v6 && port != 0 ? "[\(address)]" : "\(address)"
      return port == 0 ? host : "\(host):\(port)"
    }
  }

  /// A virtual service.
  public struct Service: Equatable, Sendable {
    public var name: Name
    /// Not every text tells it.
    public var scheduler: String?
    public var schedulerFlags: [String] = []
    /// How long a client stays with one destination; `nil` where each connection is scheduled by itself.
    public var persistence: Persistence?
    /// Every packet is scheduled by itself (`ops`).
    public var isOnePacket = false
    /// The balancer completes handshakes itself before it hands a connection on (DPVS's `synproxy`).
    public var answersHandshakes = false
    /// The persistence engine, as `sip`.
    public var persistenceEngine: String?
    public var counters: Counters?
    public var destinations: [Destination] = []
    /// No part of the text was left out where they stand.
    public var listsAllDestinations = true
    /// Where it stands in the text, counted from 1.
    public var line: Int

    public init(name: Name, line: Int) {
      self.name = name
      self.line = line
    }

    /// What a service is told by.
    public enum Name: Hashable, Sendable {
      case endpoint(Transport, Endpoint)
      case firewallMark(UInt32, isIPv6: Bool)
    }
  }

  public struct Persistence: Equatable, Sendable {
    /// Seconds; `nil` in the kernel's own text, which counts in ticks of an unknown length.
    public var seconds: UInt32?
    /// How many leading bits of the client's address count; `nil` for all of them.
    public var prefixLength: UInt8?

    public init(seconds: UInt32?, prefixLength: UInt8? = nil) {
      self.seconds = seconds
      self.prefixLength = prefixLength
    }
  }

  /// A real server of a service.
  public struct Destination: Equatable, Sendable {
    public var endpoint: Endpoint
    /// Not every text tells it.
    public var forwarding: Forwarding?
    /// What the text calls that, where it is another balancer's.
    public var method: String?
    public var tunnel: Tunnel?
    public var weight: Int?
    public var activeConnections: UInt64?
    public var inactiveConnections: UInt64?
    public var counters: Counters?
    /// Where it stands in the text, counted from 1.
    public var line: Int

    public init(endpoint: Endpoint, line: Int) {
      self.endpoint = endpoint
      self.line = line
    }
  }

  /// How requests reach a destination. Source: linux net/netfilter/ipvs/ip_vs_ctl.c, `ip_vs_fwd_name`.
  public enum Forwarding: Hashable, Sendable {
    /// The destination MAC alone is rewritten: direct return.
    case route
    /// In a tunnel: direct return.
    case tunnel
    /// The destination address is rewritten: replies have to come back here.
    case masquerade
    /// The destination is this very host.
    case local
    /// The client's address is rewritten too, so that replies come back here by themselves (DPVS).
    case fullNAT
    /// The destination address is rewritten, and an option or a tunnel brings the VIP along: direct return, at a port of the
    /// backend's own (Cilium).
    case option
    /// A method that is not known here, as it is written.
    case other(String)

    public init(name: String) {
      self =
        [Forwarding.route, .tunnel, .masquerade, .local, .fullNAT, .option].first { $0.name == name } ?? .other(name)
    }

    /// As the kernel and ipvsadm print it.
    public var name: String {
      switch self {
      case .route: "Route"
      case .tunnel: "Tunnel"
      case .masquerade: "Masq"
      case .local: "Local"
      case .fullNAT: "FullNat"
      case .option: "DSR"
      case .other(let name): name
      }
    }
  }

  public struct Tunnel: Equatable, Sendable {
    public var type: TunnelType
    /// Of GUE.
    public var port: UInt16?

    public init(type: TunnelType, port: UInt16? = nil) {
      self.type = type
      self.port = port
    }
  }

  public enum TunnelType: String, Sendable {
    case ipip, gue, gre
  }

  /// Totals since the service was made (`--stats`), or a second's worth of late (`--rate`). Large ones are rounded in the
  /// text, unless it was asked to be exact.
  public struct Counters: Equatable, Sendable {
    public var isRate: Bool
    public var connections: UInt64
    public var packetsIn: UInt64
    public var packetsOut: UInt64
    public var bytesIn: UInt64
    public var bytesOut: UInt64

    public init(
      isRate: Bool, connections: UInt64, packetsIn: UInt64, packetsOut: UInt64, bytesIn: UInt64, bytesOut: UInt64
    ) {
      self.isRate = isRate
      self.connections = connections
      self.packetsIn = packetsIn
      self.packetsOut = packetsOut
      self.bytesIn = bytesIn
      self.bytesOut = bytesOut
    }
  }

  /// An entry of the connection table.
  public struct Connection: Equatable, Sendable {
    /// `nil` for the template of a firewall mark's service, which has none.
    public var transport: Transport?
    /// Port 0 in a persistence template, which stands for all of the client's connections.
    public var client: Endpoint
    public var virtual: Endpoint
    public var destination: Endpoint
    /// As the kernel names it: `ESTABLISHED`, `FIN_WAIT`.
    public var state: String
    /// Seconds until the entry goes.
    public var expires: UInt32

    public init(
      transport: Transport?, client: Endpoint, virtual: Endpoint, destination: Endpoint, state: String, expires: UInt32
    ) {
      self.transport = transport
      self.client = client
      self.virtual = virtual
      self.destination = destination
      self.state = state
      self.expires = expires
    }
  }
}
