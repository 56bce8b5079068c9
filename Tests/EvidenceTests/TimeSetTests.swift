import Evidence
import TestSupport
import Testing
import Wire

@Suite struct TimeSetTests {
  private static let base: UInt64 = 1 << 27
  private static let second: UInt64 = 1_000_000_000

  private func moment(_ nanoseconds: UInt64) -> Timestamp {
    Timestamp(
      seconds: UInt32(nanoseconds / Self.second), nanoseconds: UInt32(nanoseconds % Self.second))
  }

  private func set(_ moments: some Sequence<Timestamp>) -> TimeSet? {
    moments.reduce(into: nil) { set, moment in
      if set?.merge(TimeSet(moment)) == nil { set = TimeSet(moment) }
    }
  }

  @Test func aMomentIsOneBucket() {
    let times = TimeSet(moment(5 * Self.base + 7))
    #expect(times.width == Self.base)
    #expect(times.spans == [moment(5 * Self.base)...moment(6 * Self.base - 1)])
    #expect(times.contains(moment(5 * Self.base)) && times.contains(moment(6 * Self.base - 1)))
    #expect(!times.contains(moment(5 * Self.base - 1)) && !times.contains(moment(6 * Self.base)))
  }

  @Test func bucketsThatAdjoinAreOneStretch() {
    let times = set([9, 3, 4, 5, 258].map { moment($0 * Self.base) })
    let stretches: [ClosedRange<UInt64>] = [3...5, 9...9, 258...258]
    #expect(times?.width == Self.base, "256 buckets from the third on")
    #expect(
      times?.spans
        == stretches.map { moment($0.lowerBound * Self.base)...moment(($0.upperBound + 1) * Self.base - 1) })
  }

  /// The 259th bucket is the 257th from the third on.
  @Test func theWidthDoublesWhereTheBucketsGrowTooMany() {
    let times = set([3, 4, 259].map { moment($0 * Self.base) })
    #expect(times?.width == 2 * Self.base)
    #expect(
      times?.spans == [
        moment(2 * Self.base)...moment(6 * Self.base - 1), moment(258 * Self.base)...moment(260 * Self.base - 1),
      ])
  }

  @Test func allOfTimeFits() {
    let times = set([Timestamp.earliest, .latest])
    #expect(times?.width == 1 << 54)
    #expect(times?.spans.count == 2)
    #expect(times?.spans.first?.lowerBound == .earliest && times?.spans.last?.upperBound == .latest)
    #expect(times?.contains(.earliest) == true && times?.contains(.latest) == true)
    #expect(times?.contains(Timestamp(seconds: .max / 2, nanoseconds: 0)) == false)
  }

  /// What the set is by its definition, reckoned from all moments at once.
  private func spans(_ moments: [UInt64]) -> (width: UInt64, spans: [ClosedRange<Timestamp>]) {
    let (first, last) = (moments.min() ?? 0, moments.max() ?? 0)
    var width = Self.base
    while last / width - first / width >= 256 { width *= 2 }
    var stretches: [ClosedRange<UInt64>] = []
    for bucket in Set(moments.map { $0 / width }).sorted() {
      if let before = stretches.last, before.upperBound + 1 == bucket {
        stretches[stretches.count - 1] = before.lowerBound...bucket
      } else {
        stretches.append(bucket...bucket)
      }
    }
    return (width, stretches.map { moment($0.lowerBound * width)...moment(($0.upperBound + 1) * width - 1) })
  }

  @Test func theSetDependsOnTheMomentsAlone() throws {
    let seed = SeededGenerator.seed(for: "TimeSetTests")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
      let reach = UInt64(1) << UInt64.random(in: 20...61, using: &random)
      let start = UInt64.random(in: 0...(1 << 61), using: &random)
      let moments = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        start + UInt64.random(in: 0..<reach, using: &random)
      }.map { min($0, 4_000_000_000 * Self.second) }
      var parts = moments.map { TimeSet(moment($0)) }
      while parts.count > 1 {
        let one = parts.remove(at: Int.random(in: 0..<parts.count, using: &random))
        let index = Int.random(in: 0..<parts.count, using: &random)
        if Bool.random(using: &random) {
          parts[index].merge(one)
        } else {
          var merged = one
          merged.merge(parts[index])
          parts[index] = merged
        }
      }
      let expected = spans(moments)
      try #require(parts[0] == set(moments.map(moment)), "seed \(seed): \(moments)")
      try #require(parts[0].width == expected.width, "seed \(seed): \(moments)")
      try #require(parts[0].spans == expected.spans, "seed \(seed): \(moments)")
      try #require(moments.allSatisfy { parts[0].contains(moment($0)) }, "seed \(seed): \(moments)")
      // Twice the same is the same.
      var twice = parts[0]
      twice.merge(parts[0])
      try #require(twice == parts[0], "seed \(seed): \(moments)")
    }
  }
}
