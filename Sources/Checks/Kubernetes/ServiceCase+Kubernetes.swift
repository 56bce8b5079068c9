import Tables
import Wire

/// What the Kubernetes objects say about one service: `docs/kubernetes.md` has the rules.
extension ServiceCase {
  /// The Services of all files, and whether any was given at all.
  var givenServices: [(file: TableFile<KubernetesObjects>, service: KubernetesObjects.Service)] {
    tables.kubernetes.flatMap { file in file.table.services.map { (file, $0) } }
  }

  /// The Services that name the VIP, whatever their ports.
  var servicesAtVIP: [NamedService] {
    givenServices.compactMap { NamedService($0.service, in: $0.file, vip: service.address) }
  }

  /// The Services that this service is: those at the VIP that have its port. Where none has it, all of them, for the port
  /// itself may be the fault; but not where Services share the address, for another may have it.
  var namedServices: [NamedService] {
    let all = servicesAtVIP
    let matching = all.filter { named in named.service.ports.contains { $0.serves(service) } }
    if !matching.isEmpty { return matching }
    return all.contains(where: \.mayShareAddress) ? [] : all
  }

  /// Judges every Service of this service, and says what keeps it from that where there is none.
  func judgeNamedServices(_ judge: (NamedService) -> Finding) -> Finding {
    guard !tables.kubernetes.isEmpty else { return .notApplicable("no Kubernetes objects were given") }
    guard !givenServices.isEmpty else { return .notApplicable("no Kubernetes Service was given") }
    let findings = namedServices.map(judge)
    return Finding.joined(findings) ?? .notApplicable("no Service was given that names \(service.address)")
  }
}

extension Finding {
  /// A fault of one is a fault of all; else what is open stays open, and what passes says more than what does not apply.
  /// `nil` of none.
  static func joined(_ findings: [Finding]) -> Finding? {
    for outcome in [CheckResult.Outcome.fail, .inconclusive, .pass, .notApplicable] {
      let such = findings.filter { $0.outcome == outcome }
      guard var first = such.first else { continue }
      for other in such.dropFirst() where other.summary != first.summary {
        first.summary += "; \(other.summary)"
      }
      first.evidence = Array(such.flatMap(\.evidence).prefix(exhibitLimit))
      return first
    }
    return nil
  }
}
