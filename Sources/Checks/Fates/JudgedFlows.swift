import Evidence
import Wire

/// What became of the flows of one group, over all capture points.
struct JudgedFlows: Sendable {
  enum Fate: Sendable {
    case direct(ServiceVerdict.Proof, Set<Assumption>)
    case viaBalancer(Journey.Leg, Set<Assumption>)
    case bypassed(Journey.Leg, Set<Assumption>)
    case unanswered(Silence)
    /// A SYN of a scanner, of nobody, or of who traces the way: nothing that the service has to do with.
    case background
    case undecided(Doubt)

    var isDirect: Bool { if case .direct = self { true } else { false } }
  }

  /// How a service fails to answer.
  enum Silence: Sendable {
    case noAnswer, neverCompleted, refused, unreachable, answeredFromElsewhere
    /// One capture point shows the answer, and another, where the request passed, does not.
    case lostBetweenPoints
    /// The request ran out of hops, or goes to and fro.
    case looping
    /// The exchange began and does not get on.
    case stalled
    /// A later connection of ports that were used before got no answer.
    case laterConnectionUnanswered
  }

  /// What the service's other flows show.
  struct Others: Sendable {
    /// Clients completed handshakes.
    var completesHandshakes = false
    /// Devices that answer flows whose handshakes were completed.
    var completing: Set<Device> = []
    /// Whom the answers to such flows are sent to: the client, or the next router on the way to it.
    var nextToCompleting: Set<Device> = []
    /// Devices whose answers were acknowledged.
    var acknowledged: Set<Device> = []
    /// Devices that acknowledge clients' data.
    var acknowledging: Set<Device> = []
    /// Devices that answer clients' data.
    var answering: Set<Device> = []
    /// Clients of whom nothing else was seen sent so many SYNs once that some of them have the same address and port by chance.
    var isFlooded = false

    /// So large a share of the flows ends no handshake that a way back may be broken.
    var manyEndNoHandshake = false

    /// So large a share of the answers does not arrive that this is no chance.
    var manyUndelivered = false

    /// Clients came back in vain in so large a share of the flows that a backend may be dead.
    var manyAskInVain = false

    /// Of so many clients that send one SYN, one that sends two may be two.
    private static let lonePerRepeated = 10_000

    /// `undelivered`: flows whose answers did not arrive.
    init(_ groups: [FlowGroup], undelivered: Int) {
      let abandoned = groups.filter {
        $0.facts.contains(.synAbandoned) && $0.facts.isDisjoint(with: [.clientWorksElsewhere, .synRepeated])
      }
      let lone = abandoned.reduce(0) { $0 + ($1.facts.contains(.loneSYN) ? $1.flows : 0) }
      let repeated = abandoned.reduce(0) { $0 + ($1.facts.contains(.loneSYN) ? 0 : $1.flows) }
      isFlooded = repeated <= lone / Self.lonePerRepeated
      let inVain = groups.reduce(0) { $0 + ($1.facts.contains(.clientAsksInVain) ? $1.flows : 0) }
      let all = groups.reduce(0) { $0 + ($1.facts.contains(.synAbandoned) ? 0 : $1.flows) } + inVain
      manyAskInVain = inVain * 50 >= all
      let halfOpen = groups.reduce(0) { $0 + ($1.facts.contains(.handshakeOpen) ? $1.flows : 0) }
      let total = groups.reduce(0) { $0 + $1.flows }
      manyEndNoHandshake = halfOpen * 10 >= total
      manyUndelivered = undelivered * 10 >= total
      for group in groups where group.facts.contains(.clientHeardServer) {
        completesHandshakes = true
        let answerers = group.answerers
        completing.formUnion(answerers)
        nextToCompleting.formUnion(group.nextToClient)
        if group.steps.values.contains(where: { $0.contains(.acknowledged) }) { acknowledging.formUnion(answerers) }
        if group.facts.contains(.serverAnswered) { answering.formUnion(answerers) }
        if group.facts.contains(.clientAcknowledgedMore), group.facts.isDisjoint(with: [.stalled, .answerUnheard]) {
          acknowledged.formUnion(answerers)
        }
      }
    }
  }

  let group: FlowGroup
  /// What each of the group's journeys says, with who is who at that point and in that time.
  let returnPaths: [ReturnPath]
  let casts: [Cast]
  /// UDP: asked again where the answer would have shown, and none did. That the capture missed it looks the same.
  let asksInVain: Bool
  /// UDP: asked once where the answer would have shown, and none did: one that is lost is no fault, and many are.
  let isUnheard: Bool
  /// UDP: an answer was captured, and ICMP says that it did not arrive, or the client's own capture lacks it.
  let isUndelivered: Bool
  /// An answer was captured, and not at a place that saw the request and would have shown it.
  let isAnswerLostBetweenPoints: Bool
  let fate: Fate

  /// `answersElsewhere`: an answer would have shown where the request was seen and none was. `isHeardBothWays`: at least,
  /// such a place shows more than one direction.
  init(
    _ group: FlowGroup, _ returnPaths: [ReturnPath], _ casts: [Cast], answersElsewhere: Bool, isHeardBothWays: Bool,
    isUndelivered: Bool, others: Others
  ) {
    self.group = group
    self.returnPaths = returnPaths
    self.casts = casts
    isAnswerLostBetweenPoints = (answersElsewhere || isHeardBothWays) && group.facts.contains(.answerElsewhere)
    let silence = Self.silence(
      group, isLostBetweenPoints: isAnswerLostBetweenPoints, acknowledgesElsewhere: others.completesHandshakes)
    asksInVain =
      silence == nil && answersElsewhere && group.facts.contains(.requestRepeated) && !group.facts.contains(.replySeen)
      && !group.facts.mayLackLinks
    self.isUndelivered = isUndelivered
    isUnheard = !asksInVain && answersElsewhere && group.facts.contains(.requestAbandoned) && !group.facts.mayLackLinks
    let fate = Self.fate(returnPaths, silence)
    if group.facts.mayLackLinks {
      // What is missing may be the reply that touches the balancer: only what is there and says more than that stands.
      self.fate =
        switch fate {
        case .viaBalancer, .bypassed: fate
        default: .undecided(.crowded)
        }
      return
    }
    self.fate =
      switch fate {
      case .direct, .undecided:
        Self.unfinished(group, others)
          ?? (isUndelivered && others.manyUndelivered ? .undecided(.answerUndelivered) : fate)
      default: fate
      }
  }

  /// Links of it that were dropped may show a fault. Over so many requests none is looked for in any case.
  var mayHideFault: Bool {
    group.facts.contains(.mayLackReplies)
      || group.facts.contains(.mayLackRequests) && !group.journeys.allSatisfy(\.requests.isCrowded)
  }

  /// What no backend has to answer for, and what leaves open whether the service works.
  private static func unfinished(_ group: FlowGroup, _ others: Others) -> Fate? {
    let facts = group.facts
    let answerers = group.answerers
    if facts.contains(.ofScanner), others.completesHandshakes { return .background }
    if facts.contains(.tracesWay), facts.isDisjoint(with: [.clientHeardServer, .replySeen]) { return .background }
    if facts.contains(.handshakeOpen) {
      let isBackground =
        !facts.contains(.clientHeardServer) && !facts.contains(.clientWorksElsewhere)
        && !answerers.isEmpty && answerers.isSubset(of: others.completing)
        && (!others.manyEndNoHandshake || group.nextToClient.isSubset(of: others.nextToCompleting))
      return isBackground ? .background : .undecided(.handshakeOpen)
    }
    if facts.contains(.answeredAtLast), !facts.contains(.clientHeardServer) { return .undecided(.answeredAtLast) }
    if facts.contains(.dataUnheard), !answerers.isSubset(of: others.acknowledging) {
      return .undecided(.dataUnheard)
    }
    if facts.contains(.answerUnheard), !answerers.isSubset(of: others.acknowledged) {
      return .undecided(.answerUnheard)
    }
    if facts.contains(.resetUnanswered), !answerers.isSubset(of: others.answering) {
      return .undecided(.resetUnanswered)
    }
    if facts.contains(.synAbandoned), facts.contains(.loneSYN) || others.isFlooded, others.completesHandshakes,
      !facts.contains(.clientWorksElsewhere), !facts.contains(.clientAsksInVain) || !others.manyAskInVain
    {
      return .background
    }
    return nil
  }

  /// Proof of a fault at one point stands, whatever another point does not see.
  private static func fate(_ returnPaths: [ReturnPath], _ silence: Silence?) -> Fate {
    var direct: (proof: ServiceVerdict.Proof, assumptions: Set<Assumption>)?
    var undecided: Doubt?
    var standing: Doubt?
    var bypassed: Fate?
    for returnPath in returnPaths {
      switch returnPath {
      case .viaBalancer(let leg, let assumptions): return .viaBalancer(leg, assumptions)
      case .bypassed(let leg, let assumptions): bypassed = bypassed ?? .bypassed(leg, assumptions)
      case .direct(let proof, let assumptions):
        if let known = direct, known.proof >= proof { continue }
        direct = (proof, assumptions)
      case .undecided(let reason) where reason.stands: standing = standing ?? reason
      case .undecided(let reason): undecided = undecided ?? reason
      }
    }
    if let bypassed { return bypassed }
    if let silence { return .unanswered(silence) }
    if let standing { return .undecided(standing) }
    if let direct { return .direct(direct.proof, direct.assumptions) }
    return .undecided(undecided ?? .noReply)
  }

  /// `acknowledgesElsewhere`: the end of a handshake would have shown.
  private static func silence(
    _ group: FlowGroup, isLostBetweenPoints: Bool, acknowledgesElsewhere: Bool
  ) -> Silence? {
    let facts = group.facts
    if facts.contains(.answeredFromElsewhere) { return .answeredFromElsewhere }
    if facts.contains(.refused), !facts.contains(.clientHeardServer) {
      return facts.contains(.ofScanner) && acknowledgesElsewhere ? nil : .refused
    }
    if facts.contains(.unreachable), !facts.contains(.replySeen) { return .unreachable }
    if !facts.contains(.replySeen), !facts.isDisjoint(with: [.timeExceeded, .looping]) { return .looping }
    if facts.contains(.laterConnectionUnanswered) { return .laterConnectionUnanswered }
    if facts.contains(.stalled) { return .stalled }
    if facts.contains(.clientHeardServer) { return nil }
    if facts.contains(.synRepeated) {
      if !facts.contains(.replySeen) { return .noAnswer }
      if isLostBetweenPoints { return .lostBetweenPoints }
      if facts.contains(.answerElsewhere) || acknowledgesElsewhere || facts.contains(.answerIgnored) {
        return .neverCompleted
      }
    }
    return nil
  }
}
