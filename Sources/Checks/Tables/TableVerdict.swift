import Evidence
public import Tables

/// Judges what IPVS tables say by themselves, of the services that are named, or else of all that they list.
public func judge(_ tables: Tables, under policy: Policy) -> Verdict {
  var policy = policy
  if policy.services.isEmpty { policy.services = Set(tables.ipvsServices(policy) { _ in true }).sorted() }
  var verdict = judge(Evidence(), beside: tables, under: policy)
  verdict.checks.removeAll { !$0.id.hasPrefix("IPVS") }
  let checks = Dictionary(grouping: verdict.checks, by: \.service)
  for index in verdict.services.indices {
    let results = checks[verdict.services[index].service] ?? []
    let (outcome, ground) = fold(results)
    verdict.services[index].rest(outcome, on: ground ?? Ground(nothing(but: results)))
  }
  verdict.rest(on: fold(verdict.services, none: Ground("the tables list no service")))
  // Whether replies return directly, a table never proves.
  if verdict.outcome == .pass { verdict.cause = nothing(but: verdict.checks) }
  return verdict
}

extension ServiceVerdict {
  /// Another outcome, of a part of its checks.
  mutating func rest(_ outcome: Verdict.Outcome, on ground: Ground) {
    self.outcome = outcome
    (cause, next) = (ground.cause, ground.next)
  }
}

extension Verdict {
  mutating func rest(on whole: (outcome: Outcome, ground: Ground)) {
    outcome = whole.outcome
    (cause, next) = (whole.ground.cause, whole.ground.next)
  }
}

private func nothing(but results: [CheckResult]) -> String {
  "nothing in the tables speaks against direct return" + results.tolerated
}

extension Tables {
  func summaries(_ roles: TableRoles) -> [TableSummary] {
    ipvs.map { file in
      let (role, reason) = roles.of(file.host)
      return TableSummary(
        kind: .ipvs, path: file.path, host: file.host, role: role, balancer: file.table.form.balancer, reason: reason)
    } + hosts.map { TableSummary(kind: .host, path: $0.path, host: $0.name) }
      + kubernetes.map { TableSummary(kind: .kubernetes, path: $0.path) }
      + as3.map { file in
        var summary = TableSummary(kind: .as3, path: file.path)
        summary.origin = file.table.origin
        return summary
      }
  }
}

/// Whose each host's IPVS table is, over all services.
struct TableRoles {
  private var found: [String?: [(service: ServicePattern, role: IPVSRole?, reason: String)]] = [:]

  mutating func note(_ service: ServiceCase) {
    for host in service.ipvs where !host.services.isEmpty || host.role != nil {
      found[host.name, default: []].append((service.service, host.role, host.reason))
    }
  }

  func of(_ host: String?) -> (role: IPVSRole?, reason: String) {
    let known = (found[host] ?? []).filter { $0.role != nil }
    guard let first = known.first else {
      return (nil, found[host]?.first?.reason ?? "it has no service that was judged")
    }
    guard let other = known.first(where: { $0.role != first.role }) else { return (first.role, first.reason) }
    return (
      nil,
      "for \(first.service.text) a \(first.role?.rawValue ?? "")'s: \(first.reason); "
        + "for \(other.service.text) a \(other.role?.rawValue ?? "")'s: \(other.reason)"
    )
  }
}
