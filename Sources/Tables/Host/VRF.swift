public import Wire

extension HostTables {
  /// A VRF: interfaces that look for their routes in a table of their own.
  ///
  /// Source: linux `Documentation/networking/vrf.rst`; iproute2 `ip/iplink_vrf.c`.
  public struct VRF: Sendable, Hashable {
    public var name: String
    /// Its table's number.
    public var table: String

    public init(name: String, table: String) { (self.name, self.table) = (name, table) }
  }

  /// Where an address stands as VRFs go.
  public enum Domain: Sendable, Hashable {
    /// The host has no VRF, or the address or interface belongs to none.
    case main
    case vrf(VRF)
    /// It is in several, or in one whose table the text does not tell.
    case unknown
  }

  public var hasVRF: Bool { interfaces.contains { $0.kind == "vrf" } }

  /// The domain of an interface: a VRF's own, or that of the VRF that it, or the bridge or bond that it is a port of, belongs
  /// to.
  public func domain(of interface: Interface) -> Domain {
    var current = interface
    // Each master is another interface; a text that goes in a circle ends.
    for _ in interfaces {
      if current.kind == "vrf" {
        return current.vrfTable.map { .vrf(VRF(name: current.name, table: $0)) } ?? .unknown
      }
      guard let master = current.master else { return .main }
      guard let next = interfaces.first(where: { $0.name == master }) else { return .unknown }
      current = next
    }
    return .unknown
  }

  /// The domain of an address of the host; `main` for one that it has not.
  public func domain(of address: IPAddress) -> Domain {
    let domains = Set(interfaces.filter { $0.addresses.contains { $0.address == address } }.map { domain(of: $0) })
    guard let only = domains.first else { return .main }
    return domains.count == 1 ? only : .unknown
  }

  /// Whether the kernel finds an address that stands in `domain` for a packet that comes by the interface. One in a VRF is
  /// found in that VRF's table alone; of the others the table `local` comes first, and holds for all.
  public func finds(_ address: Domain, for interface: Interface) -> Bool {
    guard case .vrf = address else { return true }
    let own = domain(of: interface)
    return own == .unknown || own == address
  }
}
