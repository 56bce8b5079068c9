import Checks

extension Scenario {
  /// The seed of one capture of a run.
  public static func seed(_ number: Int, of base: UInt64) -> UInt64 {
    var dice = Dice(seed: base &+ UInt64(truncatingIfNeeded: number) &* 0xd134_2543_de82_ef95)
    return dice.bits()
  }
}

extension Trial {
  /// What is to be told of it: a wrong verdict, or none where the capture decides; where frames are missing, that only
  /// `ofDamaged` captures too. `nil` where all is well.
  public func complaint(ofDamaged: Bool) -> String? {
    if !comparison.wrong.isEmpty, comparison.limit == nil {
      return (comparison.isMiscount ? "MISCOUNT  " : "WRONG  ") + story
    }
    if comparison.isDecidable, !comparison.isDecided, ofDamaged || scenario.isClean {
      return "UNDECIDED  " + story
    }
    return nil
  }

  /// What was drawn, what was true, and what the tool made of it.
  public var story: String {
    var lines = ["soak --replay \(scenario.seed)", "  \(scenario)"]
    lines += comparison.wrong.map { "  wrong     \($0)" }
    if let limit = comparison.limit { lines.append("  limit     \(limit)") }
    lines.append("  verdict   \(comparison.outcome.map(\.rawValue) ?? "none"): \(comparison.reason)")
    lines.append(
      "  evidence  \(comparison.isDecidable ? "decides" : "does not decide") it, \(frames) frames")
    lines += Self.counted(truths).map { "  truth     \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func counted(_ truths: [String]) -> [String] {
    truths.count <= 12 ? truths : Array(truths.prefix(12)) + ["and \(truths.count - 12) more"]
  }
}
