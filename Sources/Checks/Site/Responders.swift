import Evidence
import Wire

/// Who answers ARP or neighbour solicitations with the MACs of several hosts inside, as a switch does that keeps such questions
/// from its ports (RFC 9161): these are none of its own. A bond does the same with the MACs of its members.
struct Responders {
  private(set) var macs: Set<MACAddress> = []
  /// Nothing tells whether these are one device's.
  private(set) var perhapsOne: Set<Devices.Difference> = []
  /// No bond has more.
  private static let mostMembers = 16

  init(_ evidence: Evidence, _ claims: ClaimIndex) {
    var addresses: [MACAddress: [MACAddress: Set<IPAddress>]] = [:]
    for claim in evidence.claims.keys {
      // Most speak for themselves alone.
      guard let sender = claim.sender, sender != claim.mac, claim.speaker == nil, claim.mac.isUnicast,
        !claim.mac.isShared
      else { continue }
      addresses[sender, default: [:]][claim.mac, default: []].insert(claim.address)
    }
    for (sender, inside) in addresses {
      if inside.count > Self.mostMembers {
        macs.insert(sender)
        continue
      }
      // Most bonds say of the same addresses that they are at one of their MACs and at another.
      var all = inside
      let own = Set(claims.addresses(of: sender))
      if !own.isEmpty { all[sender] = own }
      let bearers = all.sorted { $0.key < $1.key }
      let areOfSeveral = bearers.indices.contains { one in
        bearers[..<one].contains { $0.value.isDisjoint(with: bearers[one].value) }
      }
      guard areOfSeveral else { continue }
      macs.insert(sender)
      let members = Set(inside.keys).union([sender]).sorted()
      for (index, one) in members.enumerated() {
        for other in members[(index + 1)...] { perhapsOne.insert(.init(one, other)) }
      }
    }
  }
}
