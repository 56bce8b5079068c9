package import Wire

extension Evidence {
  /// The same of one capture, with other addresses; no two become one. `prefix` is asked for a prefix and its length.
  package func rewritten(
    address: (IPAddress) -> IPAddress, mac: (MACAddress) -> MACAddress, prefix: (IPAddress, UInt8) -> IPAddress
  ) -> Evidence {
    var rewritten = Evidence(of: captures.first ?? CaptureSummary(path: ""), sampling)
    for point in points { _ = rewritten.addPoint(interface: point.interface, interfaceIndex: point.interfaceIndex) }
    rewritten.pointsWithMulticast = pointsWithMulticast
    let links = seenLinks.map { link in
      var link = link
      link.source = link.source.map(mac)
      link.destination = link.destination.map(mac)
      link.encapsulation = link.encapsulation.rewritten(address: address, mac: mac)
      return rewritten.add(link)
    }
    rewritten.addFlows(of: self, at: links, address)
    rewritten.claimSample = claimSample.rewritten { claim in
      var claim = claim
      (claim.address, claim.mac) = (address(claim.address), mac(claim.mac))
      (claim.sender, claim.receiver) = (claim.sender.map(mac), claim.receiver.map(mac))
      (claim.askedFor, claim.virtualMAC) = (claim.askedFor.map(address), claim.virtualMAC.map(mac))
      claim.speaker = claim.speaker.map(address)
      return claim
    }
    rewritten.errorSample = errorSample.rewritten { message in
      var message = message
      message.from = address(message.from)
      (message.source, message.destination) = (message.source.map(mac), message.destination.map(mac))
      message.error.gateway = message.error.gateway.map(address)
      message.error.quoted.source = address(message.error.quoted.source)
      message.error.quoted.destination = address(message.error.quoted.destination)
      return message
    }
    rewritten.prefixSample = prefixSample.rewritten { known in
      var known = known
      (known.router, known.prefix) = (mac(known.router), prefix(known.prefix, known.length))
      return known
    }
    rewritten.echoSample = echoSample.rewritten { echo in
      var echo = echo
      (echo.source, echo.destination) = (echo.source.map(mac), echo.destination.map(mac))
      (echo.from, echo.to) = (address(echo.from), address(echo.to))
      return echo
    }
    return rewritten
  }

  private struct ReuseKey: Hashable {
    var transport: TransportProtocol
    var lower: Endpoint
    var higher: Endpoint
    var isFromLower: Bool
    var link: UInt32
  }

  private mutating func addFlows(of other: Evidence, at links: [KnownLink], _ address: (IPAddress) -> IPAddress) {
    var reuses: [ReuseKey: Connections] = [:]
    other.forEachReuse { transport, lower, higher, isFromLower, link, connections in
      let key = ReuseKey(transport: transport, lower: lower, higher: higher, isFromLower: isFromLower, link: link)
      reuses[key] = connections
    }
    other.forEachSeenFlow { transport, lower, higher, fromLower, fromHigher in
      let (one, two) = (
        Endpoint(address: address(lower.address), port: lower.port),
        Endpoint(address: address(higher.address), port: higher.port)
      )
      let halfOpen = other.halfOpenFlows(beside: transport, lower, higher)
      if halfOpen > 0 { addHalfOpen(halfOpen, beside: transport, one, two) }
      for isFromLower in [true, false] {
        let records = isFromLower ? fromLower : fromHigher
        for index in records.indices {
          let link = records[index].link
          let key = ReuseKey(transport: transport, lower: lower, higher: higher, isFromLower: isFromLower, link: link)
          add(
            records[index], reuses.isEmpty ? nil : reuses[key],
            rise: records[index].kinds.contains(.standing)
              ? other.rise(transport, from: isFromLower ? lower : higher, to: isFromLower ? higher : lower, at: link)
              : nil,
            at: links[Int(link)], transport,
            from: isFromLower ? one : two, to: isFromLower ? two : one)
        }
      }
    }
  }
}

extension Encapsulation {
  fileprivate func rewritten(
    address: (IPAddress) -> IPAddress, mac: (MACAddress) -> MACAddress
  ) -> Encapsulation {
    if isEmpty { return self }
    let isOutside = !hasOverlay && layers.contains { $0.carrier != nil }
    let changed = layers.map { layer in
      var layer = layer
      (layer.source, layer.destination) = (layer.source.map(address), layer.destination.map(address))
      if let carrier = layer.carrier {
        layer.carrier = LinkAddresses(
          source: carrier.source.map(mac), destination: carrier.destination.map(mac), vlan: carrier.vlan)
      }
      return layer
    }
    return Encapsulation(changed, isOutside: isOutside) ?? self
  }
}
