import Checks

extension Funnel {
  /// `client.pcap: 12 requests, 12 SYN-ACKs, 3 handshakes; 9 get no further than that (frame 41)`.
  var words: String { "\(place.place): \(stepWords)\(loss.map { "; \($0.words)" } ?? "")" }

  private var stepWords: String {
    let counts = Set(steps.map(\.flows))
    if counts.count == 1, let all = counts.first, let last = steps.last, steps.count > 1 {
      return "\(all > 1 ? "all " : "")\(counted(all, "flow")) \(last.step.allWords)"
    }
    return steps.map { "\($0.flows) \($0.step.words)" }.joined(separator: ", ")
  }
}

extension Funnel.Step {
  /// After a number.
  var words: String {
    switch self {
    case .request: "asked"
    case .handedOn: "handed on"
    case .synAck: "got a SYN-ACK"
    case .handshake: "shook hands"
    case .acknowledged: "had data acknowledged"
    case .answered: "answered"
    case .closed: "closed in order"
    }
  }

  fileprivate var allWords: String {
    switch self {
    case .closed: "closed in order"
    case .answered: "answered"
    default: "got as far as this place shows (\(words))"
    }
  }
}

extension Funnel.Loss {
  var words: String {
    let missing =
      switch step {
      case .request: "are not asked"
      case .handedOn: "are not handed on"
      case .synAck: "get no SYN-ACK"
      case .handshake: "end no handshake"
      case .acknowledged: "get no data acknowledged"
      case .answered: "get no answer"
      case .closed: "are not closed"
      }
    return "\(flows) \(missing), first frame \(frame.number)"
  }
}
