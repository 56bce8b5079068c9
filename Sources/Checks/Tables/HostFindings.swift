import Tables

extension ServiceCase {
  /// Judges every backend whose tables are given. One that fails fails the service.
  func judgeBackendHosts(
    passing summary: String, remedy: String, _ judge: (BackendHost) -> PartFinding
  ) -> Finding {
    if tables.hosts.isEmpty { return .notApplicable("no host's tables are given") }
    let backends = backendHosts()
    if backends.isEmpty { return .notApplicable("no host that is given is known as a backend") }
    var findings = PartFindings()
    for backend in backends { findings.add(judge(backend).naming(backend.host.name), about: backend.host.name) }
    return findings.finding(
      remedy: remedy,
      failing: { failures in
        "\(failures.map(\.part).joined(separator: ", ")): \(failures.first?.summary ?? "")"
      },
      passing: { "\($0.joined(separator: ", ")): \(summary)" }, none: "no host that is given has what this looks at")
  }
}

extension PartFinding {
  /// What is open, or not judged, with the host that it is about. A fault names all hosts at once.
  fileprivate func naming(_ host: String) -> PartFinding {
    switch self {
    case .pass, .fail: self
    case .open(let summary, let reason, let next, let evidence):
      .open("\(host): \(summary)", because: reason, next: next, evidence)
    case .none(let summary): .none("\(host): \(summary)")
    }
  }
}
