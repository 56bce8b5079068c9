/// How many links of one flow are kept, where flows that pass ever more pairs of MACs do not fit in memory.
struct LinkSampling: Sendable {
  /// It never falls; 0 where all are kept.
  var level = 0
  /// How many bytes these links took when there was no room for more the last time.
  var settledByteCount = 0

  /// More than a network has hops for, and than a flow is followed over.
  private static let highestLevel = 8

  /// Of each half, at each capture point.
  var linkLimit: Int? { level == 0 ? nil : 1 << (15 - level) }

  /// Twice as many came as there were: not again for every few that come.
  func mayDrop(_ byteCount: Int) -> Bool { level < Self.highestLevel || byteCount > 2 * settledByteCount }

  /// `false` where it is as high as it gets.
  mutating func raise() -> Bool {
    if level == Self.highestLevel { return false }
    level += 1
    return true
  }
}
