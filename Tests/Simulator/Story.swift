import Checks
import Wire

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
    for service in verdict.services {
      guard let proof = service.proof else { continue }
      let assumptions = service.assumptions.map(\.rawValue).joined(separator: ", ")
      let balancers = service.balancers.map(\.mac.description).joined(separator: ", ")
      lines.append(
        "  proof     \(service.service): \(proof.rawValue) of balancer \(balancers), assuming \(assumptions)")
    }
    lines += Self.counted(failures).map { "  shows     \($0)" }
    lines.append(
      "  evidence  \(comparison.isDecidable ? "decides" : "does not decide") it, \(frames) frames")
    lines += Self.counted(truths).map { "  truth     \($0)" }
    lines += Self.counted(stations).map { "  station   \($0)" }
    return lines.joined(separator: "\n")
  }

  /// What the checks that fail show for it.
  private var failures: [String] {
    verdict.checks.filter { $0.outcome == .fail }.flatMap { check in
      check.evidence.map { exhibit in
        guard case .frame(let frame) = exhibit.source else { return "\(check.slug): \(exhibit.actual)" }
        return "\(check.slug): frame \(frame.number) of \(frame.capture): \(exhibit.actual)"
      }
    }
  }

  private static func counted(_ truths: [String]) -> [String] {
    truths.count <= 12 ? truths : Array(truths.prefix(12)) + ["and \(truths.count - 12) more"]
  }
}

extension Network {
  /// `balancer 0: 52:54:00:12:34:56 10.1.10.11`.
  var stationTexts: [String] {
    stations.map { station in
      let places = station.interfaces.map { number in
        let interface = interfaces[number]
        let macs = [interface.mac] + interface.members + [interface.virtualMAC].compactMap { $0 }
        return macs.map(\.description).joined(separator: " or ") + " \(interface.address)"
      }
      return "\(station.role) \(station.number): " + places.joined(separator: ", ")
    }
  }
}
