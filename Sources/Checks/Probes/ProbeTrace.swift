import Evidence
import Wire

/// A probe, and what was captured of it.
struct ProbeTrace: Sendable {
  private(set) var result: ProbeResult
  /// The frame that shows best what became of it.
  private(set) var shown: Shown?

  enum Shown: Sendable {
    case record(LinkRecord, of: Flow)
    case error(ErrorIndex.Seen)
  }

  /// What is looked up for all of them at once.
  private struct Halves {
    var requests: [LinkRecord] = []
    var replies: [LinkRecord] = []
  }

  static func all(
    of results: [ProbeResult], in evidence: Evidence, foreign: [ForeignReply], _ errors: ErrorIndex
  ) -> [ProbeTrace] {
    guard !results.isEmpty else { return [] }
    var halves = Dictionary(results.compactMap(\.flow).map { ($0, Halves()) }) { first, _ in first }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      for isLower in [true, false] {
        let flow = Flow(transport: transport, client: isLower ? lower : higher, server: isLower ? higher : lower)
        guard halves[flow] != nil else { continue }
        halves[flow] = Halves(
          requests: Array(isLower ? fromLower : fromHigher), replies: Array(isLower ? fromHigher : fromLower))
      }
    }
    let links = evidence.links
    return results.map { result in
      var trace = ProbeTrace(result: result)
      guard let flow = result.flow, let seen = halves[flow] else { return trace }
      trace.result.answeredBy = Set(seen.replies.compactMap { links.source(of: $0.link) }).sorted()
      guard result.hasFailed else { return trace }
      let strangers = foreign.filter { $0.flow == flow }
      trace.look(at: seen, of: flow, strangers, errors.errors(about: flow), links)
      return trace
    }
  }

  /// Says what the frames show, the strongest first.
  private mutating func look(
    at seen: Halves, of flow: Flow, _ strangers: [ForeignReply], _ errors: [ErrorIndex.Seen], _ links: Evidence.Links
  ) {
    let first = { (records: [LinkRecord]) in records.min { ($0.firstTime, $0.link) < ($1.firstTime, $1.link) } }
    let sender = { (record: LinkRecord) in links.source(of: record.link) }
    let replies = seen.replies
    let resets = replies.filter { $0.kinds.contains(.rst) }
    if let answer = first(replies.filter { $0.kinds.contains(.notReset) }) {
      shown = .record(answer, of: flow)
      if let reset = first(resets) {
        shown = .record(reset, of: flow)
        result.sight = .reset(by: sender(reset))
      } else if let request = first(seen.requests.filter { $0.resentBytes > 0 }), !replies.acknowledgeMore {
        shown = .record(request, of: flow)
        result.sight = .stalled(by: sender(answer))
      } else {
        result.sight = .answered(by: sender(answer))
      }
    } else if let reset = first(resets) {
      shown = .record(reset, of: flow)
      result.sight = .refused(by: sender(reset))
    } else if let stranger = strangers.first {
      shown = .record(stranger.record, of: flow)
      result.sight = .answeredElsewhere(from: stranger.from)
    } else if let error = errors.first {
      shown = .error(error)
      result.sight = .unreachable(saidBy: error.message.from)
    } else if let request = first(seen.requests) {
      shown = .record(request, of: flow)
      // The same request may have passed several capture points.
      let requests = seen.requests.map { flow.transport == .tcp ? Int($0.synCount) : Int($0.frames) }.max() ?? 0
      result.sight = .unanswered(requests: max(1, requests), to: links.destination(of: request.link))
    } else {
      result.sight = .unseen
    }
  }

  /// Whether its frames show that the service, and not this host alone, let it fail. A service need not answer a datagram
  /// that means nothing to it.
  var isFault: Bool {
    switch result.sight {
    case .unanswered: result.service.transport == .tcp
    case .refused, .unreachable, .answeredElsewhere, .stalled: true
    case .unseen, .reset, .answered, nil: false
    }
  }
}

extension ProbeResult {
  /// The flow that it made.
  fileprivate var flow: Flow? {
    guard let client, let port = service.port else { return nil }
    return Flow(
      transport: service.transport ?? .tcp, client: client, server: Endpoint(address: service.address, port: port))
  }
}

extension ErrorIndex {
  /// Those that say of a client's packet that it cannot get where it is to go.
  fileprivate func errors(about flow: Flow) -> [Seen] {
    let service = ServicePattern(address: flow.server.address, transport: flow.transport, port: flow.server.port)
    return errors(about: service).filter { message, _ in
      let quoted = message.error.quoted
      return (message.error.kind == .unreachable || message.error.kind == .timeExceeded)
        && quoted.source == flow.client.address && quoted.sourcePort == flow.client.port
        && quoted.destination == flow.server.address
    }
  }
}

extension [LinkRecord] {
  /// They carry data, or acknowledge more than the first of them: their sender has heard something.
  fileprivate var acknowledgeMore: Bool {
    let acknowledged = filter { $0.kinds.contains(.notReset) }
    let (low, high) = (
      acknowledged.map(\.acknowledgmentLow).min() ?? 0, acknowledged.map(\.acknowledgmentHigh).max() ?? 0
    )
    return high > low || contains { $0.kinds.contains(.payload) }
  }
}
