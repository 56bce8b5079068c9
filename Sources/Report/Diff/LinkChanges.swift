import Checks

extension SavedReport {
  /// Links between stations of the site that one report shows of a service and the other does not. Those of clients come and
  /// go with the clients.
  func linkChanges(to later: Self) -> [ReportDiff.Change] {
    let others = later.linksByService
    return linksByService.flatMap { service, before -> [ReportDiff.Change] in
      guard let after = others[service] else { return [] }
      let gone = before.subtracting(after).map { $0.change(of: service, isNew: false) }
      return gone + after.subtracting(before).map { $0.change(of: service, isNew: true) }
    }
  }

  private var linksByService: [String: Set<Link>] {
    guard let links else { return [:] }
    var found: [String: Set<Link>] = [:]
    for service in services {
      guard let legs = service.legs else { continue }
      let own = legs.compactMap { $0.link.flatMap { links.indices ~= $0 ? links[$0] : nil } }
      found[service.service] = Set(own.filter(\.isOfTheSite))
    }
    return found
  }
}

extension SavedReport.Link {
  private static func isOfTheSite(_ role: String) -> Bool {
    switch ServiceVerdict.Leg.Role(rawValue: role) {
    case .router, .balancer, .backend: true
    case .client, .unknown, nil: false
    }
  }

  fileprivate var isOfTheSite: Bool { Self.isOfTheSite(from) && Self.isOfTheSite(to) }

  fileprivate func change(of service: String, isNew: Bool) -> ReportDiff.Change {
    let macs = "\(sourceMAC ?? "no MAC") → \(destinationMAC ?? "no MAC")"
    var layers = encapsulation ?? []
    if let vlan, !vlan.isEmpty { layers.append("VLAN \(vlan.map(String.init).joined(separator: "/"))") }
    let name = "\(half) \(from) → \(to)" + (layers.isEmpty ? "" : " in \(layers.joined(separator: ", "))")
    return ReportDiff.Change(
      effect: .other, service: service, subject: .link, name: name, before: isNew ? nil : macs,
      after: isNew ? macs : nil)
  }
}
