import Evidence
import Wire

/// Who answers ARP or neighbour solicitations in the name of several hosts, as a switch does that keeps such questions from its
/// ports (RFC 9161): the MACs inside are none of its own.
struct Responders {
  private var macs: Set<MACAddress> = []
  /// They send other packets as well: they may as well be bonds, of which each MAC was seen to speak for other addresses.
  private var perhaps: Set<MACAddress> = []

  init(_ evidence: Evidence) {
    var addresses: [MACAddress: [MACAddress: Set<IPAddress>]] = [:]
    for claim in evidence.claims.keys {
      guard let sender = claim.sender, claim.speaker == nil, claim.mac.isUnicast, !claim.mac.isShared else { continue }
      addresses[sender, default: [:]][claim.mac, default: []].insert(claim.address)
    }
    var responders: Set<MACAddress> = []
    for (sender, inside) in addresses where inside.count > 1 {
      // A bond says of the same addresses that they are at one of its MACs and at another.
      let others = inside.filter { $0.key != sender }.sorted { $0.key < $1.key }.map(\.value)
      if let own = inside[sender], others.allSatisfy({ $0.isDisjoint(with: own) }) { responders.insert(sender) }
      if others.indices.contains(where: { one in others[..<one].contains { $0.isDisjoint(with: others[one]) } }) {
        responders.insert(sender)
      }
    }
    if responders.isEmpty { return }
    perhaps = responders.filter { addresses[$0]?[$0] != nil }
    let links = evidence.links
    for number in 0..<UInt32(links.count) {
      if let source = links[number].source, responders.contains(source) { perhaps.insert(source) }
    }
    macs = responders.subtracting(perhaps)
  }

  /// What a responder says about another's MAC joins nothing.
  func joins(_ join: Devices.Join) -> Bool { !macs.contains(join.one) && !perhaps.contains(join.one) }

  /// Nothing tells whether the two are one device's.
  func perhapsJoins(_ join: Devices.Join) -> Bool { perhaps.contains(join.one) }
}
