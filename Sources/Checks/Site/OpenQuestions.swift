import Evidence
import Wire

/// Questions for one address that nobody answered, at places that capture answers: whoever owned it before may own it no
/// more.
struct OpenQuestions: Sendable {
  private struct Answerer: Hashable {
    var point: Int
    var device: Device
  }

  private struct Asker: Hashable {
    var point: Int
    var mac: MACAddress
  }

  /// When they were asked, by capture point, and by who asked: the earliest first.
  private var byPoint: [Int: [Timestamp]] = [:]
  private var byAsker: [Asker: [Timestamp]] = [:]
  /// Who asked more often than it was answered, in text without times; and where.
  private var askersUntimed: Set<Asker> = []
  private var pointsUntimed: Set<Int> = []
  /// To whom each was seen to answer. A place that captures answers to two hosts may capture those to every host, as at the
  /// answering one, or to these two alone, as a mirror of their ports.
  private var listeners: [Answerer: SoleMAC] = [:]

  static let none = OpenQuestions([], of: [], questions: [], untimedPoints: [])

  /// By who answers: all that it says of the address, each stretch with what was said last by its end, in their order.
  private var said: [Answerer: [Stretch]] = [:]

  private struct Stretch {
    var first: Timestamp
    var last: Timestamp
  }

  /// `said` is what the claims on the address say; `questions` those who asked for it.
  init(
    _ said: [ClaimedNetwork.Said], of claims: [ClaimIndex.Seen], questions: [ClaimIndex.Seen],
    untimedPoints: Set<Int>
  ) {
    if questions.isEmpty { return }
    var answers: [Asker: [Stretch]] = [:]
    var answered: [Asker: UInt64] = [:]
    for (number, statements) in said {
      let seen = claims[number]
      let point = seen.claim.point
      let receiver = seen.claim.kind.isAnswer ? seen.claim.receiver : nil
      if let receiver { answered[Asker(point: point, mac: receiver), default: 0] += seen.tally.frames }
      for statement in statements {
        let answerer = Answerer(point: point, device: statement.owner)
        let stretches = statement.times.map {
          Stretch(first: $0.lowerBound, last: $0.upperBound.shifted(byNanoseconds: Int64(statement.patience * 1e9)))
        }
        self.said[answerer, default: []] += stretches
        guard let receiver else { continue }
        answers[Asker(point: point, mac: receiver), default: []] += stretches
        listeners[answerer] = listeners[answerer]?.adding(receiver) ?? .one(receiver)
      }
    }
    if listeners.isEmpty { return }
    self.said = self.said.mapValues(Self.inOrder)
    answers = answers.mapValues(Self.inOrder)
    var neverAnswered: [Int: Timestamp] = [:]
    for seen in questions {
      let asker = Asker(point: seen.claim.point, mac: seen.claim.mac)
      if untimedPoints.contains(asker.point), seen.tally.frames > answered[asker] ?? 0 {
        askersUntimed.insert(asker)
        pointsUntimed.insert(asker.point)
      }
      let known = answers[asker]
      for asked in seen.times where !Self.isAnswered(asked, known ?? []) {
        byAsker[asker, default: []].append(asked.lowerBound)
        if known == nil {
          neverAnswered[asker.point] = min(neverAnswered[asker.point] ?? .latest, asked.lowerBound)
        } else {
          byPoint[asker.point, default: []].append(asked.lowerBound)
        }
      }
    }
    // Where one host gets no answer that the capture would show, others may get theirs where it does not.
    for (point, time) in neverAnswered { byPoint[point, default: []].append(time) }
    byPoint = byPoint.mapValues { $0.sorted() }
    byAsker = byAsker.mapValues { $0.sorted() }
  }

  private static func inOrder(_ stretches: [Stretch]) -> [Stretch] {
    var latest = Timestamp.earliest
    return stretches.sorted { ($0.first, $0.last) < ($1.first, $1.last) }.map { stretch in
      latest = max(latest, stretch.last)
      return Stretch(first: stretch.first, last: latest)
    }
  }

  /// Who gets no answer asks again after a second (RFC 1122 section 2.3.2.1, RFC 4861 section 10).
  private static func isAnswered(_ asked: ClosedRange<Timestamp>, _ answers: [Stretch]) -> Bool {
    let next = answers.firstIndex(inOrder: { $0.last >= asked.lowerBound })
    return next < answers.count && answers[next].first.seconds(since: asked.upperBound) <= 1
  }

  /// By `time` one was left open that `device` would have been seen to answer, and it has not said since that it owns the
  /// address. `receiver` gets other packets of its where they are captured, so its answers too.
  func isAny(leftBy device: Device, at point: Int, by time: Timestamp, sendingTo receiver: MACAddress?) -> Bool {
    let answerer = Answerer(point: point, device: device)
    guard let listener = listeners[answerer], let said = said[answerer] else { return false }
    let later = said.firstIndex(inOrder: { $0.first > time })
    let isLeft = { (times: [Timestamp]?) in
      guard let times, later > 0 else { return false }
      let next = times.firstIndex(inOrder: { $0 > said[later - 1].last })
      return next < times.count && times[next] <= time
    }
    switch listener {
    case .several: return pointsUntimed.contains(point) || isLeft(byPoint[point])
    case .one(let mac):
      return [mac, receiver].contains { mac in
        guard let asker = mac.map({ Asker(point: point, mac: $0) }) else { return false }
        return askersUntimed.contains(asker) || isLeft(byAsker[asker])
      }
    }
  }
}
