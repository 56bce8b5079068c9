import Evidence
import Wire

/// A stretch of time in which somebody says that an address is his, undisturbed by what others say.
struct Tenure<Owner: Hashable & Comparable & Sendable>: Sendable {
  var owner: Owner
  var first: Timestamp
  /// It began no later than this: of what is kept in buckets of time nothing tells the moment.
  var beginsBy: Timestamp
  var last: Timestamp
  /// It began with an announcement to everybody, as taking an address over does, and not with an answer.
  var isAnnounced: Bool
  /// How many seconds of silence do not end it.
  var patience: Double
}

/// Somebody says, at these times, that an address is his.
struct Statement<Owner: Hashable & Comparable & Sendable>: Sendable {
  var owner: Owner
  var times: [ClosedRange<Timestamp>]
  var isAnnouncement: Bool
  var patience: Double
  /// The buckets that the times are kept in, and the first moment of all, which is known to the nanosecond.
  private var buckets: (width: UInt64, first: Timestamp)?

  init(_ seen: ClaimIndex.Seen, by owner: Owner) {
    self.owner = owner
    // The buckets are wider than what was seen in them.
    times = seen.tally.times.spans.compactMap { span in
      let (first, last) = (max(span.lowerBound, seen.tally.firstTime), min(span.upperBound, seen.tally.lastTime))
      return first <= last ? first...last : nil
    }
    buckets = (seen.tally.times.width, seen.tally.firstTime)
    isAnnouncement = seen.claim.kind.isAnnouncement || seen.claim.kind == .vrrp
    // Until three intervals have passed a speaker of VRRP is still the owner, whatever another says (RFC 9568 section 6.1).
    patience = seen.claim.kind == .vrrp ? Double(seen.claim.advertisementInterval ?? 1000) * 3 / 1000 : 0
  }

  /// The same, a stretch of time each.
  var split: [Statement] {
    times.map { span in
      var statement = self
      statement.times = [span]
      return statement
    }
  }

  init(owner: Owner, times: ClosedRange<Timestamp>) {
    (self.owner, self.times, isAnnouncement, patience) = (owner, [times], false, 0)
  }

  /// When a stretch began at the latest: within its first bucket.
  fileprivate func latestBeginning(of times: ClosedRange<Timestamp>) -> Timestamp {
    guard let buckets, times.lowerBound > buckets.first else { return times.lowerBound }
    return min(times.upperBound, times.lowerBound.shifted(byNanoseconds: Int64(buckets.width - 1)))
  }
}

extension Tenure {
  /// Each stretch of time of a statement by itself.
  static func stretches(_ statement: Statement<Owner>) -> [Tenure] {
    statement.times.map {
      Tenure(
        owner: statement.owner, first: $0.lowerBound, beginsBy: statement.latestBeginning(of: $0), last: $0.upperBound,
        isAnnounced: statement.isAnnouncement, patience: statement.patience)
    }
  }

  /// What one owner says makes a tenure as long as nobody else says the like in between. In the order of their beginnings.
  static func all(_ statements: [Statement<Owner>]) -> [Tenure] {
    let stretches = statements.flatMap(stretches).sorted {
      ($0.first, $0.last, $0.owner, $0.patience, $0.isAnnounced ? 1 : 0)
        < ($1.first, $1.last, $1.owner, $1.patience, $1.isAnnounced ? 1 : 0)
    }
    var tenures: [Tenure] = []
    var current: [Owner: Int] = [:]
    var latest: Owner?
    for stretch in inTurn(stretches) {
      if let index = current[stretch.owner],
        latest == stretch.owner
          || stretch.first.seconds(since: tenures[index].last) <= max(tenures[index].patience, stretch.patience)
      {
        tenures[index].last = max(tenures[index].last, stretch.last)
        tenures[index].patience = max(tenures[index].patience, stretch.patience)
      } else {
        current[stretch.owner] = tenures.count
        tenures.append(stretch)
      }
      latest = stretch.owner
    }
    return tenures
  }

  /// Stretches in the order of their beginnings. Where nothing tells which of two began first, who spoke last goes on:
  /// nobody is taken to have lost the address and got it back.
  private static func inTurn(_ stretches: [Tenure]) -> [Tenure] {
    guard stretches.contains(where: { $0.first < $0.beginsBy }) else { return stretches }
    var waiting = Dictionary(grouping: stretches.indices.reversed()) { stretches[$0].owner }
    var isTaken = [Bool](repeating: false, count: stretches.count)
    var ordered: [Tenure] = []
    ordered.reserveCapacity(stretches.count)
    for index in stretches.indices where !isTaken[index] {
      let stretch = stretches[index]
      if let latest = ordered.last?.owner, latest != stretch.owner, stretch.first < stretch.beginsBy {
        while let next = waiting[latest]?.last, isTaken[next] || stretches[next].first <= stretch.beginsBy {
          waiting[latest]?.removeLast()
          if isTaken[next] { continue }
          isTaken[next] = true
          ordered.append(stretches[next])
        }
      }
      isTaken[index] = true
      ordered.append(stretch)
    }
    return ordered
  }
}
