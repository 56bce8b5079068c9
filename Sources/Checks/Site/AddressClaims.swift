import Evidence
import Wire

/// What is said of one address, of all services that it has.
/// A class, for each of its services keeps it.
final class AddressClaims: Sendable {
  let address: IPAddress
  /// First seen first.
  let claims: [ClaimIndex.Seen]
  let ownership: Ownership
  /// Devices that claim it as their own, by answer, announcement or VRRP.
  let claimants: Set<Device>
  /// These, and devices that only name it as their own when they ask for something else.
  let anyClaimants: Set<Device>
  /// Devices that speak VRRP for it, at any time.
  let speakers: Set<Device>
  /// Devices that asked for it.
  let askers: Set<Device>
  /// Devices that sent a redirect about a packet to it.
  let redirectors: Set<Device>

  init(_ address: IPAddress, _ site: SiteMap) {
    self.address = address
    claims = site.claims.claims(on: address)
    ownership = site.ownership(of: address)
    var (claimants, senders): (Set<Device>, Set<Device>) = ([], [])
    for seen in claims {
      let device = site.device(claiming: seen)
      if seen.claim.kind.isSender { senders.insert(device) } else { claimants.insert(device) }
    }
    self.claimants = claimants
    anyClaimants = claimants.union(senders)
    speakers = site.speakers(for: address)
    askers = site.askers(for: address)
    redirectors = site.redirectors(about: address)
  }
}
