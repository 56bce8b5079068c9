import Evidence
public import Tables
import Wire

/// Judges what tables say by themselves: every check that reads tables, without a frame. Of the services that are named,
/// or else of those that the tables list.
///
/// It never passes: where replies return shows in frames alone. `docs/audit.md` has the rules.
public func audit(_ tables: Tables, under policy: Policy) -> Verdict {
  var policy = policy
  if policy.services.isEmpty {
    policy.services = tables.listedServices(policy)
    policy.areServicesFound = true
  }
  // Without a name nothing would be looked for in no traffic, and nothing found.
  var verdict = judge(Evidence(), beside: tables, under: policy)
  verdict.checks = verdict.checks.compactMap(withoutFrames)
  let checks = Dictionary(grouping: verdict.checks, by: \.service)
  for index in verdict.services.indices {
    let results = checks[verdict.services[index].service] ?? []
    let (outcome, ground) = fold(results.filter { !$0.isOfFrames })
    verdict.services[index].rest(
      outcome == .pass ? .inconclusive : outcome, on: ground ?? unproved(results, tables))
  }
  verdict.rest(on: fold(verdict.services, none: Ground("no service is named, and no table lists one", next: .nameVIP)))
  return verdict
}

private func unproved(_ results: [CheckResult], _ tables: Tables) -> Ground {
  let nobody =
    !tables.hosts.isEmpty && results.contains { $0.id == Check.vipNotOnBackend.id && $0.outcome == .notApplicable }
  return Ground(
    "nothing in the tables speaks against direct return\(results.tolerated)"
      + (nobody
        ? ", but no host that is given is known as a backend: name the backends, or give the balancer's table" : "")
      + "; where replies return shows in frames alone", next: .captureBesideTables)
}

/// Of the checks that judge frames the one is left that proves the return path: it says that nothing was proved.
private func withoutFrames(_ result: CheckResult) -> CheckResult? {
  guard result.isOfFrames else { return result }
  guard result.id == Check.replyViaBalancer.id else { return nil }
  guard result.severity != .ignore else { return result }
  var result = result
  result.summary = "the return path is not proved"
  result.reason = "tables tell what is set up, and frames alone where replies return"
  result.next = .captureBesideTables
  return result
}

extension CheckResult {
  /// It judges frames: without any there is nothing to say.
  fileprivate var isOfFrames: Bool { id.hasPrefix("DSR") || id.hasPrefix("ARP") }
}

extension Tables {
  /// What balancers are set up to return directly; where no balancer's table is given, what Kubernetes puts on its nodes;
  /// else all that is listed. In their order, each once.
  fileprivate func listedServices(_ policy: Policy) -> [ServicePattern] {
    let balancers = ipvsServices(policy) { service in
      service.destinations.contains { $0.forwarding?.isDirect ?? false }
    }
    let virtuals = as3Services { $0.virtual.translatesAddress.value == false }
    for found in [
      balancers + virtuals, kubernetesServices, ipvsServices(policy) { _ in true } + as3Services { _ in true },
    ]
    where !found.isEmpty {
      return Set(found).sorted()
    }
    return []
  }

  /// The VIPs of IPVS services; of firewall marks what these stand for.
  func ipvsServices(_ policy: Policy, _ isMeant: (IPVSTable.Service) -> Bool) -> [ServicePattern] {
    ipvs.flatMap { file in
      file.table.services.filter(isMeant).flatMap { service -> [ServicePattern] in
        switch service.name {
        case .firewallMark(let mark, _):
          (policy.firewallMarks[mark] ?? []).filter {
            $0.address.version == file.table.version(of: service) ?? $0.address.version
          }
        case .endpoint(let transport, let endpoint):
          transport.carried.map { [ServicePattern($0, endpoint)] } ?? []
        }
      }
    }
  }

  /// The single addresses of virtual servers that balance.
  private func as3Services(_ isMeant: (BigIPVirtual) -> Bool) -> [ServicePattern] {
    bigIPVirtuals.filter { $0.takesRequests && isMeant($0) }.flatMap { found in
      let port = found.virtual.port.value.flatMap { $0 == 0 ? nil : $0 }
      let transport = TransportProtocol.allCases.first { $0.name == found.virtual.layer4.value }
      return found.virtual.addresses.compactMap(\.subnet).filter { $0.length == $0.address.bitWidth }.map {
        ServicePattern(address: $0.address, transport: transport, port: port)
      }
    }
  }

  /// The ports of Services that nodes take requests for from outside.
  private var kubernetesServices: [ServicePattern] {
    kubernetes.flatMap { $0.table.services }.flatMap { service -> [ServicePattern] in
      let balanced = service.type?.value == .loadBalancer
      let addresses =
        service.externalIPs.map(\.value)
        + (balanced
          ? service.annotatedIPs.map(\.value) + service.ingress.compactMap(\.ip?.value)
            + [service.loadBalancerIP?.value].compactMap { $0 } : [])
      return addresses.flatMap { address in
        service.ports.compactMap { port in
          TransportProtocol.allCases.first { $0.name == port.transport.rawValue.lowercased() }.map {
            ServicePattern(address: address, transport: $0, port: port.port.value)
          }
        }
      }
    }
  }
}
