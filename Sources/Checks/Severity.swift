/// How much it counts that a check failed, or was left open.
public enum Severity: String, Sendable, CaseIterable {
  /// It decides the service: a fault fails it, an open check leaves it open.
  case error
  /// It is reported, and decides nothing.
  case warning
  /// The check is not run.
  case ignore
}

extension Policy {
  /// Runs a check as the policy wants it. The outcome stays what the check found: that it decides nothing is written
  /// beside it, and heeded where the outcomes are folded.
  func result(of check: Check, for service: ServiceCase, _ findings: inout ClaimFindings) -> CheckResult {
    let severity = severities[check.id] ?? .error
    let finding =
      severity == .ignore ? .notApplicable("policy ignores it") : findings.finding(of: check, for: service)
    var result = CheckResult(
      id: check.id, slug: check.slug, outcome: finding.outcome, service: service.service, summary: finding.summary,
      reason: finding.reason, next: finding.next, evidence: finding.evidence)
    result.severity = severity
    // Only what is wrong or open is there to be waived.
    if finding.outcome == .fail || finding.outcome == .inconclusive {
      result.waiver = waivers?.waiver(of: check.id, for: service.service)
    }
    return result
  }

  /// How many direct flows prove a service: the most that is asked of any service that it has packets in common with, for
  /// one that is named more narrowly or more widely than another is proved no easier.
  func minimumFlows(of service: ServicePattern) -> Int {
    minimumFlowsOfServices[service]
      ?? minimumFlowsOfServices.filter { $0.key.overlaps(service) }.values.max() ?? minimumFlows
  }

  /// The proof that a pass of the service needs: the strongest asked of any service that it has packets in common with.
  func minimumProof(of service: ServicePattern) -> ServiceVerdict.Proof? {
    minimumProofOfServices[service]
      ?? minimumProofOfServices.filter { $0.key.overlaps(service) }.values.max() ?? minimumProof
  }

  /// What people call a service, or the one that it is part of.
  func name(of service: ServicePattern) -> String? {
    names[service] ?? names.filter { $0.key.covers(service) }.min { $0.key < $1.key }?.value
  }
}

extension CheckResult {
  /// Whether policy keeps it from deciding anything. A waiver that has ended is none.
  public var isTolerated: Bool { severity != .error || waiver?.hasEnded == false }

  /// How policy tolerates it, in a word.
  var toleration: String { severity == .error ? "waived" : severity == .warning ? "a warning" : "ignored" }
}
