import Wire

/// When the highest acknowledgment of a half at a link was first seen, by stretches of time.
///
/// While it rises that is when the last frame was seen, so nothing has to be kept; what is kept are the halves that went on
/// for longer. Which these are hangs on their frames alone, and so does what is kept: it merges like a record.
struct Standing: Sendable {
  /// The records of a half at one link, and the stretch that is kept beside it.
  struct Sight {
    var record: LinkRecord
    var kept: UInt64?

    /// The stretch in which the highest acknowledgment was first seen.
    fileprivate var rise: UInt64 { kept ?? record.lastTime.stretch }

    mutating func merge(_ other: Sight) {
      let (own, others) = (record.acknowledgmentHigh, other.record.acknowledgmentHigh)
      let rise = own == others ? min(self.rise, other.rise) : own > others ? self.rise : other.rise
      record.merge(other.record)
      kept = max(own, others) > 0 && rise < record.lastTime.stretch ? rise : nil
      if kept == nil { record.kinds.remove(.standing) } else { record.kinds.insert(.standing) }
    }
  }
}

extension LinkRecord {
  /// Where neither is so, nothing has to be kept of both together.
  @inline(__always)
  func mayStand(beside other: LinkRecord) -> Bool {
    kinds.union(other.kinds).contains(.standing) || lastTime.stretch != other.lastTime.stretch
  }

  /// What is kept of it stays as it is when `other`, a single frame, is added.
  @inline(__always)
  func goesOnStanding(with other: LinkRecord) -> Bool {
    kinds.contains(.standing) && other.acknowledgmentHigh <= acknowledgmentHigh && lastTime <= other.lastTime
  }
}
