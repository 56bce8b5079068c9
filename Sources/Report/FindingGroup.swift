import Checks

/// What one check found of several services, for the same reason and with the same next step: told once.
struct FindingGroup {
  /// What it found of the first of them.
  let first: CheckResult
  /// In the order of their addresses.
  private(set) var services: [ServicePattern] = []
  /// What was found of each.
  private(set) var summaries: [String] = []

  private struct Kind: Hashable {
    var id: String
    var outcome: CheckResult.Outcome
    var policy: [String]
    var reason: String
    var remedy: String

    init(_ check: CheckResult) {
      (id, outcome, policy) = (check.id, check.outcome, check.policyWords)
      (reason, remedy) = (check.reason, check.remedy)
    }
  }

  private init(_ first: CheckResult) { self.first = first }

  /// What failed, then what is open; first found first.
  static func all(in checks: [CheckResult]) -> [FindingGroup] {
    var groups: [FindingGroup] = []
    var numbers: [Kind: Int] = [:]
    var known = StatementMemo<Int>()
    // By number, for there may be millions, and most are neither.
    for index in checks.indices where checks[index].isFinding {
      let check = checks[index]
      let number: Int
      if let seen = known.value(of: check.statementIdentity) {
        number = seen
      } else {
        let kind = Kind(check)
        number = numbers[kind] ?? groups.count
        known.keep(number, of: check.statementIdentity)
        if number == groups.count {
          groups.append(FindingGroup(check))
          numbers[kind] = number
        }
      }
      groups[number].services.append(check.service)
      groups[number].summaries.append(check.summary)
    }
    return groups.filter { $0.first.outcome == .fail } + groups.filter { $0.first.outcome == .inconclusive }
  }

  /// What was found is the same of all of them.
  var isOneSummary: Bool { summaries.allSatisfy { $0 == first.summary } }
}

extension CheckResult {
  /// It failed, or is open.
  var isFinding: Bool { outcome == .fail || outcome == .inconclusive }
}
