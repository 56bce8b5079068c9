import Wire

/// What one capture point shows of a service as a whole.
struct PointFacts: Sendable {
  /// The user says that every capture stood behind a router.
  var saidBehindRouter = false
  /// A reply of the service passed here.
  var serviceReplied = false
  /// A request to it passed here.
  var serviceAsked = false
  /// Where its replies came from.
  var answerers: Set<Device> = []
  /// Who passes its requests on.
  var carriers: Set<Device> = []
  /// It shows packets to everybody, or both halves of some flow: a filter for one direction would have hidden these.
  var showsBothDirections = false

  /// Whether an answer to the requests of `journey` would have shown here: others did, and where requests are seen to end
  /// at a backend, that very backend's.
  func wouldShowAnswer(to journey: Journey) -> Bool {
    journey.requests.forwarders.isEmpty ? serviceReplied : !answerers.isDisjoint(with: journey.requests.targets)
  }

  /// The facts of every point that saw the service.
  static func all(_ traffic: ServiceTraffic, pointsWithBothDirections: Set<Int>, _ policy: Policy) -> [Int: PointFacts]
  {
    var points: [Int: PointFacts] = [:]
    for journey in traffic.journeys {
      var facts = points[journey.point] ?? PointFacts()
      facts.saidBehindRouter = policy.vantage == .behindRouter
      if !journey.replies.legs.isEmpty { facts.serviceReplied = true }
      if !journey.requests.legs.isEmpty { facts.serviceAsked = true }
      facts.answerers.formUnion(journey.replies.origins)
      facts.carriers.formUnion(journey.requests.forwarders)
      facts.showsBothDirections = pointsWithBothDirections.contains(journey.point)
      points[journey.point] = facts
    }
    return points
  }
}
