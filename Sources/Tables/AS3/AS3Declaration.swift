public import Wire

/// What an AS3 declaration makes on a BIG-IP, or what BIG-IP itself lists, as far as direct return depends on it: virtual servers, each with its
/// profile and pool, and the Kubernetes Services that stand beside it in the same text.
public struct AS3Declaration: Equatable, Sendable {
  public var virtuals: [Virtual] = []
  /// Services by whose labels CIS (F5 Container Ingress Services) fills pools.
  public var services: [LabelledService] = []
  /// Which text it was read from.
  public var origin = Origin.as3

  /// What it was read from, in the order of the text.
  var texts: [Text] = []

  public init() {}

  public enum Origin: Sendable {
    case as3
    /// BIG-IP's own objects, whose properties have other names.
    case tmsh
  }

  /// A property, and the line that says it; where AS3's default counts, the line of the object that lacks it.
  public struct Property<Value: Equatable & Sendable>: Equatable, Sendable {
    /// `nil` where what is written is no value that is known here, or another object says it (`include`).
    public var value: Value?
    /// As it is written; `nil` for a default.
    public var written: String?
    public var line: Int

    public init(_ value: Value?, written: String? = nil, line: Int) {
      self.value = value
      self.written = written
      self.line = line
    }
  }

  /// A virtual server: an object whose class is `Service_HTTP`, `Service_L4` and the like. One that listens to a list of
  /// ports stands here once for each.
  public struct Virtual: Equatable, Sendable {
    /// `/Tenant/Application/name`.
    public var path: String
    /// `Service_L4`.
    public var kind: String
    public var line: Int
    /// Empty where the text does not tell it.
    public var tenant = ""
    /// Why nothing tells whether it runs like this.
    public var doubt: Doubt?
    /// `false` where the tenant, the application or itself is disabled.
    public var isEnabled: Property<Bool>
    /// It stands on BIG-IP, enabled or not: what AS3's `enable` is false of is not there at all.
    public var isThere = true
    public var addresses: [Address]
    /// 0 stands for every port.
    public var port: Property<UInt16>
    /// `tcp`, `udp`, `any` and many more.
    public var layer4: Property<String>
    public var translatesAddress: Property<Bool>
    public var translatesPort: Property<Bool>
    public var sourcePort: Property<SourcePort>
    public var snat: Property<SNAT>
    /// What else translates addresses and ports, by rules that are not read: a NAT policy, or NAT64.
    public var nat: Property<String>?
    public var profile: Reference<L4Profile>
    public var pool: Reference<Pool>
  }

  /// What a virtual server listens to.
  public struct Address: Equatable, Sendable {
    /// `nil` where it is another object's that the text does not have, or no address.
    public var subnet: Subnet?
    public var written: String
    public var line: Int
    /// Whether BIG-IP answers ARP for it, where a Service_Address says so.
    public var answersARP: Property<Bool>?
    /// It takes the packets of some clients, or of some VLANs, and leaves the others to the next virtual server.
    public var isForSome = false
  }

  /// What becomes of the client's port. Source: tmsh reference, ltm virtual, source-port.
  public enum SourcePort: String, CaseIterable, Sendable {
    /// Kept, unless a SNAT's port is in use already.
    case preserve
    case preserveStrict = "preserve-strict"
    case change
  }

  /// What becomes of the client's address.
  public enum SNAT: Equatable, Sendable {
    case none, auto, own
    /// A pool of addresses, by its name.
    case pool(String)
  }

  /// An object that another one names.
  public enum Reference<Object: Equatable & Sendable>: Equatable, Sendable {
    /// Nothing is named.
    case none
    case declared(Object)
    /// It stands outside of the declaration, or cannot be found in it.
    case elsewhere(name: String, line: Int)
  }

  /// A FastL4 profile: how far BIG-IP watches the state of TCP connections.
  public struct L4Profile: Equatable, Sendable {
    /// Its path, or `basic` for the one that BIG-IP has built in.
    public var name: String
    public var looseInitialization: Property<Bool>
    public var looseClose: Property<Bool>
    public var resetOnTimeout: Property<Bool>
  }

  public struct Pool: Equatable, Sendable {
    public var tenant: String
    public var application: String
    public var name: String
    public var line: Int
    public var members: [Member]
    /// Connections to its members may have their client's address replaced; else `snat` of the virtual server does nothing.
    public var allowsSNAT: Property<Bool>

    /// `/Tenant/Application/name`.
    public var path: String { AS3Objects.Place(tenant: tenant, application: application, name: name).path }

    /// CIS fills a pool whose first member has an empty list of addresses, and no other.
    ///
    /// Source: k8s-bigip-ctlr pkg/appmanager/as3Manager.go, `getAS3ObjectFromTemplate`.
    public var isFilledByCIS: Bool { members.first?.isEmpty ?? false }
  }

  public struct Member: Equatable, Sendable {
    /// 0 stands for every port.
    public var port: Property<UInt16>
    /// Its addresses are discovered, and each may bring a port of its own in place of that one.
    public var discoversPorts = false
    /// `serverAddresses` is there and holds nothing, and nothing else tells its addresses.
    public var isEmpty: Bool
    /// It is neither disabled nor offline.
    public var takesConnections: Bool
    public var line: Int
  }

  /// A Service, with the labels that name the pool it fills.
  public struct LabelledService: Equatable, Sendable {
    /// `namespace/name`.
    public var name: String
    public var line: Int
    public var tenant: Property<String>?
    public var application: Property<String>?
    public var pool: Property<String>?
    /// `spec.loadBalancerIP`, and the addresses of `status.loadBalancer.ingress`.
    public var addresses: [IPAddress]
    public var ports: [UInt16]

    public init(
      name: String, line: Int, tenant: Property<String>?, application: Property<String>?, pool: Property<String>?,
      addresses: [IPAddress], ports: [UInt16]
    ) {
      self.name = name
      self.line = line
      self.tenant = tenant
      self.application = application
      self.pool = pool
      self.addresses = addresses
      self.ports = ports
    }
  }
}
