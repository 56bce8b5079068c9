import Wire

/// Which step fits a fault: chosen by where the flow stopped.
extension ServiceCase {
  /// Of the unanswered flows those that most fared like.
  func stepForSilence() -> NextStep {
    let silent = flows.filter { if case .unanswered = $0.fate { true } else { false } }
    guard let most = silent.max(by: { ($0.group.flows, $1.group.firstFrame) < ($1.group.flows, $0.group.firstFrame) })
    else { return .captureMore }
    if case .unanswered(.neverCompleted) = most.fate {
      return stepToCapture(at: [.client, .mirror], toSee: .dropper) ?? .lookAtClients
    }
    for journey in most.group.journeys {
      guard let target = journey.requests.targets.min() else { continue }
      if roles.isBalancer(target) {
        if isSeenToHandOn(target, at: journey.point) { return .lookAtBalancer(target.mac) }
      } else if !journey.requests.forwarders.isEmpty || roles.backends[target] != nil {
        return .lookAtBackend(target.mac)
      }
    }
    return stepToCapture(at: [.balancer, .backend], toSee: .progress)
      ?? .mend("check the VIP, the listener and the filters on the backend that these requests go to")
  }

  /// A reset shows who refuses, an ICMP message says it.
  func step(forRefusalBy mac: MACAddress?, orICMPFrom address: IPAddress?) -> NextStep {
    if let mac {
      return .lookAtRefuser(mac, roles.isBalancer(mac) ? .balancer : roles.isBackend(mac) ? .backend : .unknown)
    }
    if let address { return .lookAtRouter(address) }
    return .mend("look at the sender of the reset: a backend needs its listener, a balancer a backend that is up")
  }

  /// Requests of other flows leave the device again at this point.
  private func isSeenToHandOn(_ device: Device, at point: Int) -> Bool {
    flows.contains { judged in
      judged.group.journeys.contains { $0.point == point && $0.requests.forwarders.contains(device) }
    }
  }
}
