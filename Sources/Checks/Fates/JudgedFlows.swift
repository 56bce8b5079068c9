import Evidence
import Wire

/// What became of the flows of one group, over all capture points.
struct JudgedFlows: Sendable {
  enum Fate: Sendable {
    case direct(ServiceVerdict.Proof, Set<Assumption>)
    case viaBalancer(Journey.Leg, Set<Assumption>)
    case bypassed(Journey.Leg, Set<Assumption>)
    case unanswered(Silence)
    case undecided(Doubt)

    var isDirect: Bool { if case .direct = self { true } else { false } }
  }

  /// How a service fails to answer.
  enum Silence: Sendable { case noAnswer, neverCompleted, refused, unreachable, answeredFromElsewhere }

  let group: FlowGroup
  /// What each of the group's journeys says, with who is who at that point and in that time.
  let returnPaths: [ReturnPath]
  let casts: [Cast]
  /// UDP: asked again where the answer would have shown, and none did. That the capture missed it looks the same.
  let asksInVain: Bool
  let fate: Fate

  /// `answersElsewhere`: an answer would have shown. `acknowledgesElsewhere`: the end of a handshake would have.
  init(
    _ group: FlowGroup, _ returnPaths: [ReturnPath], _ casts: [Cast], answersElsewhere: Bool,
    acknowledgesElsewhere: Bool
  ) {
    self.group = group
    self.returnPaths = returnPaths
    self.casts = casts
    let silence = Self.silence(group, acknowledgesElsewhere: acknowledgesElsewhere)
    asksInVain =
      silence == nil && answersElsewhere && group.facts.contains(.requestRepeated) && !group.facts.contains(.replySeen)
    fate = Self.fate(returnPaths, silence)
  }

  /// Proof of a fault at one point stands, whatever another point does not see.
  private static func fate(_ returnPaths: [ReturnPath], _ silence: Silence?) -> Fate {
    var direct: (proof: ServiceVerdict.Proof, assumptions: Set<Assumption>)?
    var undecided: Doubt?
    var bypassed: Fate?
    for returnPath in returnPaths {
      switch returnPath {
      case .viaBalancer(let leg, let assumptions): return .viaBalancer(leg, assumptions)
      case .bypassed(let leg, let assumptions): bypassed = bypassed ?? .bypassed(leg, assumptions)
      case .direct(let proof, let assumptions):
        if let known = direct, known.proof >= proof { continue }
        direct = (proof, assumptions)
      case .undecided(let reason): undecided = undecided ?? reason
      }
    }
    if let bypassed { return bypassed }
    if let silence { return .unanswered(silence) }
    if let direct { return .direct(direct.proof, direct.assumptions) }
    return .undecided(undecided ?? .noReply)
  }

  /// `acknowledgesElsewhere`: the end of a handshake would have shown.
  private static func silence(_ group: FlowGroup, acknowledgesElsewhere: Bool) -> Silence? {
    let facts = group.facts
    if facts.contains(.answeredFromElsewhere) { return .answeredFromElsewhere }
    if facts.contains(.refused), !facts.contains(.clientHeardServer) { return .refused }
    if facts.contains(.unreachable), !facts.contains(.replySeen) { return .unreachable }
    if facts.contains(.clientHeardServer) { return nil }
    if facts.contains(.synRepeated) {
      if !facts.contains(.replySeen) { return .noAnswer }
      if acknowledgesElsewhere { return .neverCompleted }
    }
    return nil
  }
}
