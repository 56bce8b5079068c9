import Checks

/// What changed from one report to another. `docs/diff.md` has the rules.
public struct ReportDiff: Sendable {
  var before: Verdict.Outcome
  var after: Verdict.Outcome
  /// Worst first, then by service, in the order of `Change.Subject`.
  var changes: [Change] = []
  /// What both reports have, and have alike.
  var unchangedServices: Int
  var unchangedChecks: Int

  public var isWorse: Bool { changes.contains { $0.effect == .worse } }

  struct Change: Sendable, Equatable {
    enum Effect: String, CaseIterable { case worse, better, other }
    enum Subject: String, CaseIterable {
      case verdict, service, proof, assumption, flows, check, owner, balancer, backend, vantage
      /// Of several files alone.
      case link
    }

    var effect: Effect
    /// `nil` for the reports as a whole.
    var service: String?
    var subject: Subject
    /// Which check, path of flows, or address of a station.
    var name: String?
    /// `nil` for what appeared.
    var before: String?
    /// `nil` for what vanished.
    var after: String?
    /// Why, or how many; may be empty.
    var detail = ""
  }

  /// With links where several files are compared.
  public init(from before: SavedReport, to after: SavedReport, hasLinks: Bool = false) {
    self.before = before.verdict
    self.after = after.verdict
    if before.verdict != after.verdict {
      changes.append(
        Change(
          effect: before.verdict.effect(ofBecoming: after.verdict), subject: .verdict, before: before.verdict.rawValue,
          after: after.verdict.rawValue))
    }
    let (earlier, later) = (before.servicesByName, after.servicesByName)
    for (name, service) in earlier {
      changes += later[name].map { service.changes(to: $0) } ?? [service.vanished]
    }
    changes += later.filter { earlier[$0.key] == nil }.map(\.value.appeared)
    let changed = Set(changes.compactMap(\.service))
    let both = Set(earlier.keys).intersection(later.keys)
    let checks = SavedReport.Check.changes(from: before.checks, to: after.checks, of: both)
    changes += checks.changes
    if hasLinks { changes += before.linkChanges(to: after, later) }
    unchangedChecks = checks.compared - checks.changes.count
    unchangedServices = both.subtracting(changed).subtracting(checks.changes.compactMap(\.service)).count
    changes.sort { $0.order < $1.order }
  }

  func changes(_ effect: Change.Effect) -> [Change] { changes.filter { $0.effect == effect } }
}

extension ReportDiff.Change {
  fileprivate var order: (Int, String, Int, String, String) {
    (effect.place, service ?? "", subject.place, name ?? "", after ?? before ?? "")
  }
}

extension CaseIterable where Self: Equatable, AllCases.Index == Int {
  fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension SavedReport {
  /// The first of a name counts: `verify` writes each once.
  var servicesByName: [String: Service] {
    Dictionary(services.map { ($0.service, $0) }) { first, _ in first }
  }
}

extension Verdict.Outcome {
  /// What is only no longer shown has not become better.
  func effect(ofBecoming later: Self) -> ReportDiff.Change.Effect {
    switch (self, later) {
    case (.pass, .inconclusive), (.pass, .fail), (.inconclusive, .fail): .worse
    case (.inconclusive, .pass), (.fail, .pass): .better
    default: .other
    }
  }
}

extension CheckResult.Outcome {
  func effect(ofBecoming later: Self) -> ReportDiff.Change.Effect {
    switch (self, later) {
    case (_, .fail), (.pass, .inconclusive), (.notApplicable, .inconclusive): .worse
    case (.fail, .pass), (.inconclusive, .pass): .better
    default: .other
    }
  }
}
