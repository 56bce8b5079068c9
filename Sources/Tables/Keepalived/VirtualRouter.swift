public import Wire

/// A `vrrp_instance` of keepalived's: addresses that one node of several announces at a time.
public struct VirtualRouter: Equatable, Sendable {
  /// An address that it announces, and the line that says so.
  public struct Address: Equatable, Sendable {
    public var address: IPAddress
    public var line: Int
    /// It is added and removed like the others, and stands in no advertisement (`virtual_ipaddress_excluded`).
    public var isExcluded: Bool
  }

  public var name: String
  public var line: Int
  public var interface: String?
  /// `virtual_router_id`; keepalived asks for one.
  public var id: UInt8?
  /// Of 100 where none is given.
  public var priority: UInt8 = 100
  /// The line that gives it.
  public var priorityLine: Int?
  /// What it tracks may add to its priority, or a name stands there that is not known.
  public var movesPriority = false
  /// Its advertisements come from this address (`mcast_src_ip`, `unicast_src_ip`).
  public var source: IPAddress?
  /// It claims its addresses by the MAC of the virtual router (`use_vmac`).
  public var usesVirtualMAC = false
  /// Its advertisements come from the interface's own MAC all the same (`vmac_xmit_base`).
  public var advertisesFromInterface = false
  public var addresses: [Address] = []
  /// Advertisements go to these alone.
  public var peers: [IPAddress] = []
  /// A condition, or another file, may add to it.
  public var isPart = false

  public func announces(_ address: IPAddress) -> Bool { addresses.contains { $0.address == address } }

  /// The MAC of the virtual router (RFC 9568 section 7.3).
  public func virtualMAC(_ version: IPAddress.Version) -> MACAddress? {
    id.map { MACAddress((version == .v4 ? 0x0000_5e00_0100 : 0x0000_5e00_0200) | UInt64($0)) }
  }
}
