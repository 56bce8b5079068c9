import Tables
import Wire

extension Check {
  static let poolDisagreesWithCIS = Check(
    id: "F5008", slug: "pool-disagrees-with-cis", title: "No Service, or more than one, fills the pool by its labels",
    page: Page(
      looksFor: """
        A pool whose first member has empty serverAddresses: CIS fills it from the one Service that bears the labels
        cis.f5.com/as3-tenant, as3-app and as3-pool with the names of the pool's tenant, application and itself. It fails
        if several bear them, or if a Service of the VIP and port, or one whose labels name no pool of the declaration,
        misses them. Without any Service given it is not judged.
        """,
      whyItMatters: """
        A pool that CIS does not fill stays empty, and BIG-IP hands nothing on. Where several Services name one pool, CIS
        fills it from none of them.
        """,
      howToMend: """
        Give exactly one Service the three labels, each with the name as it stands in the declaration, and leave
        serverAddresses of the pool's first member empty.
        """,
      sources: [
        "https://clouddocs.f5.com/containers/v2/kubernetes/kctlr-k8s-as3.html",
        "F5Networks/k8s-bigip-ctlr pkg/appmanager/as3Manager.go (getAS3ObjectFromTemplate, getEndpointsForPool)",
      ])
  ) { service in
    let services = service.tables.poolServices
    let names = Set(
      service.tables.bigIPVirtuals.compactMap { found -> String? in
        guard case .declared(let pool) = found.virtual.pool else { return nil }
        return pool.path
      })
    return service.judgeVirtuals(
      passing: "gets its pool filled by one Service", remedy: "give exactly one Service the pool's three labels"
    ) { found in
      guard case .declared(let pool) = found.virtual.pool else {
        return .none("\(found.virtual.path) has no pool in the declaration")
      }
      let filling = services.filter { $0.namedPool == pool.path }
      guard pool.isFilledByCIS else {
        guard let first = filling.first else { return .none("\(pool.path) has members of its own") }
        return .open(
          "\(first.name) names \(pool.path), which has members of its own",
          because: "CIS fills only a pool whose first member has empty serverAddresses",
          remedy: "empty them, or take the labels from the Service", [first.exhibit(expected: "no such labels")])
      }
      if services.isEmpty { return .none("no Service is given by which CIS fills \(pool.path)") }
      if Set(filling.map(\.name)).count > 1 {
        return .fail(
          "\(Set(filling.map(\.name)).sorted().joined(separator: ", ")) all name \(pool.path)",
          because: "CIS then fills it from none of them",
          filling.map { $0.exhibit(expected: "one Service with these labels") })
      }
      if !filling.isEmpty { return .pass }
      let meant = services.filter { $0.isMeant(for: service.service, pool, declared: names) }
      if let first = meant.first {
        return .fail(
          "\(first.name) does not fill \(pool.path)",
          because: "its labels name \(first.namedPool ?? "no whole pool"), and no other Service names that one",
          meant.flatMap { $0.differences(from: pool) })
      }
      return .open(
        "no Service that is given fills \(pool.path)", because: "another one may bear its labels",
        remedy: "give that Service as well, or label it",
        services.prefix(3).map { $0.exhibit(expected: "the labels of \(pool.path)") })
    }
  }
}

/// A Service, and the file that it was read from.
struct PoolService: Sendable {
  let path: String
  let service: KubernetesObjects.Service

  private static let (tenant, application, pool) = (
    "cis.f5.com/as3-tenant", "cis.f5.com/as3-app", "cis.f5.com/as3-pool"
  )

  var name: String { service.name.description }

  /// The path of the pool that its labels name, if all three are there.
  fileprivate var namedPool: String? {
    guard let tenant = service.labels[Self.tenant]?.value, let application = service.labels[Self.application]?.value,
      let pool = service.labels[Self.pool]?.value
    else { return nil }
    return "/\(tenant)/\(application)/\(pool)"
  }

  fileprivate func exhibit(expected: String) -> Exhibit {
    Exhibit(
      TableLine(path: path, number: service.labels[Self.pool]?.line ?? service.line), expected: expected,
      actual: namedPool.map { "labels of \($0)" } ?? "Service \(name) without the labels")
  }

  /// It tries to fill a pool, and this is the only one that it can mean: it has the VIP and port, or it names a pool of
  /// that application which is not there.
  fileprivate func isMeant(for wanted: ServicePattern, _ pool: AS3Declaration.Pool, declared: Set<String>) -> Bool {
    let labels = service.labels
    guard [Self.tenant, Self.application, Self.pool].contains(where: { labels[$0] != nil }),
      !(namedPool.map { declared.contains($0) } ?? false)
    else { return false }
    let addresses = [service.loadBalancerIP?.value].compactMap { $0 } + service.ingress.compactMap { $0.ip?.value }
    let hasPort = wanted.port.map { port in service.ports.contains { $0.port.value == port } } ?? true
    return addresses.contains(wanted.address) && hasPort
      || labels[Self.tenant]?.value == pool.tenant && labels[Self.application]?.value == pool.application
        && labels[Self.pool] != nil
  }

  fileprivate func differences(from pool: AS3Declaration.Pool) -> [Exhibit] {
    [(Self.tenant, pool.tenant), (Self.application, pool.application), (Self.pool, pool.name)].compactMap {
      label, wanted in
      let written = service.labels[label]
      if written?.value == wanted { return nil }
      return Exhibit(
        TableLine(path: path, number: written?.line ?? service.line), expected: "\(label): \(wanted)",
        actual: written.map { "\(label): \($0.value)" } ?? "no such label")
    }
  }
}

extension Tables {
  /// The Services by whose labels CIS fills pools.
  fileprivate var poolServices: [PoolService] {
    kubernetes.flatMap { file in file.table.services.map { PoolService(path: file.path, service: $0) } }
      + as3.flatMap { file in file.table.services.map { PoolService(path: file.path, service: $0) } }
  }
}
