import Evidence
import Wire

/// Claims by the address that they are about, and by the MAC that makes them.
struct ClaimIndex {
  struct Seen: Sendable {
    var claim: Claim
    var tally: Tally
  }

  private var byAddress: [IPAddress: [Seen]] = [:]
  private var addressesByMAC: [MACAddress: Set<IPAddress>] = [:]
  private var askersByAddress: [IPAddress: Set<MACAddress>] = [:]

  init(_ evidence: Evidence) {
    for (claim, tally) in evidence.claims {
      byAddress[claim.address, default: []].append(Seen(claim: claim, tally: tally))
      addressesByMAC[claim.mac, default: []].insert(claim.address)
      if let asked = claim.askedFor { askersByAddress[asked, default: []].insert(claim.mac) }
    }
    for address in byAddress.keys {
      byAddress[address]?.sort {
        ($0.claim.point, $0.tally.firstFrame, $0.claim.mac) < ($1.claim.point, $1.tally.firstFrame, $1.claim.mac)
      }
    }
  }

  /// First seen first.
  func claims(on address: IPAddress) -> [Seen] { byAddress[address] ?? [] }

  func hasClaims(on address: IPAddress) -> Bool { !byAddress.isEmpty && byAddress[address] != nil }

  func addresses(of mac: MACAddress) -> [IPAddress] { (addressesByMAC[mac] ?? []).sorted() }

  /// The MACs that asked for `address`. A balancer never asks for its own VIP: routers and clients do.
  func askers(for address: IPAddress) -> Set<MACAddress> { askersByAddress[address] ?? [] }

  /// The one MAC that claims `address` at `point`; `nil` where none or several do.
  func soleOwner(of address: IPAddress, at point: Int) -> MACAddress? {
    var owner: MACAddress?
    for seen in claims(on: address) where seen.claim.point == point && seen.claim.kind != .vrrp {
      if let owner, owner != seen.claim.mac { return nil }
      owner = seen.claim.mac
    }
    return owner
  }

  /// An address other than `vip` that `mac` told `asker` it owns, as a gateway does.
  func address(otherThan vip: IPAddress, toldBy mac: MACAddress, to asker: MACAddress, at point: Int) -> IPAddress? {
    addresses(of: mac).first { address in
      address != vip
        && claims(on: address).contains {
          $0.claim.point == point && $0.claim.mac == mac && $0.claim.kind.isAnswer && $0.claim.receiver == asker
        }
    }
  }

  /// Whether `mac` answered for `address` when `asker` asked.
  func tells(_ mac: MACAddress, owns address: IPAddress, to asker: MACAddress, at point: Int) -> Bool {
    claims(on: address).contains {
      $0.claim.point == point && $0.claim.mac == mac && $0.claim.kind.isAnswer && $0.claim.receiver == asker
    }
  }
}
