import Evidence
import Wire

extension ProbeResult.Sight {
  /// What is to be said of a probe: "sent 3 times to 06:1f:8a:6c:8e:d2, and nobody answered".
  package var words: String {
    switch self {
    case .unseen: "none of its frames was captured"
    case .unanswered(let requests, let mac):
      "sent \(counted(requests, "time")) to \(Self.name(mac)), and nobody answered"
    case .refused(let mac): "refused by a reset of \(Self.name(mac))"
    case .unreachable(let address): "\(address) says by ICMP that it does not get there"
    case .answeredElsewhere(let end): "answered by \(end.text) in place of the VIP"
    case .stalled(let mac): "connected with \(Self.name(mac)), and what was sent then was never acknowledged"
    case .reset(let mac): "connected, and then reset by \(Self.name(mac))"
    case .answered(let mac): "answered by \(Self.name(mac)) all the same"
    }
  }

  private static func name(_ mac: MACAddress?) -> String { mac?.description ?? "an unknown MAC" }

  /// The step that shows, or mends, what went wrong.
  func step(in service: ServiceCase) -> NextStep {
    switch self {
    case .unseen:
      .mend("see that this host learns the VIP's MAC, and capture on the interface by which it reaches the VIP")
    case .unanswered: service.capturing(at: [.balancer, .backend], toSee: .progress)
    case .refused: .mend("look at the host that sent the reset: its listener, and whether it has the VIP")
    case .unreachable(let address): .mend("look at \(address): its route to the VIP, its filter, its listener")
    case .answeredElsewhere(let end): .mend("have \(end.address) answer in the VIP's name")
    case .stalled:
      .mend("look for what drops the client's data: a filter that knows half of the connection, an MTU too small")
    case .reset: .mend("look at the host that sent the reset: what it serves, and whether it knows the connection")
    case .answered:
      .mend("look at this host: its filter, its rp_filter, and whether the service speaks what was asked")
    }
  }
}
