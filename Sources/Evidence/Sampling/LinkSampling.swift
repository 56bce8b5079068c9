/// How many links of one flow are kept, where flows that pass ever more pairs of MACs do not fit in memory.
struct LinkSampling: Sendable {
  /// It never falls; 0 where all are kept.
  var level = 0
  /// How many bytes these links took when there was no room for more the last time.
  var settledByteCount = 0

  static let highestLevel = 8
  /// More than any network has hops, and than the judge follows a flow over.
  static let lowestLimit = 128

  /// Of each half, at each capture point: 16,384 at first, and half as many at each level.
  var linkLimit: Int? { level == 0 ? nil : Self.lowestLimit << (Self.highestLevel - level) }

  var isHighest: Bool { level == Self.highestLevel }

  /// Twice as many came as there were: not again for every few that come.
  func mayDrop(_ byteCount: Int) -> Bool { !isHighest || byteCount > 2 * settledByteCount }

  /// `false` where it is as high as it gets.
  mutating func raise() -> Bool {
    if isHighest { return false }
    level += 1
    return true
  }
}
