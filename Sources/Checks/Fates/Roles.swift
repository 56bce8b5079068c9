import Wire

/// Who is who for one service over all the times that a capture shows: a device may have been the balancer and, at another
/// time, a backend.
struct Roles: Sendable {
  let balancers: [Device: Identity]
  private(set) var backends: [Device: BackendIdentity] = [:]
  /// A balancer that is known claims the VIP, or is named.
  let isOwnerKnown: Bool
  /// The user said who the balancer is.
  let isNamed: Bool
  private let site: SiteMap

  /// `speakers` announce the VIP by VRRP, at times of which no flow may have been captured.
  init(_ casts: [Cast], speakers: Set<Device>, _ site: SiteMap) {
    self.site = site
    var balancers: [Device: Identity] = [:]
    for cast in casts {
      balancers.merge(cast.balancers) { $0.known <= $1.known ? $0 : $1 }
      backends.merge(cast.backends) { min($0, $1) }
    }
    if !casts.contains(where: \.isNamed) || !speakers.isDisjoint(with: balancers.keys) {
      for device in speakers where balancers[device] == nil {
        balancers[device] = Identity(known: .announcesByVRRP, assumptions: [.ownerBalances])
      }
    }
    self.balancers = balancers
    isOwnerKnown = casts.contains(where: \.isOwnerKnown)
    isNamed = casts.contains(where: \.isNamed)
  }

  func isBalancer(_ device: Device?) -> Bool { device.map { balancers[$0] != nil } ?? false }

  func isBalancer(_ mac: MACAddress?) -> Bool {
    guard let mac else { return false }
    return isBalancer(site.devices.device(of: mac)) || balancers[Device(mac: mac)] != nil
      || mac.isShared && site.holders(of: mac).contains(where: isBalancer)
  }

  func isBackend(_ mac: MACAddress) -> Bool { backends[site.devices.device(of: mac)] != nil }

  /// All that speaks for the balancers is that they own the VIP.
  var areOwnersOnly: Bool { balancers.values.allSatisfy(\.isOwnerOnly) }

  /// The MACs of all balancers.
  var balancerMACs: [MACAddress: Identity] {
    balancers.reduce(into: [:]) { found, balancer in
      for mac in site.devices.macs(of: balancer.key) where found[mac].map({ balancer.value.known < $0.known }) ?? true {
        found[mac] = balancer.value
      }
    }
  }

  var backendMACs: [MACAddress: BackendIdentity] {
    backends.reduce(into: [:]) { found, backend in
      for mac in site.devices.macs(of: backend.key) { found[mac] = backend.value }
    }
  }
}
