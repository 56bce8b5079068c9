import Evidence
import Wire

/// A stretch of time in which somebody says that an address is his, undisturbed by what others say.
struct Tenure<Owner: Hashable & Comparable & Sendable>: Sendable {
  var owner: Owner
  var first: Timestamp
  /// By when it had begun: what is kept of many frames is the bucket of time that each falls into.
  var begun: Timestamp
  /// Until when it lasted at least.
  var ended: Timestamp
  var last: Timestamp
  /// It began with an announcement to everybody, as taking an address over does, and not with an answer.
  var isAnnounced: Bool
  /// How many seconds of silence do not end it.
  var patience: Double
  /// How many seconds of silence do not show in it: almost two buckets of time.
  var unseen: Double
  /// The priority that VRRP gives it.
  var priority: UInt8?
}

extension ClaimIndex.Seen {
  /// Stretches of time in each of which it was said, the moments of the first and of the last time among them.
  var times: [ClosedRange<Timestamp>] {
    Statement(self, by: Device(mac: claim.mac)).times
      + [tally.firstTime...tally.firstTime, tally.lastTime...tally.lastTime]
  }
}

/// Somebody says, at these times, that an address is his.
struct Statement<Owner: Hashable & Comparable & Sendable>: Sendable {
  var owner: Owner
  var times: [ClosedRange<Timestamp>]
  /// How late in each of these it may have been said first, in nanoseconds.
  var width: UInt64 = 0
  /// When it was said first, and last.
  var firstTime: Timestamp
  var lastTime: Timestamp
  var isAnnouncement: Bool
  var patience: Double
  var priority: UInt8?

  init(_ seen: ClaimIndex.Seen, by owner: Owner) {
    priority = seen.claim.priority
    self.owner = owner
    let (tally, spans) = (seen.tally, seen.tally.times.spans)
    (width, firstTime, lastTime) = (tally.times.width, tally.firstTime, tally.lastTime)
    // The buckets are wider than what was seen in them: of the first and the last frame alone the moment is known.
    let isOneEach = tally.frames == UInt64(spans.count)
    times = spans.indices.compactMap { index in
      if isOneEach, index == 0 { return tally.firstTime...tally.firstTime }
      if isOneEach, index == spans.count - 1 { return tally.lastTime...tally.lastTime }
      let (first, last) = (max(spans[index].lowerBound, tally.firstTime), min(spans[index].upperBound, tally.lastTime))
      return first <= last ? first...last : nil
    }
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
    (firstTime, lastTime) = (times.lowerBound, times.upperBound)
  }
}

extension Tenure {
  /// Each stretch of time of a statement by itself.
  static func stretches(_ statement: Statement<Owner>) -> [Tenure] {
    let width = Int64(clamping: statement.width)
    return statement.times.map {
      let (first, last) = ($0.lowerBound, $0.upperBound)
      let begun = first == statement.firstTime ? first : min(first.shifted(byNanoseconds: width), last)
      let ended = last == statement.lastTime ? last : max(last.shifted(byNanoseconds: -width), first)
      return Tenure(
        owner: statement.owner, first: first, begun: begun, ended: ended, last: last,
        isAnnounced: statement.isAnnouncement, patience: statement.patience, unseen: 2 * Double(width) / 1e9,
        priority: statement.priority)
    }
  }

  /// Both had it at one moment, wherever in their buckets of time the first and the last frame of each lie.
  func surelyMeets(_ other: Tenure) -> Bool { max(begun, other.begun) <= min(ended, other.ended) }

  /// What one owner says makes a tenure as long as nobody else says the like in between. In the order of their beginnings.
  static func all(_ statements: [Statement<Owner>]) -> [Tenure] {
    let stretches = statements.flatMap(stretches).sorted {
      ($0.first, $0.last, $0.owner, $0.patience, $0.isAnnounced ? 1 : 0)
        < ($1.first, $1.last, $1.owner, $1.patience, $1.isAnnounced ? 1 : 0)
    }
    var tenures: [Tenure] = []
    var current: [Owner: Int] = [:]
    var latest: Owner?
    for stretch in stretches {
      if let index = current[stretch.owner],
        latest == stretch.owner
          || stretch.first.seconds(since: tenures[index].last) <= max(tenures[index].patience, stretch.patience)
      {
        tenures[index].begun = min(tenures[index].begun, stretch.begun)
        tenures[index].ended = max(tenures[index].ended, stretch.ended)
        tenures[index].last = max(tenures[index].last, stretch.last)
        tenures[index].patience = max(tenures[index].patience, stretch.patience)
        tenures[index].unseen = max(tenures[index].unseen, stretch.unseen)
      } else {
        current[stretch.owner] = tenures.count
        tenures.append(stretch)
      }
      latest = stretch.owner
    }
    return tenures
  }
}
