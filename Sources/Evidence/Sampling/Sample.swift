public import Wire

/// What frames say besides flows, and that a flood may say in any number of forms: of it a sample is kept.
protocol Sampled: Hashable, Sendable {
  /// Index in `Evidence.points`.
  var point: Int { get set }
  /// The address that it is about.
  var subject: IPAddress { get }
  /// The same without what varies among those of one kind: one of each kind is kept before a second of any.
  var stratum: Self { get }
  /// The same everywhere and always, and of all but the point.
  var stableHash: UInt64 { get }
  /// What is remembered of it where it is dropped; `nil` for nothing.
  var trace: UInt64? { get }
}

/// What was seen, with tallies, of which a bounded number is kept, those of several capture points counted once.
///
/// It is a stratified sample: first of each kind one, then of each a second, and so on, by a hash of what they are. Those that
/// are among the first of a whole are among the first of every part that they are in, so parts have all there is to know of
/// them, and merge in any order.
///
/// Before all others come the first kinds about each watched subject, so that no flood about other subjects drops them.
struct Sample<Seen: Sampled>: Sendable {
  let limit: Int
  /// How many kinds about a watched subject come before all others.
  private var reservedKinds: Int { limit / 16 }
  private var watched: Set<IPAddress>
  /// May be more than the limit where `isSettled` is not set.
  private var held: [Seen: Tally] = [:]
  private var isSettled = true
  /// Settled when it holds so many, so that a flood is not sorted for every frame.
  private var roomFor: Int
  /// Frames that say what is not kept, by capture point.
  private var dropped: [Int: UInt64] = [:]
  /// The lowest place that was ever dropped: all before it is held, whatever was watched when.
  private var cut: Rank?
  private var traces = BloomFilter()

  init(limit: Int, watched: Set<IPAddress> = []) {
    (self.limit, self.watched, roomFor) = (limit, watched, limit * 2)
  }

  var tallies: [Seen: Tally] { settled().held }

  /// How many frames say what is not kept, by capture point.
  var countedOnly: [Int: UInt64] { settled().dropped }

  /// Whether something with this trace may have been dropped.
  func mayHaveDropped(_ trace: UInt64) -> Bool { settled().traces.mayContain(trace) }

  mutating func add(_ tally: Tally, of seen: Seen) {
    if held[seen]?.merge(tally) != nil { return }
    held[seen] = tally
    isSettled = held.count <= limit
    if held.count >= roomFor { settle() }
  }

  /// Notes how many frames say what was not kept, and that nobody knows any more what it was.
  mutating func addCountedOnly(_ frames: UInt64, at point: Int) {
    if frames == 0 { return }
    drop(frames, at: point)
    (watched, cut) = ([], .lowest)
    traces.fill()
  }

  private mutating func drop(_ frames: UInt64, at point: Int) {
    dropped[point] = (dropped[point] ?? 0).addingSaturated(frames)
  }

  mutating func merge(_ other: Sample, points: [Int], behind earlierFrames: UInt64) {
    keepWatched(with: other)
    for (var seen, tally) in other.held {
      seen.point = points[seen.point]
      add(tally.behind(earlierFrames), of: seen)
    }
    lowerCut(to: other.cut)
    for (point, frames) in other.dropped { drop(frames, at: points[point]) }
    traces.formUnion(other.traces)
  }

  private mutating func lowerCut(to other: Rank?) {
    if let other { cut = min(cut ?? other, other) }
  }

  /// Where something was dropped already, only what was watched by then is still whole.
  private mutating func keepWatched(with other: Sample) {
    switch (dropped.isEmpty, other.dropped.isEmpty) {
    case (true, true): watched.formUnion(other.watched)
    case (true, false): watched = other.watched
    case (false, true): break
    case (false, false): watched.formIntersection(other.watched)
    }
  }

  /// The same with capture points that have other numbers.
  func moved(to points: [Int]) -> Sample {
    var moved = mapped { seen in
      var seen = seen
      seen.point = points[seen.point]
      return seen
    }
    moved.dropped = [:]
    for (point, frames) in settled().dropped { moved.drop(frames, at: points[point]) }
    return moved
  }

  /// The same in another form, first seen first where `inOrder` says so.
  func mapped(inOrder: Bool = false, _ form: (Seen) -> Seen) -> Sample {
    let settled = settled()
    var mapped = Sample(limit: limit, watched: watched)
    if inOrder {
      for (seen, tally) in settled.held.sorted(by: {
        ($0.value.firstFrame, $0.key.point) < ($1.value.firstFrame, $1.key.point)
      }) {
        mapped.add(tally, of: form(seen))
      }
    } else {
      for (seen, tally) in settled.held { mapped.add(tally, of: form(seen)) }
    }
    (mapped.dropped, mapped.cut, mapped.traces) = (settled.dropped, settled.cut, settled.traces)
    mapped.settle()
    return mapped
  }

  /// The same of other addresses: what was dropped is not known by these.
  func rewritten(_ form: (Seen) -> Seen) -> Sample {
    var rewritten = mapped(form)
    rewritten.watched = []
    if rewritten.cut != nil { rewritten.traces.fill() }
    return rewritten
  }

  /// Drops what is beyond the limit.
  mutating func settle() {
    if isSettled { return }
    isSettled = true
    defer { roomFor = max(limit, held.count) * 2 }
    let (ranks, count) = ranks(held.keys)
    guard count > limit else { return }
    var distinct: [Rank] = []
    distinct.reserveCapacity(count)
    for rank in ranks where rank.isFirstPoint { distinct.append(rank) }
    distinct.sort()
    // What was crafted to have the same rank goes together.
    let excluded = distinct[limit]
    lowerCut(to: excluded)
    var kept: [Seen: Tally] = [:]
    kept.reserveCapacity(roomFor)
    for (rank, (seen, tally)) in zip(ranks, held) {
      if rank < excluded {
        kept[seen] = tally
      } else {
        drop(tally.frames, at: seen.point)
        if let trace = seen.trace { traces.insert(trace) }
      }
    }
    held = kept
  }

  private func settled() -> Sample {
    if isSettled { return self }
    var settled = self
    settled.settle()
    return settled
  }

  /// What may be missing in it.
  var gaps: SampleGaps {
    let settled = settled()
    guard !settled.dropped.isEmpty else { return SampleGaps() }
    var strata: [IPAddress: Set<UInt64>] = [:]
    for seen in settled.held.keys { strata[seen.subject, default: []].insert(seen.stratum.stableHash) }
    return SampleGaps(
      cut: settled.cut, watched: settled.watched, reservedKinds: reservedKinds, kinds: strata.mapValues(\.count),
      traces: settled.traces)
  }

  private struct Entry {
    var subject: UInt64
    var stratum: UInt64
    var own: UInt64
    var index: Dictionary<Seen, Tally>.Index
    var number: Int
  }

  /// The rank of each, in their order, and how many different ones there are.
  private func ranks(_ all: Dictionary<Seen, Tally>.Keys) -> (ranks: [Rank], count: Int) {
    var entries: [Entry] = []
    entries.reserveCapacity(all.count)
    for index in all.indices {
      let seen = all[index]
      var subject = StableHash()
      subject.add(seen.subject)
      entries.append(
        Entry(
          subject: subject.value, stratum: seen.stratum.stableHash, own: seen.stableHash, index: index,
          number: entries.count))
    }
    entries.sort { ($0.subject, $0.stratum, $0.own) < ($1.subject, $1.stratum, $1.own) }
    var ranks = Array(repeating: Rank(), count: entries.count)
    var (rank, count) = (Rank(), 0)
    for place in entries.indices {
      let entry = entries[place]
      let earlier = place > 0 ? entries[place - 1] : nil
      rank.isFirstPoint = true
      if earlier?.subject != entry.subject {
        rank = Rank()
      } else if earlier?.stratum != entry.stratum {
        rank.stratumInSubject += 1
        rank.inStratum = 0
      } else if let earlier, earlier.own == entry.own, all[earlier.index].isSame(as: all[entry.index]) {
        rank.isFirstPoint = false
      } else {
        rank.inStratum += 1
      }
      rank.isReserved =
        rank.inStratum == 0 && rank.stratumInSubject < reservedKinds && watched.contains(all[entry.index].subject)
      rank.hashes = (entry.stratum, entry.own)
      if rank.isFirstPoint { count += 1 }
      ranks[entry.number] = rank
    }
    return (ranks, count)
  }
}

/// The place of what was seen among all of its sort.
struct Rank: Comparable, Sendable {
  /// One of the first about a watched subject.
  var isReserved = false
  /// How many of its kind come before it.
  var inStratum: UInt32 = 0
  /// How many kinds about the same subject come before its own.
  var stratumInSubject: UInt32 = 0
  var hashes: (stratum: UInt64, own: UInt64) = (0, 0)
  /// Not where what was seen at several points is counted already.
  var isFirstPoint = true

  /// Before all others, or as the first of them.
  static var lowest: Rank {
    var rank = Rank()
    rank.isReserved = true
    return rank
  }

  static func < (a: Rank, b: Rank) -> Bool {
    if a.isReserved != b.isReserved { return a.isReserved }
    return (a.inStratum, a.stratumInSubject, a.hashes.stratum, a.hashes.own)
      < (b.inStratum, b.stratumInSubject, b.hashes.stratum, b.hashes.own)
  }

  static func == (a: Rank, b: Rank) -> Bool { !(a < b) && !(b < a) }
}

/// What a sample may lack: nothing that comes before the lowest place that was dropped.
public struct SampleGaps: Sendable {
  /// `nil` where nothing is missing.
  private var cut: Rank?
  private var watched: Set<IPAddress> = []
  private var reservedKinds = 0
  /// How many kinds it has, by what they are about.
  private var kinds: [IPAddress: Int] = [:]
  private var traces = BloomFilter()

  init() {}

  init(cut: Rank?, watched: Set<IPAddress>, reservedKinds: Int, kinds: [IPAddress: Int], traces: BloomFilter) {
    (self.cut, self.watched, self.reservedKinds) = (cut, watched, reservedKinds)
    (self.kinds, self.traces) = (kinds, traces)
  }

  /// Whether something of a kind may have been said about `subject` of which it has nothing.
  public func contains(_ subject: IPAddress) -> Bool {
    guard let cut else { return false }
    // The first place that a missing kind could have.
    var next = Rank()
    next.stratumInSubject = UInt32(clamping: kinds[subject] ?? 0)
    next.isReserved = next.stratumInSubject < reservedKinds && watched.contains(subject)
    next.hashes = (.max, .max)
    return next >= cut && traces.mayContain(StableHash.of(subject))
  }
}
