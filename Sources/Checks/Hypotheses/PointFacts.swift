import Evidence
import Wire

/// What one capture point shows of a service as a whole.
struct PointFacts: Sendable {
  /// It stands for several captures: what none of them shows may have passed all the same.
  var isJoint = false
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
  /// Who sends others' requests, in frames that bear no receiver.
  var cookedSenders: Set<Device> = []
  /// It shows packets to everybody, or both halves of some flow: a filter for one direction would have hidden these.
  var showsBothDirections = false
  /// Of so many flows requests come to a host, nothing shows it hand them on or answer, and the clients acknowledge answers:
  /// frames are missing.
  private var swallowed = 0
  private var flows = 0
  /// Text of packets could not be read here: they may have been replies.
  var hasUnreadPackets = false

  /// More than a few (5 %) of its flows lack frames.
  var lacksRequests: Bool { swallowed * 20 > flows }

  /// Whether an answer to the requests of `journey` would have shown here: others did, and where requests are seen to end
  /// at a backend, that very backend's.
  func wouldShowAnswer(to journey: Journey) -> Bool {
    journey.requests.forwarders.isEmpty ? serviceReplied : !answerers.isDisjoint(with: journey.requests.targets)
  }

  /// The facts of every point that saw the service.
  static func all(_ traffic: ServiceTraffic, _ run: Run) -> [Int: PointFacts] {
    var points: [Int: PointFacts] = [:]
    for group in traffic.groups {
      for journey in group.journeys {
        var facts = points[journey.point] ?? PointFacts()
        facts.isJoint = run.isJoint(journey.point)
        facts.saidBehindRouter = run.policy.vantage == .behindRouter && !facts.isJoint
        if !journey.replies.legs.isEmpty { facts.serviceReplied = true }
        if !journey.requests.legs.isEmpty { facts.serviceAsked = true }
        facts.answerers.formUnion(journey.replies.origins)
        facts.carriers.formUnion(journey.requests.forwarders)
        if journey.requests.hasUnknownTarget {
          facts.cookedSenders.formUnion(journey.requests.origins.filter { $0 != journey.client })
        }
        if journey.requests.forwarders.isEmpty, !journey.requests.legs.isEmpty, journey.replies.legs.isEmpty,
          group.facts.contains(.clientAcknowledgedMore), group.facts.contains(.oneConnection)
        {
          facts.swallowed += group.flows
        }
        facts.flows += group.flows
        facts.showsBothDirections = run.pointsWithBothDirections.contains(journey.point)
        facts.hasUnreadPackets = run.pointsWithUnreadPackets.contains(journey.point)
        points[journey.point] = facts
      }
    }
    return points
  }
}
