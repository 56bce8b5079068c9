import Wire

/// Which stations' frames passed a place: what tells whether two captures stood at the same one.
struct Neighbourhood {
  /// Who sent something, or was sent something.
  private(set) var stations: Set<MACAddress> = []
  private var pairs: Set<Set<MACAddress>> = []

  /// All that `evidence` shows, or what it shows at one interface.
  init(_ evidence: Evidence, interface: Int? = nil) {
    let isSeen = { (point: Int) in interface.map { evidence.points[point].interface == $0 } ?? true }
    let links = evidence.links
    for number in 0..<UInt32(links.count) where isSeen(links.point(of: number)) {
      add(links.source(of: number), links.destination(of: number))
    }
    for claim in evidence.claims.keys where isSeen(claim.point) { add(claim.sender ?? claim.mac, claim.receiver) }
  }

  private mutating func add(_ source: MACAddress?, _ destination: MACAddress?) {
    let ends = [source, destination].compactMap(\.self).filter(\.isUnicast)
    stations.formUnion(ends)
    if ends.count == 2 { pairs.insert(Set(ends)) }
  }

  /// Those that all unicast frames go to or come from, as at a host's own interface.
  private var centres: Set<MACAddress> {
    guard let first = pairs.first else { return [] }
    return pairs.reduce(first) { $0.intersection($1) }
  }

  /// It shows nobody, or somebody whom the other shows too.
  func hasStationsInCommon(with other: Neighbourhood) -> Bool {
    stations.isEmpty || other.stations.isEmpty || !stations.isDisjoint(with: other.stations)
  }

  /// Both stand at one host's interface, or both on a mirror, and the same two stations talk at both.
  func isPlaceOf(_ other: Neighbourhood) -> Bool {
    guard hasStationsInCommon(with: other) else { return false }
    // Nothing but questions to everybody: whoever asks is there.
    if pairs.isEmpty || other.pairs.isEmpty { return true }
    let (own, others) = (centres, other.centres)
    if own.isEmpty != others.isEmpty { return false }
    return (own.isEmpty || !own.isDisjoint(with: others)) && !pairs.isDisjoint(with: other.pairs)
  }
}
