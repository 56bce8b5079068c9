import Evidence
import EvidenceSchema
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension BlockWriter {
  /// Adds all that was read of a file or pipe.
  mutating func add(_ part: CapturePart) throws(EvidenceFileError.Fault) {
    let evidence = part.evidence.inOrder()
    let links = LinkOrder(evidence)
    guard evidence.captures.count == 1 else {
      throw .contradiction(
        offset: 0, field: "what was read of \(part.path)", expected: "one capture",
        found: "\(evidence.captures.count)")
    }
    var message = CaptureMessage(evidence.captures[0])
    message.path = part.path
    if let name = part.name { message.name = name }
    message.lastFrame = part.lastFrame
    message.isWhole = part.isWhole
    message.keyIdentifier = part.keyIdentifier ?? 0
    message.samplingLevel = UInt32(evidence.sampling.level)
    message.samplingKey = evidence.sampling.key
    let counted = evidence.countedOnly
    if counted != CountedOnly() {
      (message.countedOnly.claims, message.countedOnly.errors) = (counted.claims, counted.errors)
      (message.countedOnly.pings, message.countedOnly.prefixes) = (counted.pings, counted.prefixes)
      (message.countedOnly.links, message.countedOnly.linkLevel) = (counted.links, UInt32(evidence.linkLevel))
    }
    message.showsBothDirections = part.keyIdentifier != nil && evidence.captures[0].showsBothDirections
    message.interfaces = part.interfaces.enumerated().map { index, interface in
      var kept = Dsrproof_Evidence_V1_Interface()
      (kept.name, kept.origin) = (interface.name, interface.origin)
      kept.linkType = UInt32(interface.linkType.rawValue)
      if part.filters.indices.contains(index), let filter = part.filters[index] { kept.filter = filter }
      return kept
    }
    message.points = evidence.points.map { point in
      var kept = Dsrproof_Evidence_V1_Point()
      (kept.interface, kept.interfaceIndex) = (UInt32(clamping: point.interface), point.interfaceIndex)
      return kept
    }
    message.pointsWithMulticast = evidence.pointsWithMulticast.sorted().map { UInt32($0) }
    message.add(links.links)
    try add(.capture(message))
    try addFlows(of: evidence, at: links)
    try addSightings(of: evidence)
  }
}

extension CaptureMessage {
  fileprivate init(_ summary: CaptureSummary) {
    self.init()
    (frames, bytes, cutFrames) = (summary.frames, summary.bytes, summary.cutFrames)
    (undecodedFrames, laterFragments) = (summary.undecodedFrames, summary.laterFragments)
    passedOver = summary.passedOver.sorted { $0.key < $1.key }.map { reason, frames in
      var kept = PassedOverMessage()
      kept.frames = frames
      if let tunnel = reason.tunnel {
        (kept.reason, kept.tunnel) = (.tunnel, tunnel.entry.name)
      } else {
        kept.reason = PassedOver.kept.first { $0.1 == reason }?.0 ?? .unspecified
      }
      return kept
    }
    tunnelLooks = summary.untoldPorts.looks.sorted {
      ($0.key.port, $0.key.tunnel.rawValue) < ($1.key.port, $1.key.tunnel.rawValue)
    }.map { look, frames in
      var kept = Dsrproof_Evidence_V1_TunnelLook()
      (kept.port, kept.tunnel, kept.frames) = (UInt32(look.port), look.tunnel.entry.name, frames)
      return kept
    }
    otherPorts = summary.untoldPorts.otherPorts.map { UInt32($0) }
    if let dropped = summary.dropped { self.dropped = dropped }
    if let truncatedAt = summary.truncatedAt { self.truncatedAt = truncatedAt }
    if let time = summary.firstTime { firstTime = time.sinceEpoch }
    if let time = summary.lastTime { lastTime = time.sinceEpoch }
    linkTypes = summary.linkTypes.map { UInt32($0.rawValue) }
  }

  fileprivate mutating func add(_ links: [Link]) {
    var numbers: [Encapsulation: UInt32] = [Encapsulation(): 0]
    let number = { (mac: MACAddress?) in mac.map { $0.rawValue | 1 << 48 } ?? 0 }
    // Arrays of a message are copied for each element that is added to them.
    var kept: [EncapsulationMessage] = []
    for link in links where numbers[link.encapsulation] == nil {
      numbers[link.encapsulation] = UInt32(numbers.count)
      kept.append(EncapsulationMessage(link.encapsulation))
    }
    encapsulations = kept
    self.links.points = links.map { UInt32($0.point) }
    self.links.sources = links.map { number($0.source) }
    self.links.destinations = links.map { number($0.destination) }
    self.links.vlanDepths = links.map { UInt32($0.vlan.depth) }
    self.links.vlanOuter = links.map { UInt32($0.vlan.outer) }
    self.links.vlanInner = links.map { UInt32($0.vlan.inner) }
    self.links.encapsulations = links.map { numbers[$0.encapsulation] ?? 0 }
  }
}

extension EncapsulationMessage {
  fileprivate init(_ encapsulation: Encapsulation) {
    self.init()
    layers = encapsulation.layers.map { layer in
      var kept = Layer()
      kept.tunnel = layer.tunnel.entry.name
      if let identifier = layer.identifier { kept.identifier = identifier }
      if let source = layer.source { kept.source = Data(source.octets) }
      if let destination = layer.destination { kept.destination = Data(destination.octets) }
      if let carrier = layer.carrier {
        if let source = carrier.source { kept.carrier.source = source.rawValue }
        if let destination = carrier.destination { kept.carrier.destination = destination.rawValue }
        kept.carrier.vlans = VLANsMessage(carrier.vlan)
      }
      return kept
    }
    isOutside = !encapsulation.hasOverlay && encapsulation.layers.contains { $0.carrier != nil }
  }
}
