import Evidence
import Wire

/// Networks are told apart by capture point, VLAN and the identifiers of tunnels around the frames (VNI, key): what is
/// claimed in one says nothing in another.
struct ClaimedNetwork: Sendable {
  let point: Int
  /// What tunnels tell it by.
  let overlay: OverlayNetwork
  var tenures: [Tenure<Device>]
  /// Answers of two devices to one question of one host.
  var twiceAnswered: [TwoAnswers]
  /// Every host that was answered asked as often, at least: nothing shows that two answered one question.
  var isEachAnsweredOnce: Bool
  /// By virtual router: what each speaker says.
  var speakers: [[Statement<IPAddress>]]

  /// `isSure` where they answered one question, and not one each.
  typealias TwoAnswers = (one: Tenure<Device>, other: Tenure<Device>, isSure: Bool)

  typealias Contest = (one: Device, other: Device, kind: Kind)

  /// How two owners contest the VIP.
  enum Kind: Equatable {
    /// They say so at the same time, or by turns.
    case turns
    /// Both answer one question; again and again, or not.
    case answers(last: Bool)
    /// Both answer one question, or one each that were asked at once.
    case perhapsAnswers
    /// The one has it again after the other, and did not announce that.
    case `return`(Gap)

    /// One question that two MACs answer may have met two interfaces of one host.
    var lasts: Bool { self == .turns || self == .answers(last: true) }

    var isReturn: Bool { if case .return = self { true } else { false } }
  }

  /// A stretch of time in which one owner says nothing, and another says that the VIP is his.
  struct Gap: Equatable, Sendable {
    var point: Int
    var owner: Device
    var other: Device
    /// What the other says first, and the owner next.
    var first: Timestamp
    var last: Timestamp
    /// The other says so within a second of the owner, before the gap or after it, and not in answer to a question that the
    /// owner left unanswered.
    var isShort: Bool
    /// The owner announces that he has it again.
    var isAnnounced: Bool
  }

  private struct Network: Hashable, Comparable {
    var point: Int
    var overlay: OverlayNetwork
    var vlan: VLANStack

    init(_ claim: Claim) { (point, overlay, vlan) = (claim.point, claim.network, claim.vlan) }

    static func < (a: Network, b: Network) -> Bool {
      (a.point, a.overlay, a.vlan.depth, a.vlan.outer, a.vlan.inner)
        < (b.point, b.overlay, b.vlan.depth, b.vlan.outer, b.vlan.inner)
    }
  }

  /// The number of a claim, and what it says for whom.
  typealias Said = (number: Int, statements: [Statement<Device>])

  /// `tenures` are those of a whole capture point, which has one network in most captures.
  static func all(
    _ said: [Said], of claims: [ClaimIndex.Seen], _ tenures: [Int: [Tenure<Device>]], questions: [ClaimIndex.Seen]
  ) -> [ClaimedNetwork] {
    let asked = Dictionary(grouping: questions) { Network($0.claim) }
    let networks = Dictionary(grouping: said) { Network(claims[$0.number].claim) }
    let networksAtPoint = Dictionary(grouping: networks.keys, by: \.point).mapValues(\.count)
    return networks.sorted { $0.key < $1.key }.map { network, said in
      let answered = said.filter { claims[$0.number].claim.kind.isAnswer && claims[$0.number].claim.receiver != nil }
      let asked = Dictionary(grouping: asked[network] ?? []) { $0.claim.mac }
      var isEachAnsweredOnce = true
      let twiceAnswered = Dictionary(grouping: answered) { claims[$0.number].claim.receiver }.flatMap {
        asker, answers in
        let questions = Questions(asker.flatMap { asked[$0] } ?? [])
        let isOnce = questions.frames >= answers.reduce(0) { $0 + claims[$1.number].tally.frames }
        if !isOnce { isEachAnsweredOnce = false }
        return Self.twiceAnswered(
          answers.flatMap(\.statements).flatMap(Tenure.stretches).sorted {
            ($0.first, $0.last, $0.owner) < ($1.first, $1.last, $1.owner)
          }, questions, isEachAnsweredOnce: isOnce)
      }
      let spoken = said.map(\.number).filter { claims[$0].claim.kind == .vrrp }
      let routers = Dictionary(grouping: spoken) { claims[$0].claim.virtualMAC }
      return ClaimedNetwork(
        point: network.point,
        overlay: network.overlay,
        tenures: (networksAtPoint[network.point] == 1 ? tenures[network.point] : nil)
          ?? Tenure.all(said.flatMap(\.statements)),
        twiceAnswered: twiceAnswered, isEachAnsweredOnce: isEachAnsweredOnce,
        speakers: routers.values.map { numbers in
          numbers.compactMap { number in
            claims[number].claim.speaker.map { Statement(claims[number], by: $0) }
          }
        })
    }
  }

  /// Of what one host was answered, the earliest first, the answers that follow each other at once, without another question
  /// that surely was between them. One may have been between them where the host asked as often as it was answered: of many
  /// frames the moments are not kept, and some of the questions may be copies, or have no answer.
  private static func twiceAnswered(
    _ answers: [Tenure<Device>], _ questions: Questions, isEachAnsweredOnce: Bool
  ) -> [TwoAnswers] {
    let pairs = zip(answers, answers.dropFirst()).filter { one, other in
      one.owner != other.owner && other.first.seconds(since: one.last) <= oneQuestion
    }
    if pairs.isEmpty { return [] }
    let (asked, isOneEach) = (questions.times, questions.isOneEach)
    return pairs.compactMap { one, other in
      // Where their moments are kept less exactly, the number of answers has to speak.
      let apart = other.begun.seconds(since: one.ended)
      let isExact = apart <= atOnce && (apart >= 0 || max(one.unseen, other.unseen) <= atOnce)
      if !isExact { return asked.isEmpty || isEachAnsweredOnce ? nil : (one, other, true) }
      if asked.surelyAny(after: one.last, by: other.first) { return nil }
      let isSure =
        0...tooSoon ~= apart || !isEachAnsweredOnce || !asked.perhapsAny(after: one.last, by: other.first)
        || isOneEach && asked.isOneAlone(since: one.first, by: other.first)
      return (one, other, isSure)
    }
  }

  /// Two speakers of one virtual router that were both master for longer than three advertisement intervals.
  var speakersAtOnce: (IPAddress, IPAddress)? {
    speakers.lazy.compactMap { statements in
      Self.overlap(Tenure.all(statements)) { max($0.patience, $1.patience, 1) } ?? Self.byTurns(statements)
    }.min { $0 < $1 }
  }

  /// Each advertises before three intervals of the other's silence have passed, again and again, for longer than these. Who has
  /// a higher priority may do so, and whoever follows one that steps down (RFC 9568 sections 5.2.4 and 6.4.2).
  private static func byTurns(_ statements: [Statement<IPAddress>]) -> (IPAddress, IPAddress)? {
    let all = statements.flatMap(Tenure.stretches)
    let resignations = Dictionary(grouping: all.filter { $0.priority == 0 }, by: \.owner).mapValues {
      $0.sorted { $0.last < $1.last }
    }
    let stretches = all.filter { $0.priority != 0 }.sorted { ($0.first, $0.owner) < ($1.first, $1.owner) }
    let turns = zip(stretches, stretches.dropFirst()).filter { one, next in
      // By the times that are kept, and surely before three intervals and the skew of at most one more.
      let patience = max(one.patience, next.patience)
      guard one.owner != next.owner, next.first.seconds(since: one.last) < patience,
        next.begun.seconds(since: one.ended) < patience * 4 / 3
      else { return false }
      if let own = one.priority, let other = next.priority, own < other { return false }
      guard let own = resignations[one.owner] else { return true }
      let resigned = own.firstIndex(inOrder: { $0.last >= one.first })
      return resigned == own.count || own[resigned].first > next.last
    }
    guard turns.count >= fewestTurns, let first = turns.first, let last = turns.last,
      last.1.first.seconds(since: first.0.first) > max(first.0.patience, first.1.patience)
    else { return nil }
    return (min(first.0.owner, first.1.owner), max(first.0.owner, first.1.owner))
  }

  private static let fewestTurns = 3

  /// Two devices that both own the VIP: their tenures overlap by more than a second, they have it by turns, or both answer
  /// one question. Once to and fro may be a failover and back. In what is explained as a failover, only overlaps count.
  func contests(whereExplained explains: (Set<Device>) -> Bool) -> [Contest] {
    if let (one, other) = Self.overlap(tenures, longerThan: { max($0.patience, $1.patience, 1) }) {
      return [(one, other, .turns), answersToOneQuestion(explains)].compactMap { $0 }
    }
    return [turns(explains), answersToOneQuestion(explains), perhapsOneQuestion(explains)].compactMap { $0 }
      + returns(explains)
  }

  private func turns(_ explains: (Set<Device>) -> Bool) -> Contest? {
    var begun: [Device: Timestamp] = [:]
    var returned: Set<Device> = []
    for (index, tenure) in tenures.enumerated() {
      guard let before = begun[tenure.owner] else {
        begun[tenure.owner] = tenure.first
        continue
      }
      let other = tenures[index - 1].owner
      if tenure.isAnnounced || other == tenure.owner || explains([other, tenure.owner]) { continue }
      returned.insert(tenure.owner)
      if returned.contains(other), tenure.first.seconds(since: before) > 1 { return (tenure.owner, other, .turns) }
    }
    return nil
  }

  private func returns(_ explains: (Set<Device>) -> Bool) -> [Contest] {
    tenures.gaps(at: point, isEachAnsweredOnce: isEachAnsweredOnce).prefix(Self.mostReturns).compactMap { gap in
      gap.isAnnounced || explains([gap.other, gap.owner]) ? nil : (gap.owner, gap.other, .return(gap))
    }
  }

  /// More are a storm.
  private static let mostReturns = 64

  private func answersToOneQuestion(_ explains: (Set<Device>) -> Bool) -> Contest? {
    var found: Contest?
    var answered: Timestamp?
    for (one, other, isSure) in twiceAnswered.sorted(by: { $0.one.first < $1.one.first })
    where isSure && !explains([one.owner, other.owner]) {
      if answered.map({ other.first.seconds(since: $0) > 1 }) ?? false || Self.seconds(ofBoth: one, other) > 1 {
        return (one.owner, other.owner, .answers(last: true))
      }
      answered = answered ?? other.first
      found = found ?? (one.owner, other.owner, .answers(last: false))
    }
    return found
  }

  private func perhapsOneQuestion(_ explains: (Set<Device>) -> Bool) -> Contest? {
    twiceAnswered.first { !$0.isSure && !explains([$0.one.owner, $0.other.owner]) }.map {
      ($0.one.owner, $0.other.owner, .perhapsAnswers)
    }
  }

  /// Seconds within which two answers to one host are to one question, unless it asked again between them.
  private static let oneQuestion = 0.1
  /// Seconds after an answer in which nobody asks again.
  private static let tooSoon = 0.01
  /// Seconds, give or take a bucket of time for each.
  private static let atOnce = 0.5

  /// How long both surely had it. Either may have been silent in between for as long as does not show.
  private static func seconds<Owner>(ofBoth one: Tenure<Owner>, _ other: Tenure<Owner>) -> Double {
    min(one.ended, other.ended).seconds(since: max(one.begun, other.begun)) - max(one.unseen, other.unseen)
  }

  /// Two owners whose tenures overlap by more than so many seconds.
  private static func overlap<Owner>(
    _ tenures: [Tenure<Owner>], longerThan least: (Tenure<Owner>, Tenure<Owner>) -> Double
  ) -> (Owner, Owner)? {
    // The one that lasts longest so far, and the one of another owner that does: in the order of their beginnings, no other
    // overlaps more.
    var longest: Tenure<Owner>?
    var next: Tenure<Owner>?
    for tenure in tenures {
      for earlier in [longest, next].compactMap({ $0 }) where earlier.owner != tenure.owner {
        if seconds(ofBoth: earlier, tenure) > least(earlier, tenure) { return (earlier.owner, tenure.owner) }
      }
      guard let known = longest else {
        longest = tenure
        continue
      }
      if tenure.ended > known.ended {
        if tenure.owner != known.owner { next = known }
        longest = tenure
      } else if tenure.owner != known.owner, next.map({ $0.ended < tenure.ended }) ?? true {
        next = tenure
      }
    }
    return nil
  }
}

extension [Tenure<Device>] {
  /// Where an owner says that the address is his after others did so: what lies between, with who said so last.
  func gaps(at point: Int, isEachAnsweredOnce: Bool) -> [ClaimedNetwork.Gap] {
    var ended: [Device: Timestamp] = [:]
    var gaps: [ClaimedNetwork.Gap] = []
    for index in indices {
      let tenure = self[index]
      if index > 0, let earlier = ended[tenure.owner], self[index - 1].owner != tenure.owner {
        let other = self[index - 1]
        let isShort =
          (!isEachAnsweredOnce || other.isAnnounced)
          && (other.begun.seconds(since: earlier) <= 1
            || other.begun <= tenure.begun && tenure.begun.seconds(since: other.ended) <= 1)
        gaps.append(
          ClaimedNetwork.Gap(
            point: point, owner: tenure.owner, other: other.owner, first: other.first, last: tenure.first,
            isShort: isShort, isAnnounced: tenure.isAnnounced))
      }
      ended[tenure.owner] = tenure.ended
    }
    return gaps
  }
}
