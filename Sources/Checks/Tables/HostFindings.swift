import Tables

/// What a check found about one host.
enum HostFinding {
  case pass
  /// The exhibits come with it: no host fails without a line of its tables.
  case fail(String, because: String, [Exhibit])
  case open(String, because: String, remedy: String, [Exhibit] = [])
  /// The host has nothing that the check judges, or the table that would tell is not given.
  case none(String)
}

extension ServiceCase {
  /// Judges every backend whose tables are given. One that fails fails the service.
  func judgeBackendHosts(
    passing summary: String, remedy: String, _ judge: (BackendHost) -> HostFinding
  ) -> Finding {
    if tables.hosts.isEmpty { return .notApplicable("no host's tables are given (--host)") }
    let backends = backendHosts()
    if backends.isEmpty { return .notApplicable("no host that is given is known as a backend") }
    return Finding(backends.map { ($0.host.name, judge($0)) }, passing: summary, remedy: remedy)
  }
}

extension Finding {
  /// The worst of what was found about several hosts.
  init(_ findings: [(host: String, finding: HostFinding)], passing summary: String, remedy: String) {
    var failures: [(host: String, summary: String, reason: String, evidence: [Exhibit])] = []
    var open: Finding?
    var passed: [String] = []
    var nothing: String?
    for (host, finding) in findings {
      switch finding {
      case .pass: passed.append(host)
      case .fail(let summary, let reason, let evidence): failures.append((host, summary, reason, evidence))
      case .open(let summary, let reason, let remedy, let evidence):
        open = open ?? .inconclusive("\(host): \(summary)", because: reason, remedy: remedy, evidence)
      case .none(let summary): nothing = nothing ?? "\(host): \(summary)"
      }
    }
    if let first = failures.first {
      let hosts = failures.map(\.host).joined(separator: ", ")
      self = .fail(
        "\(hosts): \(first.summary)", because: first.reason, remedy: remedy, failures.flatMap(\.evidence))
    } else if let open {
      self = open
    } else if !passed.isEmpty {
      self = .pass("\(passed.joined(separator: ", ")): \(summary)")
    } else {
      self = .notApplicable(nothing ?? "no host that is given has what this looks at")
    }
  }
}
