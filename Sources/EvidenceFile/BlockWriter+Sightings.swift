import Evidence
import EvidenceSchema
import SwiftProtobuf
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension BlockWriter {
  private static let sightingsOfBlock = 4096

  mutating func addSightings(of evidence: Evidence) throws(EvidenceFileError.Fault) {
    try addSorted(evidence.claims.map { ClaimMessage($0, $1) }) { $0.claims = $1 }
    try addSorted(evidence.errors.map { ErrorMessageMessage($0, $1) }) { $0.errors = $1 }
    try addSorted(evidence.prefixes.map { PrefixMessage($0, $1) }) { $0.prefixes = $1 }
    try addSorted(evidence.echoes.map { EchoMessage($0, $1) }) { $0.echoes = $1 }
  }

  /// In an order that they alone decide: by frames, then by what they say.
  private mutating func addSorted<Seen: Sighting>(
    _ seen: [Seen], _ put: (inout SightingsMessage, [Seen]) -> Void
  ) throws(EvidenceFileError.Fault) {
    guard !seen.isEmpty else { return }
    var keyed: [(frame: UInt64, text: [UInt8], seen: Seen)] = []
    for one in seen {
      let bytes: [UInt8]
      do {
        bytes = try one.serializedBytes()
      } catch {
        throw .compression(reason: "\(error)")
      }
      keyed.append((one.tally.firstFrame, bytes, one))
    }
    keyed.sort { $0.frame != $1.frame ? $0.frame < $1.frame : $0.text.lexicographicallyPrecedes($1.text) }
    for start in stride(from: 0, to: keyed.count, by: Self.sightingsOfBlock) {
      let some = keyed[start...].prefix(Self.sightingsOfBlock)
      var message = SightingsMessage()
      put(&message, some.map(\.seen))
      try add(.sightings(message), records: some.count)
    }
  }
}

/// What was seen besides flows.
private protocol Sighting: SwiftProtobuf.Message {
  var tally: TallyMessage { get }
}

extension ClaimMessage: Sighting {}
extension ErrorMessageMessage: Sighting {}
extension PrefixMessage: Sighting {}
extension EchoMessage: Sighting {}

extension TallyMessage {
  fileprivate init(_ tally: Tally) {
    self.init()
    (frames, firstFrame) = (tally.frames, tally.firstFrame)
    (firstTime, lastTime) = (tally.firstTime.sinceEpoch, tally.lastTime.sinceEpoch)
    (shift, firstBucket, buckets) = tally.times.kept
    if let sequences = tally.quotedSequences {
      (lowestSequence, highestSequence) = (sequences.lowerBound, sequences.upperBound)
    }
  }
}

extension ClaimMessage {
  fileprivate init(_ claim: Claim, _ tally: Tally) {
    self.init()
    self.tally = TallyMessage(tally)
    point = UInt32(claim.point)
    kind = Claim.Kind.kept.first { $0.1 == claim.kind }?.0 ?? .unspecified
    address = Data(claim.address.octets)
    mac = claim.mac.rawValue
    if let sender = claim.sender { self.sender = sender.rawValue }
    if let receiver = claim.receiver { self.receiver = receiver.rawValue }
    if let asked = claim.askedFor { askedFor = Data(asked.octets) }
    if let mac = claim.virtualMAC { virtualMac = mac.rawValue }
    if let speaker = claim.speaker { self.speaker = Data(speaker.octets) }
    if let priority = claim.priority { self.priority = UInt32(priority) }
    if let interval = claim.advertisementInterval { advertisementInterval = interval }
    vlans = VLANsMessage(claim.vlan)
    isPartlyTold = claim.isPartlyTold
    network = claim.network.layers.map { layer in
      var kept = NetworkLayerMessage()
      (kept.tunnel, kept.identifier) = (layer.tunnel.entry.name, layer.identifier)
      return kept
    }
  }
}

extension ErrorMessageMessage {
  fileprivate init(_ message: ErrorMessage, _ tally: Tally) {
    self.init()
    self.tally = TallyMessage(tally)
    point = UInt32(message.point)
    from = Data(message.from.octets)
    if let source = message.source { self.source = source.rawValue }
    if let destination = message.destination { self.destination = destination.rawValue }
    let (error, quoted) = (message.error, message.error.quoted)
    kind = ICMPError.Kind.kept.first { $0.1 == error.kind }?.0 ?? .unspecified
    (type, code, mtu) = (UInt32(error.type), UInt32(error.code), error.mtu)
    if let gateway = error.gateway { self.gateway = Data(gateway.octets) }
    (quotedSource, quotedDestination) = (Data(quoted.source.octets), Data(quoted.destination.octets))
    quotedProtocol = UInt32(quoted.protocolNumber)
    (quotedSourcePort, quotedDestinationPort) = (UInt32(quoted.sourcePort), UInt32(quoted.destinationPort))
    quotedIsTunnelled = quoted.isTunnelled
  }
}

extension PrefixMessage {
  fileprivate init(_ prefix: OnLinkPrefix, _ tally: Tally) {
    self.init()
    self.tally = TallyMessage(tally)
    (point, vlans) = (UInt32(prefix.point), VLANsMessage(prefix.vlan))
    (router, self.prefix, length) = (prefix.router.rawValue, Data(prefix.prefix.octets), UInt32(prefix.length))
  }
}

extension EchoMessage {
  fileprivate init(_ echo: Echo, _ tally: Tally) {
    self.init()
    self.tally = TallyMessage(tally)
    point = UInt32(echo.point)
    if let source = echo.source { self.source = source.rawValue }
    if let destination = echo.destination { self.destination = destination.rawValue }
    (from, to, isReply) = (Data(echo.from.octets), Data(echo.to.octets), echo.isReply)
  }
}
