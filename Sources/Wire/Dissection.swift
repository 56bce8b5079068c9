/// What one frame says: the outcome of one lenient walk through its layers.
///
/// The walk decodes as far as it can and stops where the capture ends or the frame contradicts itself; `stop` tells
/// where and why. Offsets are counted in bytes from the start of the frame, and every range given lies inside it.
///
/// Wherever `network` is set, `content` says at least which protocol the packet carries.
public struct Dissection: Sendable {
  /// The sender at the link layer; `nil` where the link type carries none.
  public var source: MACAddress?
  /// The receiver at the link layer; `nil` where the link type carries none, as in every Linux cooked capture.
  public var destination: MACAddress?
  public var vlan = VLANStack()
  /// The index of the interface in an SLL2 frame; 0 elsewhere.
  public var interfaceIndex: UInt32 = 0
  /// The tunnels around the innermost packet. `source`, `destination` and `vlan` are those of the innermost frame.
  public var encapsulation = Encapsulation()
  /// The session of the mirror that wrapped the frame in ERSPAN, 0 where that has none; `nil` where none did.
  public var mirror: UInt32?
  /// An option names the VIP of a request whose destination a balancer has translated.
  public var bearsDSROption = false
  /// It was read from text: what is 0 in its headers may not have been told.
  public var isTranscribed = false
  /// Which of TCP's numbers are those of the wire; of UDP, whether the payload is there.
  public var told = Transcript.Told.everything
  /// Where tunnels are looked for.
  public var tunnelPorts: TunnelPorts
  /// The innermost IP header that was reached.
  public var network: IPHeader?
  public var content: Content = .none
  public var stop: Stop?

  public init(tunnelPorts: TunnelPorts = .standard) {
    self.tunnelPorts = tunnelPorts
  }

  /// The innermost thing that was decoded.
  public enum Content: Sendable {
    case none
    case tcp(TCPHeader)
    case udp(UDPHeader)
    /// A fragment other than the first, which carries no ports.
    case laterFragment(protocolNumber: UInt8)
    case icmpError(ICMPError)
    /// An echo request or its reply: ICMP types 8 and 0 (RFC 792), ICMPv6 types 128 and 129 (RFC 4443 section 4).
    case echo(isReply: Bool)
    case arp(ARPPacket)
    case neighborDiscovery(NeighborMessage)
    case routerAdvertisement(RouterAdvertisement)
    case vrrp(VRRPAdvertisement)
    /// An IP protocol, or an ICMP message, that is not looked into.
    case other(protocolNumber: UInt8)
  }

  /// Why the walk ended before the end of what it knows; or the first contradiction it passed over, as a length that
  /// claims more than the frame had on the wire.
  public struct Stop: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
      /// The capture kept too few bytes of the frame (snap length): the wire had more.
      case captureEnded
      /// A length or a version in the packet contradicts the rest of it: more capture would not help.
      case malformed
      /// More tunnels in each other than are followed.
      case tooManyTunnels
      /// A protocol that is not known here.
      case unknownProtocol
    }
    public var reason: Reason
    public var layer: Layer
    /// Where the layer that could not be decoded begins.
    public var offset: Int

    public init(_ reason: Reason, in layer: Layer, at offset: Int) {
      self.reason = reason
      self.layer = layer
      self.offset = offset
    }
  }

  public enum Layer: UInt8, Sendable {
    case link, vlan, arp, ipv4, ipv6, tcp, udp, icmp, icmpv6, vrrp, gre, gue
  }
}

extension Dissection {
  /// Walks through `frame`, the captured bytes of a frame that had `wireLength` bytes on the wire. No input traps.
  public init(
    _ frame: Span<UInt8>, linkType: LinkType, wireLength: Int, tunnelPorts: TunnelPorts = .standard
  ) {
    self.init(tunnelPorts: tunnelPorts)
    walk(frame, linkType: linkType, wireLength: wireLength)
  }

  /// Puts what `frame` says in the place of what was here. In a loop over many frames this spares returning so large a
  /// value from `init`, which takes about as long as the walk itself.
  public mutating func replace(with frame: Span<UInt8>, linkType: LinkType, wireLength: Int) {
    source = nil
    destination = nil
    vlan = VLANStack()
    interfaceIndex = 0
    encapsulation.clear()
    mirror = nil
    bearsDSROption = false
    isTranscribed = false
    told = .everything
    network = nil
    content = .none
    stop = nil
    walk(frame, linkType: linkType, wireLength: wireLength)
  }

  private mutating func walk(_ frame: Span<UInt8>, linkType: LinkType, wireLength: Int) {
    // Capture files may lie about the length on the wire: never less than what is here, never enough to overflow.
    let end = max(frame.count, min(wireLength, Int(Int32.max)))
    do throws(Stop) {
      switch linkType {
      case .ethernet: try walkEthernet(frame, end: end)
      case .linuxSLL: try walkLinuxSLL(frame, end: end)
      case .linuxSLL2: try walkLinuxSLL2(frame, end: end)
      case .null, .loop: try walkLoopback(frame, end: end)
      case .raw: try walkRawIP(frame, at: 0, end: end)
      case .ipv4: try walkIP(.v4, frame, at: 0, end: end)
      case .ipv6: try walkIP(.v6, frame, at: 0, end: end)
      case .dsaBroadcom: try walkTaggedEthernet(frame, end: end, isDSA: false)
      case .dsaBroadcomPrepended: try walkEthernet(frame, at: 4, end: end)
      case .dsa: try walkTaggedEthernet(frame, end: end, isDSA: true)
      case .edsa: try walkEDSA(frame, end: end)
      case .juniperEthernet: try walkJuniper(frame, end: end)
      case .nflog: try walkNFLOG(frame, end: end)
      case .pktap: try walkPKTAP(frame, end: end)
      case .text, .bareText, .bareColumns, .columns: try walkTranscript(frame, end: end)
      }
    } catch {
      // Where the capture ended, the layer may begin behind it.
      note(Stop(error.reason, in: error.layer, at: min(error.offset, frame.count)))
    }
  }

  /// Keeps the first stop: what comes after a contradiction follows from it.
  mutating func note(_ stop: Stop) {
    if self.stop == nil { self.stop = stop }
  }
}
