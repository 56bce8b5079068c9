import Evidence
import Wire

/// Who owned one address when, point by point: a failover hands it on, and what was the balancer's is the other's then.
struct Ownership: Sendable {
  /// Who owns the address while a flow runs.
  enum Owners: Hashable, Sendable {
    case known(Set<Device>)
    /// More than anybody could tell apart: a storm of claims.
    case crowd

    static let nobody = Owners.known([])
  }

  /// First begun first.
  let tenuresByPoint: [Int: [Tenure<Device>]]
  /// Everybody who ever owned it.
  let owners: Set<Device>
  /// When each point began to capture.
  private let beginnings: [Int: Timestamp]
  private let openQuestions: OpenQuestions
  /// When somebody may have taken it over, by point, the earliest first.
  private let perhapsTakeovers: [Int: [Timestamp]]
  private static let mostOwners = 16
  private static let mostTenures = 256

  init(
    _ statements: [Int: [Statement<Device>]], since beginnings: [Int: Timestamp],
    openQuestions: OpenQuestions = .none, perhapsTakeovers: [Int: [Timestamp]] = [:]
  ) {
    tenuresByPoint = statements.mapValues(Tenure.all)
    owners = Set(tenuresByPoint.values.joined().lazy.map(\.owner))
    self.beginnings = beginnings
    self.openQuestions = openQuestions
    self.perhapsTakeovers = perhapsTakeovers
  }

  /// The owners in the time from `first` to `last`: those who say so meanwhile, and who said so last before, with whoever
  /// answered at the same time. Before anybody says so, the address is the first one's already, unless that one took it
  /// over then.
  func owners(at point: Int, from first: Timestamp, to last: Timestamp) -> Owners {
    guard let tenures = tenuresByPoint[point] else { return .nobody }
    if tenures.count > Self.mostTenures { return .crowd }
    var owners: Set<Device> = []
    var before: Tenure<Device>?
    for tenure in tenures {
      if tenure.first > last { break }
      if tenure.last >= first { owners.insert(tenure.owner) }
      if tenure.begun <= first, before.map({ $0.last < tenure.last }) ?? true { before = tenure }
    }
    if let before {
      owners.insert(before.owner)
      // Of two masters at once the other is one until it has been silent for three intervals.
      for tenure in tenures where tenure.patience > 0 && tenure.first <= first && tenure.last >= before.first {
        if first.seconds(since: tenure.last) <= tenure.patience { owners.insert(tenure.owner) }
      }
      for tenure in tenures where tenure.first <= first && areAtOnce(tenure, before) { owners.insert(tenure.owner) }
    } else if owners.isEmpty, let next = tenures.first, !isTakeover(next, at: point) {
      owners.insert(next.owner)
      for tenure in tenures where areAtOnce(next, tenure) { owners.insert(tenure.owner) }
    }
    return owners.count > Self.mostOwners ? .crowd : .known(owners)
  }

  /// Who answers the same question a moment after another, or announces the address a moment after another did, takes nothing
  /// over: both own the address.
  private func areAtOnce(_ tenure: Tenure<Device>, _ next: Tenure<Device>) -> Bool {
    tenure.isAnnounced == next.isAnnounced && tenure.patience == 0 && next.patience == 0
      && abs(next.first.seconds(since: tenure.last)) <= 1
  }

  /// Who says next that the address is his, where the flow outlasts what the owner before says last: in the gap between the
  /// two nothing tells when the address was handed on.
  func successor(at point: Int, from first: Timestamp, to last: Timestamp) -> Device? {
    guard let tenures = tenuresByPoint[point], tenures.count <= Self.mostTenures,
      let next = tenures.first(where: { $0.first > last }),
      let before = tenures.filter({ $0.first <= last }).max(by: { $0.last < $1.last }), before.last < last
    else { return nil }
    return next.owner
  }

  /// Whether `device`, and nobody else, owned the address all the time from `first` to `last`: it said so last before, surely
  /// so if another owned it earlier, and none of those who may have it next `isConcerned`.
  func isOwned(
    by device: Device, at point: Int, from first: Timestamp, to last: Timestamp, unless isConcerned: (Device) -> Bool
  ) -> Bool {
    guard owners(at: point, from: first, to: last) == .known([device]), let tenures = tenuresByPoint[point] else {
      return false
    }
    if let index = tenures.lastIndex(where: { $0.first <= first }), index > 0, tenures[index].begun > first {
      return false
    }
    return successor(at: point, from: first, to: last).map { $0 == device || !isConcerned($0) } ?? true
  }

  /// `device` left a question open by `time`, or somebody may have taken the address over, and it says nothing since: it may own
  /// the address no more. `receiver` is whom it sends other packets.
  func isDoubtful(_ device: Device, at point: Int, by time: Timestamp, sendingTo receiver: MACAddress?) -> Bool {
    if openQuestions.isAny(leftBy: device, at: point, by: time, sendingTo: receiver) { return true }
    guard let takeovers = perhapsTakeovers[point], takeovers.first.map({ $0 <= time }) ?? false,
      let tenure = tenuresByPoint[point]?.last(where: { $0.owner == device && $0.first <= time })
    else { return false }
    let next = takeovers.firstIndex(inOrder: { $0 > tenure.last })
    return next < takeovers.count && takeovers[next] <= time
  }

  /// Somebody had said at `point`, by `time`, that the address is his.
  func isClaimed(at point: Int, by time: Timestamp) -> Bool {
    tenuresByPoint[point]?.first.map { $0.first <= time } ?? false
  }

  /// Those whom somebody may take for the owner at `time` all the same: they said so before, or the first one says so later.
  func claimants(at point: Int, before time: Timestamp) -> Set<Device> {
    guard let tenures = tenuresByPoint[point], tenures.count <= Self.mostTenures else { return [] }
    let earlier = tenures.prefix { $0.first <= time }
    return Set((earlier.isEmpty ? tenures.prefix(1) : earlier).map(\.owner))
  }

  /// The first owner that is seen begins with an announcement. One that speaks VRRP from the beginning of the capture owned
  /// the address before.
  private func isTakeover(_ tenure: Tenure<Device>, at point: Int) -> Bool {
    guard tenure.isAnnounced else { return false }
    guard tenure.patience > 0, let beginning = beginnings[point] else { return true }
    return tenure.first.seconds(since: beginning) > tenure.patience
  }

  /// It has one owner all the time, or none that is known.
  var isConstant: Bool {
    owners.count < 2
      && tenuresByPoint.allSatisfy { point, tenures in tenures.first.map { !isTakeover($0, at: point) } ?? true }
  }
}
