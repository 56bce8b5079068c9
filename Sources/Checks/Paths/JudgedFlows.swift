import Evidence
import Wire

/// What became of the flows of one group, over all capture points.
struct JudgedFlows: Sendable {
  enum Fate: Sendable {
    case direct(ServiceVerdict.Proof)
    case viaBalancer(Path.Leg)
    case bypassed(Path.Leg)
    case unanswered(Silence)
    case undecided(Undecided)

    var isDirect: Bool { if case .direct = self { true } else { false } }
  }

  /// How a service fails to answer.
  enum Silence: Sendable { case noAnswer, neverCompleted, refused, unreachable, answeredFromElsewhere }

  let group: FlowGroup
  let returnPaths: [ReturnPath]
  /// UDP: asked again where the answer would have shown, and none did. That the capture missed it looks the same.
  let asksInVain: Bool
  var fate: Fate

  /// `answersElsewhere`: an answer would have shown.
  init(
    _ group: FlowGroup, _ returnPaths: [ReturnPath], answersElsewhere: Bool, acknowledgesElsewhere: Bool
  ) {
    self.group = group
    self.returnPaths = returnPaths
    let silence = Self.silence(group, acknowledgesElsewhere: acknowledgesElsewhere)
    asksInVain =
      silence == nil && answersElsewhere && group.facts.contains(.requestRepeated) && !group.facts.contains(.replySeen)
    fate = Self.fate(returnPaths, silence)
  }

  /// Proof of a fault at one point stands, whatever another point does not see.
  private static func fate(_ returnPaths: [ReturnPath], _ silence: Silence?) -> Fate {
    var proof: ServiceVerdict.Proof?
    var undecided: Undecided?
    var bypassed: Path.Leg?
    for returnPath in returnPaths {
      switch returnPath {
      case .viaBalancer(let leg): return .viaBalancer(leg)
      case .bypassed(let leg): bypassed = bypassed ?? leg
      case .direct(let found): proof = max(proof ?? found, found)
      case .undecided(let reason): undecided = undecided ?? reason
      }
    }
    if let bypassed { return .bypassed(bypassed) }
    if let silence { return .unanswered(silence) }
    if let proof { return .direct(proof) }
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
