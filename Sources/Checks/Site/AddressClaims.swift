import Evidence
import Wire

/// What is said of one address, of all services that it has.
/// A class, for each of its services keeps it.
final class AddressClaims: Sendable {
  let address: IPAddress
  /// First seen first, each as it was captured.
  let claims: [ClaimIndex.Seen]
  let ownership: Ownership
  /// The same by networks.
  let networks: [ClaimedNetwork]
  /// Devices that claim it as their own, by answer, announcement or VRRP.
  let claimants: Set<Device>
  /// MACs that claim it in any way, in their order, with how many frames say so.
  let claimingMACs: [ServiceVerdict.Claimant]
  /// These, and devices that only name it as their own when they ask for something else.
  let anyClaimants: Set<Device>
  /// What devices ask for with this address as their own.
  let askedAsOwn: [Device: Set<IPAddress>]
  /// Devices that speak VRRP for it, at any time.
  let speakers: Set<Device>
  /// Devices that speak VRRP for addresses which text does not tell: it may be this one.
  let speakersForUntold: Set<Device>
  /// Devices that asked for it.
  let askers: Set<Device>
  /// Devices that sent a redirect about a packet to it.
  let redirectors: Set<Device>

  /// The same by each of the networks that are apart; empty where none is.
  private let parts: [Int: AddressClaims]

  /// `part`: of one of the networks that are apart alone.
  init(_ address: IPAddress, _ site: SiteMap, in part: Int? = nil) {
    self.address = address
    // A storm of claims is gone through once.
    let all = site.claims.claims(on: address)
    let claims = part == nil ? all : all.filter { site.part(ofPoint: $0.claim.point) == part }
    self.claims = site.jointPoints.isEmpty ? claims : claims.filter { !site.jointPoints.contains($0.claim.point) }
    let said: [ClaimedNetwork.Said] = claims.indices.compactMap { number in
      claims[number].claim.kind.isSender ? nil : (number, site.statements(claims[number]))
    }
    let questions = site.questions(for: address, in: part)
    ownership = site.ownership(said, of: claims, questions: questions)
    networks = ClaimedNetwork.all(
      site.jointPoints.isEmpty ? said : said.filter { !site.jointPoints.contains(claims[$0.number].claim.point) },
      of: claims, ownership.tenuresByPoint, questions: questions)
    var (claimants, senders): (Set<Device>, Set<Device>) = ([], [])
    claimants.reserveCapacity(said.count)
    var askedAsOwn: [Device: Set<IPAddress>] = [:]
    for seen in claims {
      let device = site.device(claiming: seen)
      if seen.claim.kind.isSender { senders.insert(device) } else { claimants.insert(device) }
      if let asked = seen.claim.askedFor, asked != address { askedAsOwn[device, default: []].insert(asked) }
    }
    self.askedAsOwn = askedAsOwn
    self.claimants = claimants
    anyClaimants = claimants.union(senders)
    var frames: [MACAddress: UInt64] = [:]
    for seen in self.claims { frames[seen.claim.mac, default: 0] += seen.tally.frames }
    claimingMACs = frames.map { ServiceVerdict.Claimant(mac: $0.key, frames: $0.value) }.sorted { $0.mac < $1.mac }
    speakers = Set(claims.filter { $0.claim.kind == .vrrp }.map(site.device(claiming:)))
    speakersForUntold = Set(site.speakersForUntold(address.version).map(site.device(claiming:)))
    askers = site.askers(for: address, in: part)
    redirectors = site.redirectors(about: address)
    parts =
      part != nil
      ? [:] : Dictionary(uniqueKeysWithValues: site.parts.map { ($0, AddressClaims(address, site, in: $0)) })
  }

  /// What is said of it in one of the networks that are apart; all, where none is.
  func inPart(_ part: Int) -> AddressClaims { parts[part] ?? self }
}

/// What is said of each address. It is found once: a scan finds thousands of services at one.
final class ClaimsByAddress {
  let site: SiteMap
  private var found: [IPAddress: AddressClaims] = [:]

  init(_ site: SiteMap) { self.site = site }

  subscript(address: IPAddress) -> AddressClaims {
    if let known = found[address] { return known }
    let claims = AddressClaims(address, site)
    found[address] = claims
    return claims
  }
}
