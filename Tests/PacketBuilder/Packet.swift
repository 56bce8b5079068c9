public import Wire

/// A packet as a stack of layers, outermost first, written the way one reads it:
///
///     Packet.ethernet(from: client, to: balancer) / .ipv4(from: a, to: vip) / .tcp(from: 37664, to: 80, flags: .syn)
///
/// What one layer says about the next (type, length, checksum) is filled in and right, unless the layer is told
/// otherwise: tests need wrong packets too.
public struct Packet: Sendable {
  public var layers: [any PacketLayer]

  public init(_ layers: any PacketLayer...) { self.layers = layers }

  /// `inner` inside `outer`.
  public static func / (outer: Packet, inner: Packet) -> Packet {
    var packet = outer
    packet.layers += inner.layers
    return packet
  }

  public var bytes: [UInt8] { bytes(within: nil) }

  /// The bytes of a packet that begins above IP, whose checksum covers the addresses of the carrier.
  public func bytes(within carrier: Carrier?) -> [UInt8] {
    var carriers: [Carrier?] = []
    var nearest = carrier
    for layer in layers {
      carriers.append(nearest)
      nearest = layer.carrier ?? nearest
    }
    var bytes: [UInt8] = []
    var next: (any PacketLayer)?
    for (layer, carrier) in zip(layers, carriers).reversed() {
      bytes = layer.encode(around: bytes, of: next, within: carrier)
      next = layer
    }
    return bytes
  }

  /// The bytes of a frame, filled up with zeros as Ethernet does with short ones.
  public func bytes(paddedTo minimum: Int) -> [UInt8] {
    let bytes = self.bytes
    return bytes + Array(repeating: 0, count: max(0, minimum - bytes.count))
  }
}

/// One header, able to write itself around what it carries.
public protocol PacketLayer: Sendable {
  /// How a link layer or GRE announces this layer; `nil` where it cannot.
  var etherType: UInt16? { get }
  /// How IP announces this layer; `nil` where it cannot.
  var protocolNumber: UInt8? { get }
  /// The addresses that this layer gives to the checksums inside it.
  var carrier: Carrier? { get }
  func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8]
}

extension PacketLayer {
  public var etherType: UInt16? { nil }
  public var protocolNumber: UInt8? { nil }
  public var carrier: Carrier? { nil }
}

/// The IP addresses around a transport header, which its checksum covers.
public struct Carrier: Sendable {
  public var source: IPAddress
  public var destination: IPAddress

  public init(from source: IPAddress, to destination: IPAddress) {
    self.source = source
    self.destination = destination
  }
}

/// Bytes as they are; they may claim to be of any protocol, as the later fragments of a packet must.
public struct PayloadLayer: PacketLayer {
  public var contents: [UInt8]
  public var etherType: UInt16?
  public var protocolNumber: UInt8?

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    contents + payload
  }
}

extension Packet {
  public static func payload(_ contents: [UInt8], as protocolNumber: UInt8? = nil, etherType: UInt16? = nil) -> Packet {
    Packet(PayloadLayer(contents: contents, etherType: etherType, protocolNumber: protocolNumber))
  }

  public static func payload(_ text: String) -> Packet { payload(Array(text.utf8)) }
}

/// A MAC address written in the source; traps where it is not one.
public func mac(_ text: String) -> MACAddress {
  guard let address = MACAddress(text) else { preconditionFailure("not a MAC address: \(text)") }
  return address
}

/// An IP address written in the source; traps where it is not one.
public func ip(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { preconditionFailure("not an IP address: \(text)") }
  return address
}
