import Wire

/// Which stations' frames passed a place: what tells whether two captures stood at the same one.
struct Neighbourhood {
  /// Who sent something, or was sent something.
  private(set) var stations: Set<MACAddress> = []
  private var pairs: Set<Set<MACAddress>> = []
  /// From whom to whom, unicast.
  private var ways: Set<Way> = []
  /// Those that all unicast frames go to or come from, as at a host's own interface.
  private var centres: Set<MACAddress> = []

  private struct Way: Hashable {
    var from: MACAddress
    var to: MACAddress

    var back: Way { Way(from: to, to: from) }
  }

  /// Of nobody.
  init() {}

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
    guard ends.count == 2 else { return }
    ways.insert(Way(from: ends[0], to: ends[1]))
    guard pairs.insert(Set(ends)).inserted else { return }
    centres = pairs.count == 1 ? Set(ends) : centres.intersection(ends)
  }

  /// It shows nobody, or somebody whom the other shows too.
  func hasStationsInCommon(with other: Neighbourhood) -> Bool {
    stations.isEmpty || other.stations.isEmpty || !stations.isDisjoint(with: other.stations)
  }

  /// One shows what goes one way, and the other what comes back: two taps of one line, or one interface's two directions.
  func isOtherDirection(of other: Neighbourhood) -> Bool {
    ways.isDisjoint(with: other.ways) && other.ways.contains { ways.contains($0.back) }
  }

  /// Takes in what the other direction shows: no third one joins then.
  mutating func addWays(of other: Neighbourhood) { ways.formUnion(other.ways) }

  /// Both stand at one host's interface, or both on a mirror, and the same two stations talk at both.
  func isPlaceOf(_ other: Neighbourhood) -> Bool {
    guard hasStationsInCommon(with: other) else { return false }
    // Nothing but questions to everybody: whoever asks is there.
    if pairs.isEmpty || other.pairs.isEmpty { return true }
    if centres.isEmpty != other.centres.isEmpty { return false }
    return (centres.isEmpty || !centres.isDisjoint(with: other.centres)) && !pairs.isDisjoint(with: other.pairs)
  }

  /// What one place has in common with another: one `isPlaceOf` another where it offers something that the other seeks, so that
  /// among thousands each finds its like at once.
  enum Trait: Hashable {
    case pair(Set<MACAddress>, centre: MACAddress?)
    case station(MACAddress)
    /// Of a place that shows no two stations talking.
    case asker(MACAddress)
    case anybody, nobody
  }

  var offers: Set<Trait> {
    var traits = pairTraits.union(stations.map(Trait.station)).union([.anybody])
    if pairs.isEmpty { traits.formUnion(stations.map(Trait.asker)) }
    if stations.isEmpty { traits.insert(.nobody) }
    return traits
  }

  var seeks: Set<Trait> {
    if stations.isEmpty { return [.anybody] }
    return pairTraits.union(stations.map(pairs.isEmpty ? Trait.station : Trait.asker)).union([.nobody])
  }

  private var pairTraits: Set<Trait> {
    centres.isEmpty
      ? Set(pairs.map { .pair($0, centre: nil) })
      : pairs.reduce(into: []) { traits, pair in
        for centre in centres { traits.insert(.pair(pair, centre: centre)) }
      }
  }
}
