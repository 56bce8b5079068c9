import Evidence
import Wire

/// How far one capture's clock is ahead of another's, as the conversations that both saw tell.
struct ClockSamples {
  /// Each by frames that both saw, in nanoseconds.
  private var shared: [Int64] = []
  /// By what one saw of a conversation and the other saw next of it.
  private var successive: [Int64] = []
  /// More would tell no more.
  private static let most = 999

  /// One capture's records of a conversation.
  struct Seen {
    var requests: [LinkRecord] = []
    var replies: [LinkRecord] = []
  }

  /// Adds what both saw of one conversation.
  mutating func add(_ one: Seen, _ other: Seen) {
    guard shared.count < Self.most else { return }
    let differences = [(one.requests, other.requests), (one.replies, other.replies)].compactMap {
      Self.difference($0, $1)
    }
    // A frame takes its time from the one to the other, and the answer takes it back.
    if !differences.isEmpty {
      shared.append(differences.reduce(0, +) / Int64(differences.count))
    } else if shared.isEmpty, successive.count < Self.most, let first = Self.beginning(one),
      let second = Self.beginning(other)
    {
      successive.append(second.nanoseconds(since: first))
    }
  }

  /// Between the first of the frames that both saw.
  private static func difference(_ ones: [LinkRecord], _ others: [LinkRecord]) -> Int64? {
    for one in ones.sorted(by: { $0.firstTime < $1.firstTime }) {
      let same = others.filter { other in
        one.fingerprint == other.fingerprint && one.frames == other.frames
          || one.initialSequence != nil && one.initialSequence == other.initialSequence
            && one.synCount == other.synCount
      }
      if let other = same.min(by: { $0.firstTime < $1.firstTime }) {
        return other.firstTime.nanoseconds(since: one.firstTime)
      }
    }
    return nil
  }

  private static func beginning(_ seen: Seen) -> Timestamp? {
    (seen.requests + seen.replies).filter { $0.initialSequence != nil }.map(\.firstTime).min()
  }

  /// The middle one of what was told, in nanoseconds; `nil` where nothing was.
  var offset: (nanoseconds: Int64, isByFramesOfBoth: Bool)? {
    if !shared.isEmpty { return (shared.sorted()[shared.count / 2], true) }
    if !successive.isEmpty { return (successive.sorted()[successive.count / 2], false) }
    return nil
  }

  /// How many conversations told.
  var count: Int { shared.isEmpty ? successive.count : shared.count }
}

extension Timestamp {
  fileprivate func nanoseconds(since other: Timestamp) -> Int64 {
    (Int64(seconds) - Int64(other.seconds)) * 1_000_000_000 + Int64(nanoseconds) - Int64(other.nanoseconds)
  }
}
