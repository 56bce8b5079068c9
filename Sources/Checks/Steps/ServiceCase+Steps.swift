import Evidence
import Tables
import Wire

/// Which step fits what is open: chosen by what was given and where the captures stood.
extension ServiceCase {
  /// The one step that would decide what is open.
  func step(for doubt: Doubt) -> NextStep {
    switch doubt {
    case .noReply, .notAcknowledged, .framesMissing, .keptSender, .onlyResets, .backendAddressesBalancer,
      .balancerRoutesForBackend, .balancersOwn, .tunnelledReplies, .perhapsBackend:
      return capturing(at: [.client, .mirror], toSee: .reply)
    case .unreadPackets:
      if run.evidence.hasUnopenedTunnels { return .openTunnel }
      return run.evidence.textPoints.isEmpty
        ? .mend("capture more of each frame: tcpdump -s 0 keeps all of it") : .printBytes
    case .dataUnheard: return .captureAllAddresses
    case .answerUndelivered: return undeliveredAnswers?.next ?? capturing(at: [.client, .mirror], toSee: .dropper)
    case .handshakeOpen, .answeredAtLast, .answerUnheard, .resetUnanswered:
      return capturing(at: [.client, .mirror], toSee: .dropper)
    case .crowded: return .lookWhoSends
    case .noRequest: return .captureBothDirections
    case .balancerSawOneDirection: return .captureUnfiltered
    case .noAddresses:
      if run.evidence.hasBareColumns { return .printMACColumns }
      return run.evidence.hasBareText ? .printMACs : .captureOneInterface
    case .perhapsJoined: return .printBytes
    case .sameMACs(let device), .contradicted(let device), .forwardsBothWays(let device), .forwarderUnknown(let device),
      .unknownReceiver(let device), .perhapsProxyARP(let device, _), .perhapsOwnReplies(let device, _),
      .passedElsewhere(let device), .secondBalancer(let device), .translatesReplies(let device):
      return telling(whoIs: device)
    case .gateway, .redirects, .saidBehindRouter, .perhapsRouted, .forwarderAsksForVIP, .notTheBalancer:
      return capturing(at: [.backend, .balancer, .mirror], toSee: .vipsNetwork)
    case .perhapsSameDevice(_, let other):
      return mayBeBackend(other) ? .tellBackendFromBalancer(other.mac) : .nameEveryBalancerMAC
    case .severalBalancers, .perhapsPast: return namingBalancer()
    case .perhapsPlain: return .nameVIP
    case .severalNextHops(let device): return namingBalancer(perhaps: device)
    case .redundancyAddress: return roles.isNamed ? .nameBackends(perhaps: nil) : .nameBalancerAndBackends
    case .unknownAnswerer(let device): return .nameBackends(perhaps: mayBeBackend(device) ? device.mac : nil)
    }
  }

  /// Who a device is that passes frames both ways, or in an order that fits several.
  func telling(whoIs device: Device) -> NextStep {
    if roles.isNamed, !roles.isBalancer(device) {
      return mayBeBackend(device)
        ? .tellBackendFromRouter(device.mac) : capturing(at: [.backend, .balancer, .mirror], toSee: .vipsNetwork)
    }
    // Of several owners of the VIP none is likelier than the others.
    if !roles.isNamed, claimed.claimants.count > 1 { return .nameBalancer(perhaps: nil) }
    guard !roles.isNamed, mayBalance(device) else {
      return capturing(at: [.backend, .balancer, .mirror], toSee: .vipsNetwork)
    }
    return .tellBalancerFromRouter(device.mac)
  }

  /// The name of the balancer; all of its MACs, where one is named already.
  func namingBalancer(perhaps device: Device? = nil) -> NextStep {
    if roles.isNamed { return .nameEveryBalancerMAC }
    return .nameBalancer(perhaps: device.flatMap { mayBalance($0) ? $0.mac : nil })
  }

  /// At those of the places at which nobody captured yet. Where captures stood at all of them, the names of those who took
  /// part, as far as they are not given, and at last more of the same.
  func capturing(at places: [NextStep.Place], toSee aim: NextStep.Aim) -> NextStep {
    if let step = stepToCapture(at: places, toSee: aim) { return step }
    if !roles.isNamed { return namingBalancer() }
    return stations.backends.contains { $0.source == .user && $0.mac != nil }
      ? .captureMore : .nameBackends(perhaps: nil)
  }

  /// `nil` where captures stood at all of the places.
  func stepToCapture(at places: [NextStep.Place], toSee aim: NextStep.Aim) -> NextStep? {
    let captured = capturedPlaces
    let left = places.filter { !captured.contains($0) }
    return left.isEmpty ? nil : .capture(at: left, toSee: aim)
  }

  /// What a stronger proof needs.
  func stepToStrongerProof(_ asked: ServiceVerdict.Proof) -> NextStep {
    if capturedPlaces.contains(.mirror) { return .widenMirror }
    if asked == .endToEnd || roles.isNamed && !stations.backends.isEmpty {
      return .capture(at: [.mirror], toSee: .reply)
    }
    return roles.isNamed ? .nameBackends(perhaps: nil) : .nameBalancerAndBackends
  }

  /// Where the captures stood, by the user's word or by what they show.
  var capturedPlaces: Set<NextStep.Place> {
    Set((vantages().values + [policy.vantage].compactMap { $0 }).compactMap(NextStep.Place.init))
  }

  /// No table, route or frame shows it to be a gateway, or a backend.
  private func mayBalance(_ device: Device) -> Bool {
    if roles.isBalancer(device) { return true }
    return roles.backends[device] == nil && !claimed.askers.contains(device) && !claimed.redirectors.contains(device)
      && !isGatewayByTables(device)
  }

  private func mayBeBackend(_ device: Device) -> Bool {
    !roles.isBalancer(device) && !claimed.askers.contains(device) && !claimed.redirectors.contains(device)
      && !isGatewayByTables(device)
  }

  /// A host's route leads through it.
  private func isGatewayByTables(_ device: Device) -> Bool {
    let macs = site.devices.macs(of: device)
    return tables.hosts.contains { host in
      host.routes.routes.flatMap(\.hops).contains { hop in
        hop.gateway.flatMap { identities.mac(of: $0) }.map(macs.contains) ?? false
      }
    }
  }
}
