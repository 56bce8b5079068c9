import Evidence
import Wire

/// The balancer's MACs, by the user's word. A virtual MAC counts for each link anew: where its VRRP number is the routers', too,
/// it is theirs there.
struct NamedBalancer: Sendable {
  /// One that no other device has.
  let own: MACAddress?
  private let shared: Set<MACAddress>
  /// By shared MAC: points at which it bears addresses, and none of a service's.
  private let othersPlaces: [MACAddress: Set<Int>]

  init(own: MACAddress?, _ policy: Policy, _ evidence: Evidence) {
    self.own = own
    shared = policy.balancerMACs.filter(\.isShared)
    let services = Set(policy.services.map(\.address))
    guard !shared.isEmpty, !services.isEmpty else {
      othersPlaces = [:]
      return
    }
    var (borne, serving): ([MACAddress: Set<Int>], [MACAddress: Set<Int>]) = ([:], [:])
    for claim in evidence.claims.keys where !claim.kind.isSender {
      for mac in [claim.mac, claim.virtualMAC].compactMap(\.self) where shared.contains(mac) {
        borne[mac, default: []].insert(claim.point)
        if services.contains(claim.address) { serving[mac, default: []].insert(claim.point) }
      }
    }
    othersPlaces = borne.reduce(into: [:]) { found, entry in
      let others = entry.value.subtracting(serving[entry.key] ?? [])
      // Where several captures meet, both links are one place.
      if !others.isEmpty { found[entry.key] = others.union(evidence.jointPoints) }
    }
  }

  /// The shared MAC is the balancer's at `point`, as far as anything tells.
  func bears(_ mac: MACAddress, at point: Int) -> Bool {
    shared.contains(mac) && !(othersPlaces[mac]?.contains(point) ?? false)
  }

  /// Somewhere the shared MAC bears none but others' addresses.
  func isElsewhereAnothers(_ mac: MACAddress) -> Bool { othersPlaces[mac] != nil }
}
