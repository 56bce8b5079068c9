import Evidence
import Wire

/// What one host asked for an address, and when.
struct Questions {
  private let seen: [ClaimIndex.Seen]
  /// How many frames.
  let frames: UInt64

  init(_ seen: [ClaimIndex.Seen]) {
    self.seen = seen
    frames = seen.reduce(0) { $0 + $1.tally.frames }
  }

  /// No stretch of time holds two of them.
  var isOneEach: Bool { seen.allSatisfy { $0.tally.frames == UInt64($0.tally.times.spans.count) } }

  /// Sorted anew each time.
  var times: Stretches { Stretches(seen.flatMap(\.times)) }

  /// Stretches of time, each with a frame at least; of a frame whose moment is known, that moment.
  struct Stretches {
    private let all: [ClosedRange<Timestamp>]
    /// Of those from each on, which ends first; and of those up to each, which ends last.
    private let firstEnds: [Timestamp]
    private let lastEnds: [Timestamp]

    var isEmpty: Bool { all.isEmpty }

    init(_ stretches: [ClosedRange<Timestamp>]) {
      all = Set(stretches).sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
      var (firstEnds, lastEnds) = (all.map(\.upperBound), all.map(\.upperBound))
      for index in all.indices.dropLast().reversed() { firstEnds[index] = min(firstEnds[index], firstEnds[index + 1]) }
      for index in all.indices.dropFirst() { lastEnds[index] = max(lastEnds[index], lastEnds[index - 1]) }
      (self.firstEnds, self.lastEnds) = (firstEnds, lastEnds)
    }

    /// One lies between the two moments, whole.
    func surelyAny(after first: Timestamp, by last: Timestamp) -> Bool {
      let next = all.firstIndex(inOrder: { $0.lowerBound > first })
      return next < all.count && firstEnds[next] <= last
    }

    /// One reaches between them.
    func perhapsAny(after first: Timestamp, by last: Timestamp) -> Bool {
      let begun = all.firstIndex(inOrder: { $0.lowerBound > last })
      return begun > 0 && lastEnds[begun - 1] > first
    }

    /// One alone reaches into the time from a second before `first`, in which an answer comes (RFC 4861 section 10).
    func isOneAlone(since first: Timestamp, by last: Timestamp) -> Bool {
      let begun = all.firstIndex(inOrder: { $0.lowerBound > last })
      let earliest = first.shifted(byNanoseconds: -1_000_000_000)
      return begun > 0 && all[begun - 1].upperBound >= earliest && (begun == 1 || lastEnds[begun - 2] < earliest)
    }
  }
}
