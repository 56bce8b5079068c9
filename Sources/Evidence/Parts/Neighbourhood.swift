import Wire

/// Which stations' frames passed a place: what tells whether two captures stood at the same one.
struct Neighbourhood {
  /// Who sent something, or was sent something.
  private(set) var stations: Set<MACAddress> = []
  private var pairs: Set<Set<MACAddress>> = []

  private init() {}

  /// All that `evidence` shows.
  init(_ evidence: Evidence) {
    Self.forEachFrame(of: evidence) { _, source, destination in add(source, destination) }
  }

  /// What `evidence` shows at each of so many interfaces: a file may have thousands.
  static func ofInterfaces(_ count: Int, _ evidence: Evidence) -> [Neighbourhood] {
    var found = Array(repeating: Neighbourhood(), count: count)
    forEachFrame(of: evidence) { point, source, destination in
      let interface = evidence.points[point].interface
      if found.indices.contains(interface) { found[interface].add(source, destination) }
    }
    return found
  }

  private static func forEachFrame(
    of evidence: Evidence, _ body: (_ point: Int, _ source: MACAddress?, _ destination: MACAddress?) -> Void
  ) {
    let links = evidence.links
    for number in 0..<UInt32(links.count) {
      body(links.point(of: number), links.source(of: number), links.destination(of: number))
    }
    for claim in evidence.claims.keys { body(claim.point, claim.sender ?? claim.mac, claim.receiver) }
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
