import Checks

/// What one check says of several services in the very same words.
struct CheckGroup {
  let check: CheckResult
  private(set) var services: [ServicePattern] = []

  private struct Words: Hashable {
    var id: String
    var outcome: CheckResult.Outcome
    var severity: Severity
    var summary: String
    var reason: String
    var remedy: String

    init(_ check: CheckResult) {
      (id, outcome, severity) = (check.id, check.outcome, check.severity)
      (summary, reason, remedy) = (check.summary, check.reason, check.remedy)
    }
  }

  /// Of the checks that are wanted, none of which cites anything; in the order of their ids.
  static func all(in checks: [CheckResult], where isWanted: (CheckResult) -> Bool) -> [CheckGroup] {
    var groups: [CheckGroup] = []
    var numbers: [Words: Int] = [:]
    var known = StatementMemo<Int>()
    for check in checks {
      if let number = known.value(of: check.statementIdentity) {
        groups[number].services.append(check.service)
        continue
      }
      guard isWanted(check) else { continue }
      let words = Words(check)
      let number = numbers[words] ?? groups.count
      if number == groups.count {
        groups.append(CheckGroup(check: check))
        numbers[words] = number
      }
      groups[number].services.append(check.service)
      known.keep(number, of: check.statementIdentity)
    }
    return groups.enumerated().sorted { ($0.element.check.id, $0.offset) < ($1.element.check.id, $1.offset) }
      .map(\.element)
  }
}
