import Evidence
import Wire

extension ServiceCase {
  /// One for each capture point that shows the beginning of a flow.
  func funnels(_ places: [(point: Int, place: ServiceVerdict.CaptureVantage)]) -> [Funnel] {
    var begunByPoint: [Int: [FlowGroup]] = [:]
    for judged in flows {
      for (point, steps) in judged.group.steps where !steps.isEmpty {
        begunByPoint[point, default: []].append(judged.group)
      }
    }
    return places.compactMap { point, place in
      guard let begun = begunByPoint[point] else { return nil }
      let shown = shownSteps(of: begun, at: point)
      let steps = shown.map { step in
        (step: step, flows: begun.reduce(0) { $0 + ($1.reaches(step, at: point) ? $1.flows : 0) })
      }
      return Funnel(place: place, steps: steps, loss: loss(of: begun, shown, at: point))
    }
  }

  /// Where no reply passes, or nobody hands requests on in sight, no flow can be seen to get so far.
  private func shownSteps(of groups: [FlowGroup], at point: Int) -> [Funnel.Step] {
    let showsReplies = groups.contains { group in
      group.exemplar.replies.contains { links.point(of: $0.link) == point && !$0.isResetOnly }
    }
    let showsForwarding = groups.contains { group in
      group.journeys.contains { $0.point == point && !$0.requests.forwarders.isEmpty }
    }
    let isTCP = groups.contains { $0.exemplar.flow.transport == .tcp }
    return Funnel.Step.allCases.filter { step in
      switch step {
      case .request: true
      case .handedOn: showsForwarding
      case .synAck, .acknowledged: showsReplies && isTCP
      case .answered: showsReplies
      case .handshake, .closed: isTCP
      }
    }
  }

  /// A connection that is still open when the capture ends is none that is lost.
  private func loss(of groups: [FlowGroup], _ shown: [Funnel.Step], at point: Int) -> Funnel.Loss? {
    for (before, step) in zip(shown, shown.dropFirst()) where step != .closed {
      let lost = groups.filter { $0.reaches(before, at: point) && !$0.reaches(step, at: point) }
      guard
        let first = lost.min(by: { ($0.firstFrame, $0.exemplar.flow) < ($1.firstFrame, $1.exemplar.flow) }),
        let record = (first.exemplar.requests + first.exemplar.replies).filter({ links.point(of: $0.link) == point })
          .min(by: { $0.firstFrame < $1.firstFrame })
      else { continue }
      let frame = frame(UInt64(record.firstFrame), at: point, record.firstTime, of: first.exemplar.flow)
      return Funnel.Loss(step: step, flows: lost.reduce(0) { $0 + $1.flows }, frame: frame)
    }
    return nil
  }
}

extension FlowGroup {
  /// A datagram has no handshake to go through.
  fileprivate func reaches(_ step: Funnel.Step, at point: Int) -> Bool {
    let reached = steps[point] ?? []
    if exemplar.flow.transport == .udp, [.synAck, .handshake, .acknowledged].contains(step) {
      return reached.contains(.handedOn)
    }
    return reached.contains(Steps(step))
  }
}
