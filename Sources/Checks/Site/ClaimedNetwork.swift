import Evidence
import Wire

/// Networks are told apart by capture point and VLAN: what is claimed in one says nothing in another.
struct ClaimedNetwork: Sendable {
  var tenures: [Tenure<Device>]
  /// Stretches of time in which devices answered.
  var answers: [Tenure<Device>]
  /// By virtual router.
  var speakers: [[Tenure<IPAddress>]]

  private struct Network: Hashable, Comparable {
    var point: Int
    var vlan: VLANStack

    static func < (a: Network, b: Network) -> Bool {
      (a.point, a.vlan.depth, a.vlan.outer, a.vlan.inner) < (b.point, b.vlan.depth, b.vlan.outer, b.vlan.inner)
    }
  }

  /// The number of a claim, and what it says for whom.
  typealias Said = (number: Int, statements: [Statement<Device>])

  /// `tenures` are those of a whole capture point, which has one network in most captures.
  static func all(
    _ said: [Said], of claims: [ClaimIndex.Seen], _ tenures: [Int: [Tenure<Device>]]
  ) -> [ClaimedNetwork] {
    let networks = Dictionary(grouping: said) {
      Network(point: claims[$0.number].claim.point, vlan: claims[$0.number].claim.vlan)
    }
    let networksAtPoint = Dictionary(grouping: networks.keys, by: \.point).mapValues(\.count)
    return networks.sorted { $0.key < $1.key }.map { network, said in
      let answers = said.filter { claims[$0.number].claim.kind.isAnswer }.flatMap { $0.statements }
        .flatMap(Tenure.stretches)
      let spoken = said.map(\.number).filter { claims[$0].claim.kind == .vrrp }
      let routers = Dictionary(grouping: spoken) { claims[$0].claim.virtualMAC }
      return ClaimedNetwork(
        tenures: (networksAtPoint[network.point] == 1 ? tenures[network.point] : nil)
          ?? Tenure.all(said.flatMap(\.statements)),
        answers: answers.sorted { ($0.first, $0.last, $0.owner) < ($1.first, $1.last, $1.owner) },
        speakers: routers.values.map { numbers in
          Tenure.all(
            numbers.compactMap { number in
              claims[number].claim.speaker.map { Statement(claims[number], by: $0) }
            })
        })
    }
  }

  /// Two speakers of one virtual router that were both master for longer than three advertisement intervals.
  var speakersAtOnce: (IPAddress, IPAddress)? {
    speakers.lazy.compactMap { Self.overlap($0) { max($0.patience, $1.patience, 1) } }.min { $0 < $1 }
  }

  /// Two devices that both own the VIP: their tenures overlap by more than a second, or one has it again without having
  /// announced that, or both answer within a second. In what is explained as a failover, only overlaps count. It lasts where
  /// it goes on for longer than a second: one question that two MACs answer may have met two interfaces of one host.
  func contest(whereExplained explains: (Set<Device>) -> Bool) -> (Device, Device, lasts: Bool)? {
    if let (one, other) = Self.overlap(tenures, longerThan: { max($0.patience, $1.patience, 1) }) {
      return (one, other, true)
    }
    var found: (Device, Device, lasts: Bool)?
    var begun: [Device: Timestamp] = [:]
    var returned: Set<Device> = []
    for (index, tenure) in tenures.enumerated() {
      guard let before = begun[tenure.owner] else {
        begun[tenure.owner] = tenure.first
        continue
      }
      let other = tenures[index - 1].owner
      if tenure.isAnnounced || other == tenure.owner || explains([other, tenure.owner]) { continue }
      returned.insert(tenure.owner)
      // Once to and fro may be a failover that nobody announced; by turns it is none.
      if returned.contains(other), tenure.first.seconds(since: before) > 1 { return (tenure.owner, other, true) }
      found = found ?? (tenure.owner, other, false)
    }
    // Each question that both answer is a turn of its own.
    var answered: Timestamp?
    for (one, other) in zip(answers, answers.dropFirst()) where one.owner != other.owner {
      guard other.first.seconds(since: one.last) <= 1, !explains([one.owner, other.owner]) else { continue }
      if let answered, other.first.seconds(since: answered) > 1 { return (one.owner, other.owner, true) }
      answered = answered ?? other.first
      found = found ?? (one.owner, other.owner, false)
    }
    return found
  }

  /// Two owners whose tenures overlap by more than so many seconds.
  private static func overlap<Owner>(
    _ tenures: [Tenure<Owner>], longerThan least: (Tenure<Owner>, Tenure<Owner>) -> Double
  ) -> (Owner, Owner)? {
    // The one that lasts longest so far, and the one of another owner that does: in the order of their beginnings, no other
    // overlaps more.
    var longest: Tenure<Owner>?
    var next: Tenure<Owner>?
    for tenure in tenures {
      for earlier in [longest, next].compactMap({ $0 }) where earlier.owner != tenure.owner {
        if min(earlier.last, tenure.last).seconds(since: tenure.first) > least(earlier, tenure) {
          return (earlier.owner, tenure.owner)
        }
      }
      guard let known = longest else {
        longest = tenure
        continue
      }
      if tenure.last > known.last {
        if tenure.owner != known.owner { next = known }
        longest = tenure
      } else if tenure.owner != known.owner, next.map({ $0.last < tenure.last }) ?? true {
        next = tenure
      }
    }
    return nil
  }
}
