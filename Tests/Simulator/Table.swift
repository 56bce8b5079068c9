import Checks

/// The tally of many trials, by vantage.
public struct Table: Sendable, CustomStringConvertible {
  public struct Row: Sendable {
    public var captures = 0
    public var passed = 0
    public var failed = 0
    /// Of captures of which nothing was lost or cut, and of the rest.
    public var clean = Share()
    public var damaged = Share()
    public var wrong = 0
    /// The verdict is right, and flows are counted to the wrong fate.
    public var miscounted = 0
    public var limits = 0
  }

  /// How many of the decidable captures were decided.
  public struct Share: Sendable {
    public var decidable = 0
    public var decided = 0

    var text: String {
      guard decidable > 0 else { return "-" }
      let hundredths = decided * 10_000 / decidable
      let fraction = hundredths % 100
      return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
    }

    /// Whether these captures are compatible with a share of `bar` or more. They are a sample: where the true share is the
    /// bar, as many are missed as here, or more, by chance once in 700 runs.
    func isAtLeast(_ bar: Double) -> Bool {
      let sample = Double(decidable)
      guard decidable < 1000 else {
        return Double(decided) >= bar * sample - 3 * (sample * bar * (1 - bar)).squareRoot()
      }
      // Of few captures the three standard deviations would allow none to be missed.
      var chance = (0..<decidable).reduce(1) { chance, _ in chance * bar }
      var ofFewer = 0.0
      for missed in 0..<decidable - decided {
        ofFewer += chance
        chance *= (sample - Double(missed)) / Double(missed + 1) * (1 - bar) / bar
      }
      return 1 - ofFewer >= 1.0 / 700
    }
  }

  public private(set) var rows: [Scenario.Vantage: Row] = [:]

  public init() {}

  public mutating func add(_ trial: Trial) {
    var row = rows[trial.scenario.vantage, default: Row()]
    let comparison = trial.comparison
    row.captures += 1
    if comparison.outcome == .pass { row.passed += 1 }
    if comparison.outcome == .fail { row.failed += 1 }
    if comparison.isDecidable {
      let decided = comparison.isDecided ? 1 : 0
      if trial.scenario.isClean {
        row.clean.decidable += 1
        row.clean.decided += decided
      } else {
        row.damaged.decidable += 1
        row.damaged.decided += decided
      }
    }
    if comparison.limit != nil {
      row.limits += 1
    } else if comparison.isMiscount {
      row.miscounted += 1
    } else if !comparison.wrong.isEmpty {
      row.wrong += 1
    }
    rows[trial.scenario.vantage] = row
  }

  public mutating func merge(_ other: Table) {
    for (vantage, more) in other.rows {
      var row = rows[vantage, default: Row()]
      row.captures += more.captures
      row.passed += more.passed
      row.failed += more.failed
      row.clean.decidable += more.clean.decidable
      row.clean.decided += more.clean.decided
      row.damaged.decidable += more.damaged.decidable
      row.damaged.decided += more.damaged.decided
      row.wrong += more.wrong
      row.miscounted += more.miscounted
      row.limits += more.limits
      rows[vantage] = row
    }
  }

  /// No more than one verdict of 10,000 is wrong, and in no more than two captures of 10,000 are flows counted wrongly beside a
  /// right one. Of what is decidable 98 % is decided, and of what was damaged 95 %.
  public var isMet: Bool {
    let captures = rows.values.reduce(0) { $0 + $1.captures }
    let miscounted = rows.values.reduce(0) { $0 + $1.miscounted }
    let wrong = rows.values.reduce(0) { $0 + $1.wrong }
    return wrong <= captures / 10_000 && miscounted <= 1 + captures / 5000
      && rows.values.allSatisfy { $0.clean.isAtLeast(0.98) && $0.damaged.isAtLeast(0.95) }
  }

  public var description: String {
    var total = Table()
    for row in rows.values {
      var one = Table()
      one.rows[.client] = row
      total.merge(one)
    }
    var lines = [
      ["vantage", "captures", "pass", "fail", "clean: decidable", "decided", "share"]
        + ["damaged: decidable", "decided", "share", "wrong", "miscounts", "limits"]
    ]
    for vantage in Scenario.Vantage.allCases {
      guard let row = rows[vantage] else { continue }
      lines.append(Self.cells(vantage.rawValue, row))
    }
    lines.append(Self.cells("all", total.rows[.client] ?? Row()))
    return Columns.aligned(lines)
  }

  private static func cells(_ name: String, _ row: Row) -> [String] {
    [
      name, String(row.captures), String(row.passed), String(row.failed), String(row.clean.decidable),
      String(row.clean.decided), row.clean.text, String(row.damaged.decidable), String(row.damaged.decided),
      row.damaged.text, String(row.wrong), String(row.miscounted), String(row.limits),
    ]
  }
}
