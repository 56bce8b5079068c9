import Evidence
import Wire

/// What text leaves out of which a capture might show that two MACs are one device's: a bond's second member asks with the
/// first one's hardware address inside, and a router lowers the TTL of what it passes on.
struct Untold: Sendable {
  /// They asked, or advertised, with a hardware address inside that was not told.
  private var speakers: Set<MACAddress> = []
  /// A frame may have come to the one and left the other.
  private var crossed: Set<Devices.Difference> = []
  /// Points of text without times.
  let untimedPoints: Set<Int>

  init(_ evidence: Evidence) {
    untimedPoints = evidence.untimedPoints
    for claim in evidence.claims.keys where claim.isPartlyTold && !claim.address.isUnspecified {
      speakers.insert(claim.mac)
    }
  }

  /// The same with frames that may have crossed a device.
  func adding(_ crossings: Set<Crossing>) -> Untold {
    var untold = self
    untold.crossed.formUnion(crossings.map { Devices.Difference($0.entry, $0.exit) })
    return untold
  }

  /// Whether what was not told might join two devices of these MACs.
  func mayJoin(_ ones: [MACAddress], _ others: [MACAddress]) -> Bool {
    if speakers.isEmpty, crossed.isEmpty { return false }
    if ones.contains(where: speakers.contains) || others.contains(where: speakers.contains) { return true }
    return ones.contains { one in others.contains { crossed.contains(Devices.Difference(one, $0)) } }
  }
}
