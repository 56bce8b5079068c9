import Wire

extension Sampled {
  /// Whether the other is the same, wherever it was seen.
  func isSame(as other: Self) -> Bool {
    var other = other
    other.point = point
    return self == other
  }
}

extension Claim: Sampled {
  var subject: IPAddress { address }

  var trace: UInt64? { StableHash.of(address) }

  /// Who asked is the least of it: that a MAC claims an address, and how, is kept before.
  var stratum: Claim {
    var stratum = self
    (stratum.receiver, stratum.askedFor, stratum.priority, stratum.advertisementInterval) = (nil, nil, nil, nil)
    return stratum
  }

  var stableHash: UInt64 {
    var hash = StableHash()
    hash.add(UInt64(kind.rawValue))
    for address in [address, askedFor, speaker] { hash.add(address) }
    for mac in [mac, sender, receiver, virtualMAC] { hash.add(mac) }
    hash.add(UInt64(isPartlyTold ? 1 : 0) << 40 | UInt64(priority ?? 0) << 32)
    hash.add(UInt64(advertisementInterval ?? 0))
    hash.add(vlan)
    for layer in network.layers { hash.add(UInt64(layer.tunnel.rawValue) << 32 | UInt64(layer.identifier)) }
    return hash.value
  }
}

extension ErrorMessage: Sampled {
  /// The end with the lower port is nearly always the server.
  var subject: IPAddress { isAboutReply ? error.quoted.source : error.quoted.destination }

  private var isAboutReply: Bool { error.quoted.sourcePort < error.quoted.destinationPort }

  /// Only the flow of a packet that was too big matters by itself.
  var trace: UInt64? {
    guard error.kind == .packetTooBig else { return nil }
    let quoted = error.quoted
    return Self.trace(
      quoted.protocolNumber, Endpoint(address: quoted.source, port: quoted.sourcePort),
      Endpoint(address: quoted.destination, port: quoted.destinationPort))
  }

  /// That of a packet between two ends, in either direction.
  static func trace(_ protocolNumber: UInt8, _ one: Endpoint, _ other: Endpoint) -> UInt64 {
    var hash = StableHash()
    hash.add(UInt64(protocolNumber))
    for end in [min(one, other), max(one, other)] {
      hash.add(end.address)
      hash.add(UInt64(end.port))
    }
    return hash.value
  }

  /// About one service, and from one neighbour: whoever sent it, and whichever client it is about.
  var stratum: ErrorMessage {
    var stratum = self
    let none = IPAddress(v4: 0)
    stratum.from = none
    (stratum.error.mtu, stratum.error.gateway) = (0, nil)
    if isAboutReply {
      // More than the other port still.
      (stratum.error.quoted.destination, stratum.error.quoted.destinationPort) = (none, .max)
    } else {
      (stratum.error.quoted.source, stratum.error.quoted.sourcePort) = (none, .max)
    }
    return stratum
  }

  var stableHash: UInt64 {
    var hash = StableHash()
    for address in [from, error.gateway, error.quoted.source, error.quoted.destination] { hash.add(address) }
    for mac in [source, destination] { hash.add(mac) }
    hash.add(UInt64(error.type) << 40 | UInt64(error.code) << 32 | UInt64(error.mtu))
    let ports = UInt64(error.quoted.sourcePort) << 16 | UInt64(error.quoted.destinationPort)
    hash.add(UInt64(error.quoted.protocolNumber) << 40 | (error.quoted.isTunnelled ? 1 << 32 : 0) | ports)
    return hash.value
  }
}

extension Echo: Sampled {
  /// All pings alike.
  var subject: IPAddress { IPAddress(v4: 0) }
  var stratum: Echo { self }
  var trace: UInt64? { nil }

  var stableHash: UInt64 {
    var hash = StableHash()
    for address in [from, to] { hash.add(address) }
    for mac in [source, destination] { hash.add(mac) }
    hash.add(isReply ? 1 : 0)
    return hash.value
  }
}

extension OnLinkPrefix: Sampled {
  /// All prefixes alike.
  var subject: IPAddress { IPAddress(v4: 0) }
  var stratum: OnLinkPrefix { self }
  var trace: UInt64? { nil }

  var stableHash: UInt64 {
    var hash = StableHash()
    hash.add(prefix)
    hash.add(router)
    hash.add(vlan)
    hash.add(UInt64(length))
    return hash.value
  }
}
