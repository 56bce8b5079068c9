import Evidence
import Wire

/// Evidence with every number of its own resolved to what it stands for, so that two that say the same are equal
/// however they were numbered.
struct CanonicalEvidence: Equatable {
  struct Point: Hashable {
    var capture: String
    var interface: Int
    var interfaceIndex: UInt32
  }

  /// A record, and its link in words of the wire.
  struct Seen: Hashable {
    var point: Point
    var link: Link
    var record: LinkRecord
  }

  struct Ends: Hashable {
    var transport: TransportProtocol
    var lower: Endpoint
    var higher: Endpoint
  }

  struct Flow: Equatable {
    var fromLower: Set<Seen>
    var fromHigher: Set<Seen>
  }

  struct Located<Value: Hashable>: Hashable {
    var point: Point
    var value: Value
  }

  struct Reuse: Hashable {
    var ends: Ends
    var isFromLower: Bool
    var link: Located<Link>
  }

  var captures: [String: CaptureSummary] = [:]
  var connections: [Reuse: Connections] = [:]
  var flows: [Ends: Flow] = [:]
  var claims: [Located<Claim>: Tally] = [:]
  var errors: [Located<ErrorMessage>: Tally] = [:]
  var prefixes: [Located<OnLinkPrefix>: Tally] = [:]
  var echoes: [Located<Echo>: Tally] = [:]
  var pointsWithMulticast: Set<Point> = []
  /// What the maps above would swallow.
  var repetitions: [String] = []

  init(_ evidence: Evidence) {
    for capture in evidence.captures {
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
  func difference(from other: CanonicalEvidence) -> String? {
    if !repetitions.isEmpty { return "said twice: \(repetitions)" }
    if captures != other.captures { return "captures: \(captures) and \(other.captures)" }
    for (ends, flow) in flows where other.flows[ends] != flow {
      return "flow \(ends): \(flow) and \(other.flows[ends].map(String.init(describing:)) ?? "none")"
    }
    if let missing = other.flows.keys.first(where: { flows[$0] == nil }) { return "flow \(missing): none, and one" }
    if connections != other.connections { return "connections: \(connections) and \(other.connections)" }
    if claims != other.claims { return "claims: \(claims) and \(other.claims)" }
    if errors != other.errors { return "errors: \(errors) and \(other.errors)" }
    if prefixes != other.prefixes { return "prefixes: \(prefixes) and \(other.prefixes)" }
    if echoes != other.echoes { return "echoes: \(echoes.count) and \(other.echoes.count)" }
    return self == other ? nil : "something"
  }
}
