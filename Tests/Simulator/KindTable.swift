import Checks

/// The tally of many trials, by what is out of the ordinary in them. A trial of several kinds counts for each.
public struct KindTable: Sendable, CustomStringConvertible {
  struct Row: Sendable {
    var captures = 0
    var passed = 0
    var failed = 0
    /// A pass or a fail that is right, that is wrong, that is wrong as documented; no verdict.
    var right = 0
    var wrong = 0
    var miscounted = 0
    var limits = 0
    var undecided = 0
    /// And of these, those that the capture decides.
    var missed = 0
    var decidable = 0
  }

  private var rows: [Scenario.Kind: Row] = [:]

  public init() {}

  public mutating func add(_ trial: Trial) {
    let comparison = trial.comparison
    for kind in trial.scenario.kinds {
      var row = rows[kind, default: Row()]
      row.captures += 1
      if comparison.outcome == .pass { row.passed += 1 }
      if comparison.outcome == .fail { row.failed += 1 }
      if comparison.isDecidable { row.decidable += 1 }
      if comparison.limit != nil {
        row.limits += 1
      } else if comparison.isMiscount {
        row.miscounted += 1
      } else if !comparison.wrong.isEmpty {
        row.wrong += 1
      } else if comparison.isDecided {
        row.right += 1
      } else {
        row.undecided += 1
        if comparison.isDecidable { row.missed += 1 }
      }
      rows[kind] = row
    }
  }

  public mutating func merge(_ other: KindTable) {
    for (kind, more) in other.rows {
      var row = rows[kind, default: Row()]
      row.captures += more.captures
      row.passed += more.passed
      row.failed += more.failed
      row.right += more.right
      row.wrong += more.wrong
      row.miscounted += more.miscounted
      row.limits += more.limits
      row.undecided += more.undecided
      row.missed += more.missed
      row.decidable += more.decidable
      rows[kind] = row
    }
  }

  public var description: String {
    var lines = [
      ["kind", "captures", "pass", "fail", "right", "wrong", "miscounts", "limits", "undecided", "decidable", "missed"]
    ]
    for kind in Scenario.Kind.allCases {
      guard let row = rows[kind] else { continue }
      let counts = [
        row.captures, row.passed, row.failed, row.right, row.wrong, row.miscounted, row.limits, row.undecided,
        row.decidable, row.missed,
      ]
      lines.append([kind.rawValue] + counts.map(String.init))
    }
    return Columns.aligned(lines)
  }
}
