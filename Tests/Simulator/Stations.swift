import Wire

/// A machine. What it does with a packet follows from its role.
struct Station {
  enum Role { case client, router, balancer, backend, server }

  var role: Role
  /// Its number among those of its role.
  var number: Int
  /// Numbers in `Network.interfaces`.
  var interfaces: [Int] = []
  /// Where it sends what is on none of its links.
  var gateway: IPAddress?
  /// Networks that it reaches otherwise: which segment, and the next hop.
  var routes: [(segment: Int, next: IPAddress)] = []
  /// What it sends to clients goes to this address whatever the routes say.
  var returnsTo: IPAddress?
  var fault = Scenario.Fault.none
}

/// A station's place on a segment.
struct Interface {
  var station: Int
  var segment: Int
  var mac: MACAddress
  var address: IPAddress
  /// Addresses that it owns beside its own: the VIP, or the gateway that a pair of routers shares.
  var shared: [IPAddress] = []
  /// The MAC by which it owns these, where that is not its own.
  var virtualMAC: MACAddress?
}

/// A broadcast domain.
struct Segment {
  var version: IPAddress.Version
  /// In IPv4 10.number.0.0, in IPv6 fd00:number::.
  var number: Int
  var prefixLength: Int
  var vlan: UInt16

  func address(_ host: Int, subnet: Int = 10) -> IPAddress {
    switch version {
    case .v4: IPAddress(v4: UInt32(10 << 24 | number << 16 | subnet << 8 | host))
    case .v6: IPAddress(v6High: 0xfd00_0000_0000_0000 | UInt64(number), low: UInt64(host))
    }
  }

  func contains(_ other: IPAddress) -> Bool {
    guard other.version == version else { return false }
    let own = address(0)
    return version == .v4
      ? own.low >> UInt64(32 - prefixLength) == other.low >> UInt64(32 - prefixLength) : own.high == other.high
  }
}
