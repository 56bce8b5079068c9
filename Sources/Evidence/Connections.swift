/// The connections that used one 5-tuple one after the other, as far as the SYNs, or SYN-ACKs, of one half at one link tell.
public struct Connections: Sendable, Hashable {
  /// Whoever takes one port for ever more connections must not fill the memory: the lowest initial sequence numbers stand
  /// for all, so that it does not matter in which order they came.
  package static let limit = 16

  /// How many SYNs bore each initial sequence number; counters saturate.
  public private(set) var synCounts: [UInt32: UInt8] = [:]
  /// There were more than are kept.
  public private(set) var isCut = false

  /// Those of a record that has SYNs of one connection alone.
  init(_ record: LinkRecord) { synCounts[record.sequenceLow] = record.synCount }

  /// As they were kept; `nil` where these would not have been.
  package init?(synCounts: [UInt32: UInt8], isCut: Bool) {
    guard !synCounts.isEmpty, synCounts.count <= Self.limit else { return nil }
    (self.synCounts, self.isCut) = (synCounts, isCut)
  }

  mutating func merge(_ other: Connections) {
    synCounts.merge(other.synCounts) { $0.addingSaturated($1) }
    if other.isCut { isCut = true }
    if synCounts.count > Self.limit {
      isCut = true
      for highest in synCounts.keys.sorted().dropFirst(Self.limit) { synCounts[highest] = nil }
    }
  }
}
