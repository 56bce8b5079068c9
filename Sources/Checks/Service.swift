public import Evidence
public import Wire

/// What clients talk to: a VIP, a protocol and a port. Without a protocol or a port it stands for every one.
public struct ServicePattern: Hashable, Sendable {
  public var address: IPAddress
  public var transport: TransportProtocol?
  public var port: UInt16?

  public init(address: IPAddress, transport: TransportProtocol? = nil, port: UInt16? = nil) {
    self.address = address
    self.transport = transport
    self.port = port
  }

  public func matches(_ transport: TransportProtocol, _ endpoint: Endpoint) -> Bool {
    endpoint.address == address && port ?? endpoint.port == endpoint.port
      && self.transport ?? transport == transport
  }

  /// All that `other` stands for, this does too.
  public func covers(_ other: ServicePattern) -> Bool {
    address == other.address && (port == nil || port == other.port)
      && (transport == nil || transport == other.transport)
  }
}

extension ServicePattern: Comparable {
  public static func < (a: ServicePattern, b: ServicePattern) -> Bool {
    (a.address, a.port ?? 0, a.transport?.rawValue ?? 0) < (b.address, b.port ?? 0, b.transport?.rawValue ?? 0)
  }
}

extension Endpoint {
  /// `10.1.10.10:80`, `[fd00::1]:53`.
  package var text: String { address.version == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

extension ServicePattern {
  /// `tcp://10.1.10.10:80`, `udp://[fd00::1]:53`; what stands for everything is left out: `10.1.10.10`.
  public var url: String {
    let scheme = transport.map { $0.name + "://" } ?? ""
    let host = address.version == .v6 ? "[\(address)]" : "\(address)"
    return scheme + host + (port.map { ":\($0)" } ?? "")
  }
}
