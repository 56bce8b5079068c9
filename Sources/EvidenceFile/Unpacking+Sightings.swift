import Evidence
import EvidenceSchema
import Wire

extension Unpacking {
  mutating func take(_ message: SightingsMessage) throws(EvidenceFileError.Fault) {
    for claim in message.claims { evidence.add(try tally(claim.tally), of: try self.claim(claim)) }
    for error in message.errors { evidence.add(try tally(error.tally), of: try self.error(error)) }
    for prefix in message.prefixes { evidence.add(try tally(prefix.tally), of: try self.prefix(prefix)) }
    for echo in message.echoes { evidence.add(try tally(echo.tally), of: try self.echo(echo)) }
    records += UInt64(
      message.claims.count + message.errors.count + message.prefixes.count + message.echoes.count)
  }

  private func tally(_ message: TallyMessage) throws(EvidenceFileError.Fault) -> Tally {
    guard let times = TimeSet(shift: message.shift, first: message.firstBucket, bits: message.buckets) else {
      throw wrong("buckets", "4 words from the first bucket on", "\(message.buckets.count) of width \(message.shift)")
    }
    let tally = Tally(
      frames: message.frames, firstFrame: message.firstFrame,
      times: (try time(message.firstTime), try time(message.lastTime)), times,
      quotedSequences: message.hasLowestSequence && message.hasHighestSequence
        ? (message.lowestSequence, message.highestSequence) : nil)
    guard let tally else { throw wrong("tally", "the first before the last", "\(message.frames) frames") }
    return tally
  }

  private func claim(_ message: ClaimMessage) throws(EvidenceFileError.Fault) -> Claim {
    guard let kind = Claim.Kind.kept.first(where: { $0.0 == message.kind })?.1 else {
      throw wrong("kind", "a claim that this dsrproof knows", "\(message.kind.rawValue)")
    }
    return Claim(
      point: try point(message.point), kind: kind, address: try address(message.address),
      mac: try mac(message.mac), sender: try mac(message.hasSender, message.sender),
      receiver: try mac(message.hasReceiver, message.receiver),
      askedFor: try address(message.hasAskedFor, message.askedFor),
      virtualMAC: try mac(message.hasVirtualMac, message.virtualMac),
      speaker: try address(message.hasSpeaker, message.speaker),
      priority: message.hasPriority ? try narrow(message.priority, "priority") : nil,
      advertisementInterval: message.hasAdvertisementInterval ? message.advertisementInterval : nil,
      vlan: try vlan(message.vlans), network: try network(message.network), isPartlyTold: message.isPartlyTold)
  }

  private func network(_ kept: [NetworkLayerMessage]) throws(EvidenceFileError.Fault) -> OverlayNetwork {
    guard kept.count <= Encapsulation.depthLimit else {
      throw wrong("network", "at most \(Encapsulation.depthLimit) tunnels", "\(kept.count)")
    }
    var layers: [OverlayNetwork.Layer] = []
    for layer in kept {
      guard let tunnel = Tunnel(name: layer.tunnel), tunnel.identifiesNetwork else {
        throw wrong("tunnel", "one whose identifier tells networks apart", String(layer.tunnel.prefix(40)))
      }
      layers.append(.init(tunnel, layer.identifier))
    }
    return OverlayNetwork(layers)
  }

  private func error(_ message: ErrorMessageMessage) throws(EvidenceFileError.Fault) -> ErrorMessage {
    guard let kind = ICMPError.Kind.kept.first(where: { $0.0 == message.kind })?.1 else {
      throw wrong("kind", "an ICMP error that this dsrproof knows", "\(message.kind.rawValue)")
    }
    var quoted = QuotedPacket(
      source: try address(message.quotedSource), destination: try address(message.quotedDestination),
      protocolNumber: try narrow(message.quotedProtocol, "quoted_protocol"),
      sourcePort: try narrow(message.quotedSourcePort, "quoted_source_port"),
      destinationPort: try narrow(message.quotedDestinationPort, "quoted_destination_port"))
    quoted.isTunnelled = message.quotedIsTunnelled
    return ErrorMessage(
      point: try point(message.point), from: try address(message.from),
      source: try mac(message.hasSource, message.source),
      destination: try mac(message.hasDestination, message.destination),
      error: ICMPError(
        kind: kind, type: try narrow(message.type, "type"), code: try narrow(message.code, "code"), mtu: message.mtu,
        gateway: try address(message.hasGateway, message.gateway), quoted: quoted))
  }

  private func prefix(_ message: PrefixMessage) throws(EvidenceFileError.Fault) -> OnLinkPrefix {
    let address = try address(message.prefix)
    guard message.length <= (address.version == .v4 ? 32 : 128) else {
      throw wrong("length", "at most 128", "\(message.length)")
    }
    return OnLinkPrefix(
      point: try point(message.point), vlan: try vlan(message.vlans), router: try mac(message.router), prefix: address,
      length: UInt8(message.length))
  }

  private func echo(_ message: EchoMessage) throws(EvidenceFileError.Fault) -> Echo {
    Echo(
      point: try point(message.point), source: try mac(message.hasSource, message.source),
      destination: try mac(message.hasDestination, message.destination), from: try address(message.from),
      to: try address(message.to), isReply: message.isReply)
  }
}
