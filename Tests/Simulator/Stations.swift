import Wire

/// A machine. What it does with a packet follows from its role.
struct Station {
  enum Role {
    case client, router, balancer, backend, server
    /// A balancer that waits for its turn, or has fallen silent.
    case standby
    /// What stands between hosts of a cloud.
    case fabric
  }

  /// What it is now: a balancer and its standby change places.
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
  /// Either of its interfaces in a network answers ARP for the addresses of both.
  var answersOnAll = false
  var sendsFromSecond = false
  /// It asks its gateway for the VIP although that is on the link.
  var takesDetour = false
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
  /// The ARP and VRRP frames for `shared` come from that MAC too.
  var speaksAsVirtual = false
  /// MACs of a bond's other members.
  var members: [MACAddress] = []
  var bond: Scenario.Bond.Mode?

  /// Whether it takes in what is sent to `other`. A member in reserve does not, nor does who waits for its turn.
  func takes(_ other: MACAddress) -> Bool {
    mac == other || virtualMAC == other && !shared.isEmpty || bond != .activeBackup && members.contains(other)
  }
}

/// A broadcast domain.
struct Segment {
  var version: IPAddress.Version
  /// In IPv4 10.number.0.0, in IPv6 fd00:number::.
  var number: Int
  var prefixLength: Int
  var vlan: UInt16
  /// What its hosts' numbers begin from.
  var offset = 0

  func address(_ host: Int, subnet: Int = 10) -> IPAddress {
    switch version {
    case .v4: IPAddress(v4: UInt32(10 << 24 | number << 16 | subnet << 8 | (offset + host)))
    case .v6: IPAddress(v6High: 0xfd00_0000_0000_0000 | UInt64(number), low: UInt64(offset + host))
    }
  }

  func contains(_ other: IPAddress) -> Bool {
    guard other.version == version else { return false }
    let own = address(0)
    if version == .v4 { return Self.agree(own.low << 32, other.low << 32, prefixLength) }
    return Self.agree(own.high, other.high, min(64, prefixLength))
      && Self.agree(own.low, other.low, max(0, prefixLength - 64))
  }

  private static func agree(_ a: UInt64, _ b: UInt64, _ bits: Int) -> Bool { bits == 0 || (a ^ b) >> (64 - bits) == 0 }
}
