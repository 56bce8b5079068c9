import Checks

/// How often each check says what, counted once: a scan has millions of results, most of which say the very same.
struct CheckCensus {
  private let verdict: Verdict
  private var counts: [(first: CheckResult, count: Int)] = []

  init(_ verdict: Verdict) {
    self.verdict = verdict
    let checks = verdict.checks
    var known = StatementMemo<Int>()
    for index in checks.indices {
      let statement = checks[index].statementIdentity
      if let number = known.value(of: statement) {
        counts[number].count += 1
      } else {
        known.keep(counts.count, of: statement)
        counts.append((checks[index], 1))
      }
    }
  }

  /// The checks with an outcome, each once, in alphabetical order.
  func names(ofChecksThat outcome: CheckResult.Outcome) -> [String] {
    // Of a check one is enough to tell whether it is for what is missing.
    var found: [String: (first: CheckResult, count: Int)] = [:]
    for (first, count) in counts where first.outcome == outcome && first.severity != .ignore {
      found[first.slug, default: (first, 0)].count += count
    }
    return found.filter { !verdict.isForMissingInput($0.value.first) }.sorted { $0.key < $1.key }.map { slug, found in
      found.count == verdict.services.count ? slug : "\(slug) (\(counted(found.count, "service")))"
    }
  }

  /// The checks that the policy keeps from being run, in alphabetical order.
  var ignored: [String] { Set(counts.filter { $0.first.severity == .ignore }.map(\.first.slug)).sorted() }

  /// Something passed, or did not apply.
  var hasSettled: Bool { counts.contains { $0.first.outcome == .pass || $0.first.outcome == .notApplicable } }
}
