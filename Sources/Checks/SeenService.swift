import Evidence
import Wire

/// A service that is in the captures, beside those that were asked for.
public struct SeenService: Sendable, Hashable {
  public var service: ServicePattern
  public var flows: Int

  /// As many as a report holds: a scan finds one at every port.
  static let most = 100

  public init(service: ServicePattern, flows: Int) {
    self.service = service
    self.flows = flows
  }

  /// Those that none of the named ones covers, most flows first.
  static func others(than named: [ServicePattern], in evidence: Evidence) -> [SeenService] {
    let index = ServiceIndex([], in: evidence)
    let flows = index.flowCounts(in: evidence)
    return index.services.indices.filter { number in !named.contains { $0.covers(index.services[number]) } }
      .map { SeenService(service: index.services[$0], flows: flows[$0]) }
      .sorted { ($1.flows, $0.service) < ($0.flows, $1.service) }
  }
}

extension [SeenService] {
  /// The likeliest to be meant first: at the same address, then at the same port.
  func nearest(to service: ServicePattern) -> [SeenService] {
    let isNear = { (seen: SeenService) in seen.service.address == service.address }
    let isAlike = { (seen: SeenService) in !isNear(seen) && seen.service.port == service.port }
    return filter(isNear) + filter(isAlike) + filter { !isNear($0) && !isAlike($0) }
  }
}

extension ServiceCase {
  /// That nothing of the service was captured, and what was in its place.
  var notSeen: Finding {
    let others = run.others.nearest(to: service)
    let isPortWrong = others.contains { $0.service.address == service.address }
    var reason = others.isEmpty ? "no flow at all was" : "flows go to \(listed(others) { $0.words })"
    var step = isPortWrong ? "check the port" : "check the VIP, and capture where its traffic passes"
    let hidden = hiddenFrames
    if hidden.frames > 0 {
      let tunnels = hidden.tunnels.isEmpty ? "" : " (\(listed(hidden.tunnels) { $0.entry.name }))"
      reason += "; \(counted(hidden.frames, "frame")) could not be looked into\(tunnels)"
      if others.isEmpty, !hidden.tunnels.isEmpty { step = "capture where nothing is in these tunnels" }
      if others.isEmpty, hidden.isMostlyCut { step = "capture more of each frame: tcpdump -s 0 keeps all of it" }
    }
    return .inconclusive("no flow to \(service.asNamed) was captured", because: reason, remedy: step)
  }

  /// Frames that flows of the service may be in, and that were not looked into; the tunnels that they are in; and whether the
  /// snap length hides most.
  private var hiddenFrames: (frames: UInt64, tunnels: [Tunnel], isMostlyCut: Bool) {
    var (frames, cut, tunnels): (UInt64, UInt64, Set<PassedOver>) = (0, 0, [])
    for capture in captures {
      for (reason, count) in capture.passedOver
      where reason != .otherProtocol && reason != .foreignLink && reason != .unreadLine {
        frames = max(frames, frames &+ count)
        // Of text nothing was cut: it was not printed.
        if reason == .cut, !capture.linkTypes.contains(where: \.isText) { cut = max(cut, cut &+ count) }
        tunnels.insert(reason)
      }
    }
    return (frames, tunnels.sorted().compactMap(\.tunnel), isMostlyCut: cut > frames / 2)
  }
}

extension SeenService {
  /// `10.1.10.10:80 (2)`.
  fileprivate var words: String { "\(service.asNamed) (\(flows))" }
}

extension ServicePattern {
  /// As users name it: `10.1.10.10:80` for TCP, `udp://10.1.10.10:53`, `10.1.10.10`.
  fileprivate var asNamed: String {
    guard let port else { return address.description }
    return (transport == .udp ? "udp://" : "") + Endpoint(address: address, port: port).text
  }
}
