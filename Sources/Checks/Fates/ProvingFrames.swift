import Evidence
import Wire

/// The frames that prove a pass.
extension ServiceCase {
  /// The request and the reply of one direct flow for each backend: its first. Of as many backends as `limit`, first seen
  /// first; `omitted` counts the others.
  func provingFrames(ofAtMost limit: Int) -> (exhibits: [Exhibit], omitted: Int) {
    var first: [Device: ProvingFlow] = [:]
    for judged in flows {
      guard let found = ProvingFlow(judged) else { continue }
      if let known = first[found.backend], known.order <= found.order { continue }
      first[found.backend] = found
    }
    let shown = first.values.sorted { $0.order < $1.order }.prefix(limit)
    let balancer = balancerText
    return (shown.flatMap { exhibits(of: $0, balancer) }, first.count - shown.count)
  }

  private func exhibits(of proving: ProvingFlow, _ balancer: String) -> [Exhibit] {
    let (journey, flow) = (proving.journey, proving.flow)
    let known = journey.requesting.filter(proving.cast.isBalancer)
    let balancers = known.isEmpty ? presumedBalancers(journey) : known
    let arriving = journey.requests.firstLeg { $0.to.map(balancers.contains) ?? false }
    let leaving = journey.requests.firstLeg {
      $0.from.map(balancers.contains) ?? false || $0.to == proving.backend
    }
    let request = { (leg: Journey.Leg, expected: String) in
      self.exhibit(leg.record, of: flow, expected: expected, actual: "request \(leg.link.text)")
    }
    // Where no reply passes, the request that came and the one that left are all there is.
    if journey.replies.legs.isEmpty {
      return [
        arriving.map { request($0, "a request to \(balancer)") },
        leaving.map { request($0, "the same request from \(balancer) to a backend, and no reply") },
      ].compactMap(\.self)
    }
    let asked =
      arriving.map { request($0, "a request to \(balancer)") }
      ?? leaving.map { request($0, "a request from \(balancer)") }
      ?? journey.requests.firstLeg { _ in true }.map { request($0, "a request that goes to \(balancer)") }
    let answered = journey.replies.firstLeg { $0.from == proving.backend }.map { leg in
      exhibit(
        leg.record, of: flow, expected: "a reply from another MAC than \(balancer)", actual: "reply \(leg.link.text)")
    }
    return [asked, answered].compactMap(\.self)
  }
}

/// A flow that was proved direct, where it was captured, with the backend that it came to.
private final class ProvingFlow {
  let journey: Journey
  let cast: Cast
  let backend: Device
  let flow: Flow
  let order: (UInt32, Flow)

  /// `nil` for flows that are not direct.
  init?(_ judged: JudgedFlows) {
    guard case .direct(let proof, _) = judged.fate else { return nil }
    for (index, journey) in judged.group.journeys.enumerated() {
      // The point that proves most.
      guard judged.returnPaths.indices.contains(index), case .direct(proof, _) = judged.returnPaths[index] else {
        continue
      }
      let ends =
        journey.replies.legs.isEmpty
        ? journey.requests.targets : journey.answerers.isEmpty ? journey.replies.origins : journey.answerers
      guard let backend = ends.min() else { continue }
      self.journey = journey
      self.backend = backend
      cast = judged.casts[index]
      flow = judged.group.exemplar.flow
      order = (judged.group.firstFrame, flow)
      return
    }
    return nil
  }
}

extension Journey.Half {
  /// Of the legs that `isWanted`, the one that was captured first.
  fileprivate func firstLeg(_ isWanted: (Journey.Leg) -> Bool) -> Journey.Leg? {
    legs.filter(isWanted).min { $0.record.firstFrame < $1.record.firstFrame }
  }
}
