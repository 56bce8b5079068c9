import Tables
import Wire

extension Check {
  static let poolDisagreesWithCIS = Check(
    id: "F5008", slug: "pool-disagrees-with-cis", title: "No Service, or more than one, fills the pool by its labels",
    page: Page(
      looksFor: """
        CIS fills a pool whose first member has empty serverAddresses. It takes the one Service whose labels
        cis.f5.com/as3-tenant, as3-app and as3-pool name the pool's tenant, application and the pool. The check fails
        if several Services have these labels. It also fails if none has them, and a Service of the VIP and port, or
        one whose labels name no pool of the declaration, was meant. It does not judge a pool if no Service is given.
        """,
      whyItMatters: """
        A pool that CIS does not fill stays empty, and BIG-IP hands nothing on. If several Services name one pool, CIS
        fills it from none of them.
        """,
      howToMend: """
        Give exactly one Service the three labels, each with the name that the declaration has. Leave serverAddresses
        of the pool's first member empty.
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
      let filling = services.filter { $0.service.namedPool == pool.path }
      guard pool.isFilledByCIS else {
        guard let first = filling.first else { return .none("\(pool.path) has members of its own") }
        return .open(
          "\(first.service.name) names \(pool.path), which has members of its own",
          because: "CIS fills only a pool whose first member has empty serverAddresses",
          remedy: "empty them, or take the labels from the Service", [first.exhibit(expected: "no such labels")])
      }
      if services.isEmpty { return .none("no Service is given by which CIS fills \(pool.path)") }
      if Set(filling.map(\.service.name)).count > 1 {
        return .fail(
          "\(Set(filling.map(\.service.name)).sorted().joined(separator: ", ")) all name \(pool.path)",
          because: "CIS then fills it from none of them",
          filling.map { $0.exhibit(expected: "one Service with these labels") })
      }
      if !filling.isEmpty { return .pass }
      let meant = services.filter { $0.isMeant(for: service.service, pool, declared: names) }
      if let first = meant.first {
        return .fail(
          "\(first.service.name) does not fill \(pool.path)",
          because: "its labels name \(first.service.namedPool ?? "no whole pool"), and no other Service names that one",
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
  let service: AS3Declaration.LabelledService

  fileprivate func exhibit(expected: String) -> Exhibit {
    Exhibit(
      TableLine(path: path, number: service.pool?.line ?? service.line), expected: expected,
      actual: service.namedPool ?? "Service \(service.name) without the labels")
  }

  /// It tries to fill a pool, and this is the only one that it can mean: it has the VIP and port, or it names a pool of
  /// that application which is not there.
  fileprivate func isMeant(for wanted: ServicePattern, _ pool: AS3Declaration.Pool, declared: Set<String>) -> Bool {
    guard [service.tenant, service.application, service.pool].contains(where: { $0 != nil }),
      !(service.namedPool.map { declared.contains($0) } ?? false)
    else { return false }
    let hasVIP = service.addresses.contains(wanted.address)
    let hasPort = wanted.port.map { service.ports.contains($0) } ?? true
    return hasVIP && hasPort
      || service.tenant?.value == pool.tenant && service.application?.value == pool.application && service.pool != nil
  }

  fileprivate func differences(from pool: AS3Declaration.Pool) -> [Exhibit] {
    [
      ("as3-tenant", service.tenant, pool.tenant), ("as3-app", service.application, pool.application),
      ("as3-pool", service.pool, pool.name),
    ].filter { $0.1?.value != $0.2 }.map { label, written, wanted in
      Exhibit(
        TableLine(path: path, number: written?.line ?? service.line), expected: "cis.f5.com/\(label): \(wanted)",
        actual: written?.value.map { "cis.f5.com/\(label): \($0)" } ?? "no such label")
    }
  }
}

extension AS3Declaration.LabelledService {
  /// The path of the pool that its labels name, if all three are there.
  fileprivate var namedPool: String? {
    guard let tenant = tenant?.value, let application = application?.value, let pool = pool?.value else { return nil }
    return "/\(tenant)/\(application)/\(pool)"
  }
}

extension Tables {
  /// The Services by whose labels CIS fills pools: those beside a declaration, and those of the cluster.
  var poolServices: [PoolService] {
    as3.flatMap { file in file.table.services.map { PoolService(path: file.path, service: $0) } }
      + kubernetes.flatMap { file in
        file.table.services.map { PoolService(path: file.path, service: AS3Declaration.LabelledService($0)) }
      }
  }
}

extension AS3Declaration.LabelledService {
  fileprivate init(_ service: KubernetesObjects.Service) {
    func label(_ name: String) -> AS3Declaration.Property<String>? {
      service.labels["cis.f5.com/\(name)"].map { .init($0.value, written: $0.value, line: $0.line) }
    }
    self.init(
      name: service.name.description, line: service.line, tenant: label("as3-tenant"), application: label("as3-app"),
      pool: label("as3-pool"),
      addresses: [service.loadBalancerIP?.value].compactMap { $0 } + service.ingress.compactMap { $0.ip?.value },
      ports: service.ports.map(\.port.value))
  }
}
