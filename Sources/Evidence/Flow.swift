public import Wire

public enum TransportProtocol: UInt8, BitwiseCopyable, Sendable, Hashable, CaseIterable {
  case tcp = 6
  case udp = 17

  /// `tcp` or `udp`, as in a service's URL.
  public var name: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    }
  }
}

public struct Endpoint: Hashable, Sendable {
  public var address: IPAddress
  public var port: UInt16

  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: Comparable {
  public static func < (a: Endpoint, b: Endpoint) -> Bool {
    a.address != b.address ? a.address < b.address : a.port < b.port
  }
}

/// One client's conversation with one server, told by the 5-tuple.
public struct Flow: Hashable, Sendable {
  public var transport: TransportProtocol
  public var client: Endpoint
  public var server: Endpoint

  public init(transport: TransportProtocol, client: Endpoint, server: Endpoint) {
    self.transport = transport
    self.client = client
    self.server = server
  }
}

extension Flow: Comparable {
  public static func < (a: Flow, b: Flow) -> Bool {
    (a.server, a.transport.rawValue, a.client) < (b.server, b.transport.rawValue, b.client)
  }
}

/// An ordered pair of MACs, with VLAN and encapsulation, at which frames were seen at one capture point. In an overlay these
/// are the addresses inside it, unless the flow shows that the tunnel is the balancer's own (`Overlay`).
public struct Link: Hashable, Sendable {
  /// Index in `Evidence.points`.
  public var point: Int
  /// `nil` where the link type carries no such address.
  public var source: MACAddress?
  public var destination: MACAddress?
  public var vlan: VLANStack
  /// `nil` for none.
  private var shared: SharedEncapsulation?

  public var encapsulation: Encapsulation {
    get { shared?.value ?? Encapsulation() }
    set { shared = newValue.isEmpty ? nil : SharedEncapsulation(newValue) }
  }

  public init(
    point: Int, source: MACAddress?, destination: MACAddress?, vlan: VLANStack = VLANStack(),
    encapsulation: Encapsulation = Encapsulation()
  ) {
    self.point = point
    self.source = source
    self.destination = destination
    self.vlan = vlan
    self.encapsulation = encapsulation
  }

  init(
    point: Int, source: MACAddress?, destination: MACAddress?, vlan: VLANStack, sharing shared: SharedEncapsulation?
  ) {
    (self.point, self.source, self.destination) = (point, source, destination)
    (self.vlan, self.shared) = (vlan, shared)
  }

  /// A tunnel stands between the two MACs and the packet.
  public var isTunnelled: Bool { shared?.value.wrapsPacket ?? false }
}

/// What links share, for it is ten times as large as all else of a link.
final class SharedEncapsulation: Hashable, Sendable {
  let value: Encapsulation

  init(_ value: Encapsulation) { self.value = value }

  static func == (a: SharedEncapsulation, b: SharedEncapsulation) -> Bool { a === b || a.value == b.value }

  func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension Link: Comparable {
  /// By capture point, then by everything else: no two links are level.
  public static func < (a: Link, b: Link) -> Bool {
    if a.point != b.point { return a.point < b.point }
    if a.source != b.source { return a.source.precedes(b.source) }
    if a.destination != b.destination { return a.destination.precedes(b.destination) }
    if a.vlan != b.vlan {
      return (a.vlan.depth, a.vlan.outer, a.vlan.inner) < (b.vlan.depth, b.vlan.outer, b.vlan.inner)
    }
    return a.shared === b.shared ? false : a.encapsulation < b.encapsulation
  }
}

extension Optional where Wrapped: Comparable {
  /// Nothing comes first.
  fileprivate func precedes(_ other: Wrapped?) -> Bool {
    guard let other else { return false }
    return self.map { $0 < other } ?? true
  }
}

/// Where frames were captured: one interface of one capture. Captures stand at several places, so links of different
/// points are never compared with each other.
public struct CapturePoint: Hashable, Sendable {
  /// Index in `Evidence.captures`.
  public var capture: Int
  /// The interface's number in the file.
  public var interface: Int
  /// The interface index that an SLL2 frame bears; 0 elsewhere.
  public var interfaceIndex: UInt32

  public init(capture: Int, interface: Int, interfaceIndex: UInt32 = 0) {
    self.capture = capture
    self.interface = interface
    self.interfaceIndex = interfaceIndex
  }
}

/// What is known of a capture as a whole.
public struct CaptureSummary: Hashable, Sendable {
  /// As the user named it; `-` for standard input. Of several parts the first one's.
  public var path: String
  /// What the user calls the place.
  public var name: String?
  /// The files that make up the capture, in the order of their times; empty where it is one file.
  public var parts: [CaptureFile] = []
  /// The evidence file that it was read from, as the user named it; `nil` of a capture, whose frames can be read again.
  public var evidenceFile: String?
  /// A capture that it follows and that may be an earlier part of it, for nothing but names speaks against that.
  public var perhapsPartOf: String?
  /// How far its clock is ahead of another capture's, where both saw the same conversations.
  public var clock: CaptureClock?
  public var linkTypes: [LinkType] = []
  /// The names of its interfaces in the order of their numbers, empty where the file does not tell.
  public var interfaces: [String] = []
  public var frames: UInt64 = 0
  /// Bytes on the wire.
  public var bytes: UInt64 = 0
  /// Frames of which the capture kept only the beginning.
  public var cutFrames: UInt64 = 0
  /// Frames that contradict themselves, or were cut before their addresses and ports.
  public var undecodedFrames: UInt64 = 0
  /// Frames that were not looked into to their end, by the reason.
  public var passedOver: [PassedOver: UInt64] = [:]
  /// UDP ports that no tunnel is looked for at, and what their datagrams look like.
  public var untoldPorts = UntoldPorts()
  /// Fragments other than the first: they bear no ports, so they belong to no flow here.
  public var laterFragments: UInt64 = 0
  /// Frames the kernel or the interface lost, where the capture tells.
  public var dropped: UInt64?
  /// The offset in bytes of the record that the file breaks off in; `nil` for a whole file.
  public var truncatedAt: UInt64?
  /// It is whole, and its filter would have let both directions of every flow pass.
  public var showsBothDirections = false
  /// Half-open connections, a single SYN each that nobody repeated: of those of a flood only their number is kept.
  public var halfOpenFlows: UInt64 = 0
  /// Of how many flows one was kept: 1 where all were.
  public var flowsPerKept: UInt64 = 1
  /// Frames that say what was not kept.
  public var countedOnly = CountedOnly()
  /// Of a live capture.
  public var live: LiveCounts?
  public var firstTime: Timestamp?
  public var lastTime: Timestamp?

  public init(path: String) { self.path = path }

  /// What to call it.
  public var label: String { name ?? path }

  /// The file in which the frame of this number stands, and its number there.
  @inlinable
  public func place(ofFrame number: UInt64) -> (path: String, number: UInt64) {
    var rest = number
    for part in parts {
      if rest <= part.lastFrame { return (part.path, rest) }
      rest -= part.lastFrame
    }
    return (path, number)
  }

  /// What the kernel counted while it captured, of all interfaces together.
  public struct LiveCounts: Hashable, Sendable {
    /// Frames that the filter let pass.
    public var received: UInt64 = 0
    /// Frames for which the kernel's buffer had no room.
    public var droppedByKernel: UInt64 = 0
    /// Frames that interfaces lost, as far as their drivers tell.
    public var droppedByInterface: UInt64 = 0
    /// Why it ended before it was to; `nil` where it did not.
    public var lostInterface: String?
    public init() {}
  }
}

/// How many frames say more than is kept: they were only counted, for a flood has any number of them.
public struct CountedOnly: Hashable, Sendable {
  /// ARP, neighbour discovery and VRRP.
  public var claims: UInt64 = 0
  /// ICMP errors and redirects.
  public var errors: UInt64 = 0
  public var pings: UInt64 = 0
  /// Prefixes in router advertisements.
  public var prefixes: UInt64 = 0
  /// Frames of flows at links that are not kept.
  public var links: UInt64 = 0

  public init() {}
}

/// A capture's clock against that of another.
public struct CaptureClock: Hashable, Sendable {
  /// Seconds; less than 0 where it is behind.
  public var ahead: Double
  /// What the other capture is called.
  public var of: String
  /// Frames that both saw tell it; else the beginnings of conversations, which each saw at its own place.
  public var isByFramesOfBoth: Bool
  /// How many conversations tell it.
  public var conversations: Int

  public init(ahead: Double, of: String, isByFramesOfBoth: Bool, conversations: Int) {
    (self.ahead, self.of) = (ahead, of)
    (self.isByFramesOfBoth, self.conversations) = (isByFramesOfBoth, conversations)
  }
}

/// One of the files that make up a capture.
public struct CaptureFile: Hashable, Sendable {
  public var path: String
  /// The number of its last frame.
  public var lastFrame: UInt64

  public init(path: String, lastFrame: UInt64) {
    self.path = path
    self.lastFrame = lastFrame
  }
}
