public import Wire

/// When something was seen: a set of buckets of time, whose width doubles when they grow too many.
///
/// The buckets are aligned to multiples of their width since 1970, and the width is the smallest of which 256 hold
/// everything. So the set depends on the moments alone, not on the order in which they came: it merges as all evidence.
public struct TimeSet: Hashable, Sendable {
  /// 0.13 seconds.
  private static var smallestShift: UInt64 { 27 }
  private static var largestShift: UInt64 { 54 }
  private static var capacity: UInt64 { 256 }

  /// The number of the first bucket, which is never empty, counted from 1970.
  private var first: UInt64
  /// A bit for each bucket from the first on, the lowest first.
  private var bits: SIMD4<UInt64> = [1, 0, 0, 0]
  /// The width of a bucket is two to the power of this, in nanoseconds. 54 at most, for a moment takes 62 bits.
  private var shift: UInt8

  public init(_ time: Timestamp) {
    first = time.sinceEpoch >> Self.smallestShift
    shift = UInt8(Self.smallestShift)
  }

  /// As it was kept: the width of a bucket as a power of two, the first bucket, and a bit for each from there on. `nil`
  /// where these contradict each other.
  package init?(shift: UInt32, first: UInt64, bits: [UInt64]) {
    let shift = UInt64(shift)
    guard (Self.smallestShift...Self.largestShift).contains(shift), bits.count == 4, bits[0] & 1 == 1,
      first < 1 << (62 - shift)
    else { return nil }
    (self.first, self.shift) = (first, UInt8(shift))
    for index in bits.indices { self.bits[index] = bits[index] }
    guard last(at: self.shift) < 1 << (62 - shift) else { return nil }
  }

  /// What the initialiser takes.
  package var kept: (shift: UInt32, first: UInt64, bits: [UInt64]) {
    (UInt32(shift), first, bits.indices.map { bits[$0] })
  }

  /// The width of a bucket in nanoseconds.
  public var width: UInt64 { 1 << UInt64(shift) }

  /// Adds the moments of `other`.
  public mutating func merge(_ other: TimeSet) {
    let both = (self, other)
    var wider = max(shift, other.shift)
    while max(both.0.last(at: wider), both.1.last(at: wider)) - min(both.0.first(at: wider), both.1.first(at: wider))
      >= Self.capacity
    { wider += 1 }
    let start = min(first(at: wider), other.first(at: wider))
    if wider != shift || start != first {
      (first, shift, bits) = (start, wider, [0, 0, 0, 0])
      fill(both.0)
    }
    fill(other)
  }

  /// The same moments, give or take half a bucket, on a clock that is so many nanoseconds behind.
  func shifted(byNanoseconds shift: Int64) -> TimeSet {
    if shift == 0 { return self }
    var found: TimeSet?
    for span in spans {
      var moment = span.lowerBound.shifted(byNanoseconds: Int64(width / 2))
      while moment <= span.upperBound {
        let other = TimeSet(moment.shifted(byNanoseconds: shift))
        if found?.merge(other) == nil { found = other }
        moment = moment.shifted(byNanoseconds: Int64(width))
      }
    }
    return found ?? self
  }

  /// Whether something was seen in the bucket that `time` falls into.
  public func contains(_ time: Timestamp) -> Bool {
    let bucket = time.sinceEpoch >> UInt64(shift)
    return bucket >= first && bucket - first < Self.capacity && isOccupied(bucket - first)
  }

  /// The stretches in which something was seen, in order: each from the beginning of a bucket to the end of the last one
  /// that adjoins it.
  public var spans: [ClosedRange<Timestamp>] {
    var spans: [ClosedRange<Timestamp>] = []
    var end: UInt64 = 0
    while let start = next(isOccupied: true, from: end) {
      end = next(isOccupied: false, from: start) ?? Self.capacity
      let (from, until) = ((first + start) << UInt64(shift), (first + end) << UInt64(shift))
      spans.append(Timestamp(sinceEpoch: from)...Timestamp(sinceEpoch: until - 1))
    }
    return spans
  }

  /// The first bucket from `start` on in which something was seen, or nothing.
  private func next(isOccupied: Bool, from start: UInt64) -> UInt64? {
    for index in Int(start >> 6)..<max(Int(start >> 6), bits.scalarCount) {
      var word = isOccupied ? bits[index] : ~bits[index]
      if index == Int(start >> 6) { word &= .max << (start & 63) }
      if word != 0 { return UInt64(index * 64 + word.trailingZeroBitCount) }
    }
    return nil
  }

  private func isOccupied(_ bucket: UInt64) -> Bool { bits[Int(bucket >> 6)] >> (bucket & 63) & 1 == 1 }

  /// The number of the first bucket where buckets are as wide as `shift` says.
  private func first(at shift: UInt8) -> UInt64 { first >> UInt64(shift - self.shift) }

  private func last(at shift: UInt8) -> UInt64 {
    let word = bits.indices.last { bits[$0] != 0 } ?? 0
    let bucket = UInt64(word * 64 + 63 - bits[word].leadingZeroBitCount)
    return (first + bucket) >> UInt64(shift - self.shift)
  }

  /// Adds the buckets of `other`, which are no wider, and for which there is room.
  private mutating func fill(_ other: TimeSet) {
    for index in other.bits.indices {
      var word = other.bits[index]
      while word != 0 {
        let bucket = other.first + UInt64(index * 64 + word.trailingZeroBitCount)
        let place = bucket >> UInt64(shift - other.shift) - first
        bits[Int(place >> 6)] |= 1 << (place & 63)
        word &= word - 1
      }
    }
  }
}

extension Timestamp {
  /// Nanoseconds since 1970: less than two to the power of 62.
  package var sinceEpoch: UInt64 { UInt64(seconds) * 1_000_000_000 + UInt64(nanoseconds) }

  /// The latest of all for more than there are.
  package init(sinceEpoch nanoseconds: UInt64) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    self = seconds > UInt64(UInt32.max) ? .latest : Timestamp(seconds: UInt32(seconds), nanoseconds: UInt32(rest))
  }
}
