import Checks

extension SavedReport.Service {
  typealias Change = ReportDiff.Change

  var vanished: Change { Change(effect: .worse, service: service, subject: .service, before: verdict.rawValue) }

  var appeared: Change {
    Change(
      effect: verdict == .fail ? .worse : .other, service: service, subject: .service, after: verdict.rawValue,
      detail: reason ?? "")
  }

  /// What changed of a service, but for its checks.
  func changes(to later: Self) -> [Change] {
    var changes: [Change] = []
    if verdict != later.verdict {
      changes.append(
        Change(
          effect: verdict.effect(ofBecoming: later.verdict), service: service, subject: .verdict,
          before: verdict.rawValue, after: later.verdict.rawValue, detail: later.reason ?? ""))
    }
    if let proof, let other = later.proof, proof != other {
      changes.append(
        Change(
          effect: Self.effect(of: proof, becoming: other), service: service, subject: .proof, before: proof,
          after: other))
    }
    changes += assumptionChanges(to: later)
    if let vantage, let other = later.vantage, vantage != other {
      changes.append(Change(effect: .other, service: service, subject: .vantage, before: vantage, after: other))
    }
    changes += flowChanges(to: later)
    changes += ownerChanges(to: later)
    changes += stationChanges(.balancer, from: balancers, to: later.balancers)
    changes += stationChanges(.backend, from: backends, to: later.backends)
    return changes
  }

  private static func effect(of proof: String, becoming later: String) -> Change.Effect {
    guard let one = ServiceVerdict.Proof(rawValue: proof), let other = ServiceVerdict.Proof(rawValue: later) else {
      return .other
    }
    return other < one ? .worse : .better
  }

  /// What one verdict takes for granted and the same verdict, later, does not. Another verdict rests on something else.
  private func assumptionChanges(to later: Self) -> [Change] {
    guard verdict == later.verdict, let assumptions, let others = later.assumptions else { return [] }
    let (before, after) = (Set(assumptions), Set(others))
    let words = { (name: String) in Assumption(rawValue: name)?.words ?? "" }
    return after.subtracting(before).sorted().map {
      Change(effect: .other, service: service, subject: .assumption, after: $0, detail: words($0))
    }
      + before.subtracting(after).sorted().map {
        Change(effect: .other, service: service, subject: .assumption, before: $0)
      }
  }

  /// Who claims the VIP. Where nobody was seen to before, who does now may have done so all along.
  private func ownerChanges(to later: Self) -> [Change] {
    guard let claims, let others = later.claims else { return [] }
    let (before, after) = (Set(claims.map(\.mac)), Set(others.map(\.mac)))
    let known = before.isEmpty ? "" : "claimed before by \(before.sorted().joined(separator: ", "))"
    return after.subtracting(before).map {
      Change(effect: before.isEmpty ? .other : .worse, service: service, subject: .owner, after: $0, detail: known)
    } + before.subtracting(after).map { Change(effect: .other, service: service, subject: .owner, before: $0) }
  }

  private func stationChanges(
    _ role: Change.Subject, from before: [SavedReport.Station]?, to after: [SavedReport.Station]?
  ) -> [Change] {
    guard let before, let after else { return [] }
    let (earlier, later) = (Set(before.map(\.mac)), Set(after.map(\.mac)))
    var gone = before.filter { !later.contains($0.mac) }
    var changes: [Change] = []
    for station in after where !earlier.contains(station.mac) {
      var change = Change(
        effect: .other, service: service, subject: role, name: station.addressText, after: station.mac)
      // The same address under another MAC: a network card that was changed, or a machine that was made anew.
      if let same = gone.firstIndex(where: { !Set($0.addresses).isDisjoint(with: station.addresses) }) {
        change.before = gone.remove(at: same).mac
      }
      changes.append(change)
    }
    return changes
      + gone.map { Change(effect: .other, service: service, subject: role, name: $0.addressText, before: $0.mac) }
  }
}

extension SavedReport.Station {
  fileprivate var addressText: String? { addresses.isEmpty ? nil : addresses.joined(separator: ", ") }
}

extension SavedReport.Check {
  private struct Key: Hashable {
    var service: String
    var id: String
  }

  /// What became of the checks that both reports have of these services, and how many these are.
  static func changes(
    from before: [Self], to after: [Self], of services: Set<String>
  ) -> (changes: [ReportDiff.Change], compared: Int) {
    let later = Dictionary(after.map { (Key(service: $0.service, id: $0.id), $0) }) { first, _ in first }
    var seen: Set<Key> = []
    var changes: [ReportDiff.Change] = []
    for check in before where services.contains(check.service) {
      let key = Key(service: check.service, id: check.id)
      guard let other = later[key], seen.insert(key).inserted, check.outcome != other.outcome else { continue }
      let effect = check.outcome.effect(ofBecoming: other.outcome)
      changes.append(
        ReportDiff.Change(
          effect: effect == .worse && other.isTolerated ? .other : effect, service: check.service, subject: .check,
          name: "\(other.id) \(other.slug)", before: check.outcome.rawValue, after: other.outcome.rawValue,
          detail: other.summary ?? ""))
    }
    return (changes, seen.count)
  }
}
