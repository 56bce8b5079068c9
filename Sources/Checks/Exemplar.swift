public import Evidence
public import Wire

/// One flow of a service, to be shown frame by frame.
public struct Exemplar: Sendable {
  public var flow: Flow
  /// The numbers of its frames that prove a fault, by capture: these are shown wherever they stand.
  public var proof: [String: Set<UInt64>] = [:]
  /// Capture by capture, in the order of the captures; empty where the captures were not read again for them.
  public var frames: [Frame] = []
  /// How many more frames it has.
  public var omitted: UInt64 = 0

  init(flow: Flow, proof exhibits: [Exhibit] = []) {
    self.flow = flow
    for case .frame(let frame) in exhibits.map(\.source) where frame.flow == flow {
      proof[frame.capture, default: []].insert(frame.number)
    }
  }

  public struct Frame: Sendable {
    public var capture: String
    public var number: UInt64
    public var time: Timestamp
    public var half: Half
    public var source: MACAddress?
    public var destination: MACAddress?
    public var vlan: VLANStack
    public var encapsulation: Encapsulation
    /// TTL or hop limit.
    public var hopLimit: UInt8
    /// The sender's address, where that is not the flow's own.
    public var foreignSource: IPAddress?
    public var content: Content

    public enum Content: Sendable {
      case tcp(TCPHeader.Flags, payload: UInt32)
      case udp(payload: UInt32)
    }

    /// What was dissected of a frame; `nil` where it has neither a TCP nor a UDP header. Of a frame in an overlay the pair
    /// of MACs is shown that one of `legs` has, for a flow is told by the inner or the outer one.
    public init?(
      _ frame: Wire.Frame, of capture: String, _ dissection: borrowing Dissection, half: Half,
      foreignSource: IPAddress?, legs: [ServiceVerdict.Leg]
    ) {
      guard let network = dissection.network else { return nil }
      switch dissection.content {
      case .tcp(let tcp): content = .tcp(tcp.flags, payload: tcp.payloadLength)
      case .udp(let udp): content = .udp(payload: udp.payloadLength)
      default: return nil
      }
      self.capture = capture
      number = frame.number
      time = frame.time
      self.half = half
      var addresses = LinkAddresses(
        source: dissection.source, destination: dissection.destination, vlan: dissection.vlan)
      encapsulation = dissection.encapsulation
      if let outside = dissection.encapsulation.outside,
        legs.contains(where: {
          $0.link.source == outside.addresses.source && $0.link.destination == outside.addresses.destination
            && $0.link.encapsulation == outside.encapsulation
        })
      {
        (addresses, encapsulation) = outside
      }
      (source, destination, vlan) = (addresses.source, addresses.destination, addresses.vlan)
      hopLimit = network.hopLimit
      self.foreignSource = foreignSource
    }
  }
}
