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
    var flows = [Int](repeating: 0, count: index.services.count)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let server = index.orient(transport, lower, higher, fromLower, fromHigher).serverIsLower ? lower : higher
      index.forEachService(transport, server) { flows[$0] += 1 }
    }
    return index.services.indices.filter { number in !named.contains { $0.covers(index.services[number]) } }
      .map { SeenService(service: index.services[$0], flows: flows[$0]) }
      .sorted { ($1.flows, $0.service) < ($0.flows, $1.service) }
  }
}

extension [SeenService] {
  /// The likeliest to be meant first: at the same address, then at the same port.
  func nearest(to service: ServicePattern) -> [SeenService] {
    let distance = { (seen: SeenService) in
      (seen.service.address == service.address ? 0 : 2) + (seen.service.port == service.port ? 0 : 1)
    }
    return indices.sorted { (distance(self[$0]), $0) < (distance(self[$1]), $1) }.map { self[$0] }
  }
}

extension ServiceCase {
  /// That nothing of the service was captured, and what was in its place.
  var notSeen: Finding {
    let others = run.others.nearest(to: service)
    let hidden = Set(captures.flatMap(\.passedOver.keys)).sorted().filter(\.mayHideFlows)
    let frames = captures.flatMap { capture in hidden.map { capture.passedOver[$0] ?? 0 } }.reduce(0, &+)
    let seen =
      others.isEmpty
      ? "no other service is in the capture" : "seen: " + listed(others, separator: "; ") { $0.words }
    let notes =
      frames == 0
      ? "" : "; \(counted(frames, "frame")) \(frames == 1 ? "was" : "were") not looked into"
    return .inconclusive(
      "no flow to \(service.asNamed) was captured", because: seen + notes,
      remedy: others.contains { $0.service.address == service.address }
        ? "check the port" : "check the VIP, and capture where its traffic passes")
  }
}

extension SeenService {
  /// `10.1.10.10:80, 2 flows`.
  fileprivate var words: String { "\(service.asNamed), \(counted(flows, "flow"))" }
}

extension PassedOver {
  /// Flows of the service may be in such frames.
  fileprivate var mayHideFlows: Bool { self != .otherProtocol }
}

extension ServicePattern {
  /// As users name it: `10.1.10.10:80` for TCP, `udp://10.1.10.10:53`, `10.1.10.10`.
  fileprivate var asNamed: String {
    guard let port else { return address.description }
    return (transport == .udp ? "udp://" : "") + Endpoint(address: address, port: port).text
  }
}
