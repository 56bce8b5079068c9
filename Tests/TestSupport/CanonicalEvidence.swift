public import Evidence
import Wire

/// Evidence with every number of its own resolved to what it stands for, so that two that say the same are equal
/// however they were numbered.
public struct CanonicalEvidence: Equatable {
  public struct Point: Hashable {
    public var capture: String
    public var interface: Int
    public var interfaceIndex: UInt32
  }

  /// A record, and its link in words of the wire.
  public struct Seen: Hashable {
    public var point: Point
    public var link: Link
    public var record: LinkRecord
  }

  public struct Ends: Hashable {
    public var transport: TransportProtocol
    public var lower: Endpoint
    public var higher: Endpoint
  }

  public struct Flow: Equatable {
    public var fromLower: Set<Seen>
    public var fromHigher: Set<Seen>
  }

  public struct Located<Value: Hashable>: Hashable {
    public var point: Point
    public var value: Value
  }

  public struct Reuse: Hashable {
    public var ends: Ends
    public var isFromLower: Bool
    public var link: Located<Link>
  }

  public var captures: [String: CaptureSummary] = [:]
  public var connections: [Reuse: Connections] = [:]
  /// When the highest acknowledgment of standing halves was first seen.
  public var rises: [Reuse: UInt64] = [:]
  public var flows: [Ends: Flow] = [:]
  public var claims: [Located<Claim>: Tally] = [:]
  public var errors: [Located<ErrorMessage>: Tally] = [:]
  public var prefixes: [Located<OnLinkPrefix>: Tally] = [:]
  public var echoes: [Located<Echo>: Tally] = [:]
  public var pointsWithMulticast: Set<Point> = []
  /// What the maps above would swallow.
  public var repetitions: [String] = []

  public init(_ evidence: Evidence) {
    for (number, summary) in evidence.captureSummaries.enumerated() {
      var capture = evidence.captures[number]
      capture.countedOnly = summary.countedOnly
      if captures.updateValue(capture, forKey: capture.path) != nil { repetitions.append("capture \(capture.path)") }
    }
    let points = evidence.points.map {
      Point(
        capture: evidence.captures[$0.capture].path, interface: $0.interface, interfaceIndex: $0.interfaceIndex)
    }
    let links = evidence.links
    func resolve(_ records: [LinkRecord]) -> Set<Seen> {
      let seen = records.map { record in
        var (link, record) = (links[record.link], record)
        let point = points[link.point]
        link.point = 0
        record.link = 0
        return Seen(point: point, link: link, record: record)
      }
      let places = Set(seen.map { Located(point: $0.point, value: $0.link) })
      if places.count != seen.count { repetitions.append("link in \(seen)") }
      return Set(seen)
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let ends = Ends(transport: transport, lower: lower, higher: higher)
      let flow = Flow(fromLower: resolve(Array(fromLower)), fromHigher: resolve(Array(fromHigher)))
      if flows.updateValue(flow, forKey: ends) != nil { repetitions.append("flow \(ends)") }
    }
    evidence.forEachSeenFlow { transport, lower, higher, fromLower, fromHigher in
      for isFromLower in [true, false] {
        for record in Array(isFromLower ? fromLower : fromHigher) {
          var link = links[record.link]
          let point = points[link.point]
          link.point = 0
          let place = Reuse(
            ends: Ends(transport: transport, lower: lower, higher: higher), isFromLower: isFromLower,
            link: Located(point: point, value: link))
          let rise = evidence.rise(
            transport, from: isFromLower ? lower : higher, to: isFromLower ? higher : lower, at: record.link)
          if (rise != nil) != record.kinds.contains(.standing) { repetitions.append("rise \(place)") }
          rises[place] = rise
        }
      }
    }
    evidence.forEachReuse { transport, lower, higher, isFromLower, number, several in
      var link = links[number]
      let point = points[link.point]
      link.point = 0
      let place = Reuse(
        ends: Ends(transport: transport, lower: lower, higher: higher), isFromLower: isFromLower,
        link: Located(point: point, value: link))
      if connections.updateValue(several, forKey: place) != nil { repetitions.append("reuse \(place)") }
    }
    for (claim, tally) in evidence.claims {
      var moved = claim
      moved.point = 0
      claims[Located(point: points[claim.point], value: moved)] = tally
    }
    for (error, tally) in evidence.errors {
      var moved = error
      moved.point = 0
      errors[Located(point: points[error.point], value: moved)] = tally
    }
    for (prefix, tally) in evidence.prefixes {
      var moved = prefix
      moved.point = 0
      prefixes[Located(point: points[prefix.point], value: moved)] = tally
    }
    for (echo, tally) in evidence.echoes {
      var moved = echo
      moved.point = 0
      echoes[Located(point: points[echo.point], value: moved)] = tally
    }
    if echoes.count != evidence.echoes.count { repetitions.append("echo") }
    pointsWithMulticast = Set(evidence.pointsWithMulticast.map { points[$0] })
    if prefixes.count != evidence.prefixes.count { repetitions.append("prefix") }
    if claims.count != evidence.claims.count { repetitions.append("claim") }
    if errors.count != evidence.errors.count { repetitions.append("error") }
  }

  /// What differs first, in words; `nil` where all is the same.
  public func difference(from other: CanonicalEvidence) -> String? {
    if !repetitions.isEmpty { return "said twice: \(repetitions)" }
    if captures != other.captures { return "captures: \(captures) and \(other.captures)" }
    for (ends, flow) in flows where other.flows[ends] != flow {
      return "flow \(ends): \(flow) and \(other.flows[ends].map(String.init(describing:)) ?? "none")"
    }
    if let missing = other.flows.keys.first(where: { flows[$0] == nil }) { return "flow \(missing): none, and one" }
    if connections != other.connections { return "connections: \(connections) and \(other.connections)" }
    if rises != other.rises { return "rises: \(rises) and \(other.rises)" }
    if claims != other.claims { return "claims: \(claims) and \(other.claims)" }
    if errors != other.errors { return "errors: \(errors) and \(other.errors)" }
    if prefixes != other.prefixes { return "prefixes: \(prefixes) and \(other.prefixes)" }
    if echoes != other.echoes { return "echoes: \(echoes.count) and \(other.echoes.count)" }
    return self == other ? nil : "something"
  }
}
