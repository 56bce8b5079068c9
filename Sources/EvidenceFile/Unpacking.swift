import Evidence
import EvidenceSchema
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the blocks of a capture say, as evidence. Whatever they say, only what frames could have shown goes in. Nobody needs a
/// copy, so none is written out by the compiler.
struct Unpacking: ~Copyable {
  private var kept: CapturePart
  var links: [Evidence.KnownLink] = []
  /// Of evidence's own numbers.
  var points: [Int] = []
  var records: UInt64 = 0
  /// Of the block at hand.
  var offset: UInt64
  var evidence: Evidence

  /// What was read of the file or pipe.
  var part: CapturePart {
    var part = kept
    part.evidence = evidence
    return part
  }

  /// All blocks of a capture, which begins at `start`.
  static func of(_ blocks: inout BlockReader, from start: UInt64) throws(EvidenceFileError.Fault) -> Unpacking {
    guard case .capture(let capture)? = try blocks.next() else {
      throw .contradiction(offset: start, field: "the first block", expected: "a capture", found: "none")
    }
    var unpacking = Unpacking(capture, at: blocks.offset)
    try unpacking.take(capture)
    while let block = try blocks.next() { try unpacking.add(block, at: blocks.offset) }
    return unpacking
  }

  private init(_ message: CaptureMessage, at offset: UInt64) {
    self.offset = offset
    evidence = Evidence()
    kept = CapturePart(evidence: evidence, path: message.path, lastFrame: message.lastFrame, interfaces: [])
  }

  private mutating func add(_ block: Block.OneOf_Content, at offset: UInt64) throws(EvidenceFileError.Fault) {
    self.offset = offset
    switch block {
    case .capture: throw wrong("a further block", "flows or sightings", "a capture")
    case .flows(let flows): try take(flows)
    case .sightings(let sightings): try take(sightings)
    }
  }

  private mutating func take(_ message: CaptureMessage) throws(EvidenceFileError.Fault) {
    kept.name = message.hasName ? message.name : nil
    kept.isWhole = message.isWhole
    kept.keyIdentifier = message.keyIdentifier == 0 ? nil : message.keyIdentifier
    for interface in message.interfaces {
      kept.interfaces.append(
        .init(name: interface.name, origin: interface.origin, linkType: try linkType(interface.linkType)))
      kept.filters.append(interface.hasFilter ? interface.filter : nil)
    }
    var summary = CaptureSummary(path: message.path)
    (summary.frames, summary.bytes, summary.cutFrames) = (message.frames, message.bytes, message.cutFrames)
    (summary.undecodedFrames, summary.laterFragments) = (message.undecodedFrames, message.laterFragments)
    for passed in message.passedOver { summary.passedOver[try reason(passed)] = passed.frames }
    for port in message.otherPorts { summary.untoldPorts.settle(try narrow(port, "other_ports")) }
    for look in message.tunnelLooks {
      guard let tunnel = Tunnel(name: look.tunnel), tunnel.isCarriedByUDP, look.frames > 0 else {
        throw wrong("tunnel_looks", "frames in a tunnel over UDP", String(look.tunnel.prefix(40)))
      }
      summary.untoldPorts.add(look.frames, of: .init(port: try narrow(look.port, "port"), tunnel: tunnel))
    }
    summary.dropped = message.hasDropped ? message.dropped : nil
    summary.truncatedAt = message.hasTruncatedAt ? message.truncatedAt : nil
    summary.firstTime = message.hasFirstTime ? try time(message.firstTime) : nil
    summary.lastTime = message.hasLastTime ? try time(message.lastTime) : nil
    if let first = summary.firstTime, let last = summary.lastTime, last < first {
      throw wrong("last_time", "no less than first_time", "\(message.lastTime)")
    }
    for type in message.linkTypes { summary.linkTypes.append(try linkType(type)) }
    summary.interfaces = kept.interfaces.map(\.name)
    summary.showsBothDirections = message.showsBothDirections && kept.keyIdentifier != nil
    guard message.samplingLevel <= UInt32(Sampling.highestLevel) else {
      throw wrong("sampling_level", "at most \(Sampling.highestLevel)", "\(message.samplingLevel)")
    }
    evidence = Evidence(
      of: summary, Sampling(key: message.samplingKey, level: Int(message.samplingLevel)),
      linkLevel: Int(message.countedOnly.linkLevel))
    for point in message.points {
      guard Int(point.interface) < kept.interfaces.count else {
        throw wrong("points", "one of \(kept.interfaces.count) interfaces", "\(point.interface)")
      }
      points.append(
        evidence.addPoint(interface: Int(point.interface), interfaceIndex: point.interfaceIndex))
    }
    if message.hasCountedOnly {
      var counted = CountedOnly()
      (counted.claims, counted.errors) = (message.countedOnly.claims, message.countedOnly.errors)
      (counted.pings, counted.prefixes) = (message.countedOnly.pings, message.countedOnly.prefixes)
      counted.links = message.countedOnly.links
      // The file tells the number of the whole capture.
      if counted != CountedOnly() { evidence.add(counted, atPoint: try point(0)) }
    }
    for number in message.pointsWithMulticast { evidence.noteMulticast(atPoint: try point(number)) }
    try take(message.links, message.encapsulations)
  }

  private mutating func take(
    _ columns: Dsrproof_Evidence_V1_Links, _ kept: [EncapsulationMessage]
  ) throws(EvidenceFileError.Fault) {
    var encapsulations = [Encapsulation()]
    for message in kept { encapsulations.append(try encapsulation(message)) }
    let count = columns.points.count
    try require(
      count, columns.sources.count, columns.destinations.count, columns.vlanDepths.count, columns.vlanOuter.count,
      columns.vlanInner.count, columns.encapsulations.count, of: "links")
    for index in 0..<count {
      let number = columns.encapsulations[index]
      guard Int(number) < encapsulations.count else {
        throw wrong("encapsulations", "one of \(encapsulations.count)", "\(number)")
      }
      var vlan = VLANStack()
      vlan.depth = try narrow(columns.vlanDepths[index], "vlan_depths")
      vlan.outer = try narrow(columns.vlanOuter[index], "vlan_outer")
      vlan.inner = try narrow(columns.vlanInner[index], "vlan_inner")
      links.append(
        evidence.add(
          Link(
            point: try point(columns.points[index]), source: try presentMAC(columns.sources[index]),
            destination: try presentMAC(columns.destinations[index]), vlan: vlan,
            encapsulation: encapsulations[Int(number)])))
    }
  }

  private func encapsulation(_ message: EncapsulationMessage) throws(EvidenceFileError.Fault) -> Encapsulation {
    var layers: [Encapsulation.Layer] = []
    for layer in message.layers {
      guard let tunnel = Tunnel(name: layer.tunnel) else {
        throw wrong("tunnel", "a tunnel that this dsrproof knows", String(layer.tunnel.prefix(40)))
      }
      var carrier: LinkAddresses?
      if layer.hasCarrier {
        carrier = LinkAddresses(
          source: try mac(layer.carrier.hasSource, layer.carrier.source),
          destination: try mac(layer.carrier.hasDestination, layer.carrier.destination),
          vlan: try vlan(layer.carrier.vlans))
      }
      layers.append(
        .init(
          tunnel, identifier: layer.hasIdentifier ? layer.identifier : nil,
          from: try address(!tunnel.isOfLink, layer.source), to: try address(!tunnel.isOfLink, layer.destination),
          carrier: carrier))
    }
    guard let encapsulation = Encapsulation(layers, isOutside: message.isOutside) else {
      throw wrong("layers", "at most \(Encapsulation.depthLimit)", "\(layers.count)")
    }
    return encapsulation
  }

  private func linkType(_ number: UInt32) throws(EvidenceFileError.Fault) -> LinkType {
    guard let type = UInt16(exactly: number).flatMap(LinkType.init(rawValue:)) else {
      throw wrong("link_type", "a link type that this dsrproof knows", "\(number)")
    }
    return type
  }

  private func reason(_ message: PassedOverMessage) throws(EvidenceFileError.Fault) -> PassedOver {
    if message.reason == .tunnel {
      guard let tunnel = Tunnel(name: message.tunnel) else {
        throw wrong("tunnel", "a tunnel that this dsrproof knows", String(message.tunnel.prefix(40)))
      }
      return .tunnel(tunnel)
    }
    guard let reason = PassedOver.kept.first(where: { $0.0 == message.reason })?.1 else {
      throw wrong("reason", "a reason that this dsrproof knows", "\(message.reason.rawValue)")
    }
    return reason
  }
}

// MARK: - Values

extension Unpacking {
  func wrong(_ field: String, _ expected: String, _ found: String) -> EvidenceFileError.Fault {
    .contradiction(offset: offset, field: field, expected: expected, found: found)
  }

  /// Columns of one table have as many entries as its first.
  func require(_ count: Int, _ others: Int..., of table: String) throws(EvidenceFileError.Fault) {
    if let other = others.first(where: { $0 != count }) {
      throw wrong("columns of \(table)", "\(count) entries in each", "\(other)")
    }
  }

  func narrow<Number: FixedWidthInteger>(
    _ value: UInt32, _ field: String
  ) throws(EvidenceFileError.Fault) -> Number {
    guard let number = Number(exactly: value) else { throw wrong(field, "at most \(Number.max)", "\(value)") }
    return number
  }

  func point(_ number: UInt32) throws(EvidenceFileError.Fault) -> Int {
    guard Int(number) < points.count else { throw wrong("point", "one of \(points.count)", "\(number)") }
    return points[Int(number)]
  }

  func time(_ nanoseconds: UInt64) throws(EvidenceFileError.Fault) -> Timestamp {
    guard nanoseconds <= Timestamp.latest.sinceEpoch else {
      throw wrong("time", "at most \(Timestamp.latest.sinceEpoch)", "\(nanoseconds)")
    }
    return Timestamp(sinceEpoch: nanoseconds)
  }

  func address(_ octets: Data) throws(EvidenceFileError.Fault) -> IPAddress {
    guard octets.count <= 16, let address = IPAddress(octets: Array(octets)) else {
      throw wrong("address", "4 or 16 octets", "\(octets.count)")
    }
    return address
  }

  func address(_ isPresent: Bool, _ octets: Data) throws(EvidenceFileError.Fault) -> IPAddress? {
    isPresent ? try address(octets) : nil
  }

  func mac(_ number: UInt64) throws(EvidenceFileError.Fault) -> MACAddress {
    guard number < 1 << 48 else { throw wrong("MAC", "48 bits", "\(number)") }
    return MACAddress(number)
  }

  func mac(_ isPresent: Bool, _ number: UInt64) throws(EvidenceFileError.Fault) -> MACAddress? {
    isPresent ? try mac(number) : nil
  }

  /// With a bit that tells whether there is one.
  private func presentMAC(_ number: UInt64) throws(EvidenceFileError.Fault) -> MACAddress? {
    number == 0 ? nil : try mac(number ^ 1 << 48)
  }

  func vlan(_ message: VLANsMessage) throws(EvidenceFileError.Fault) -> VLANStack {
    var vlan = VLANStack()
    vlan.depth = try narrow(message.depth, "depth")
    vlan.outer = try narrow(message.outer, "outer")
    vlan.inner = try narrow(message.inner, "inner")
    return vlan
  }
}
