import Checks

extension SavedReport {
  /// Links between stations of the site that one report shows of a service and the other does not. Those of clients come and
  /// go with the clients.
  func linkChanges(to later: Self, _ others: [String: Service]) -> [ReportDiff.Change] {
    guard links != nil, later.links != nil else { return [] }
    var changes: [ReportDiff.Change] = []
    for service in services {
      guard let other = others[service.service] else { continue }
      let (before, after) = (siteLinks(of: service), later.siteLinks(of: other))
      changes += Self.changes(of: service, in: before, besides: after, isNew: false)
      changes += Self.changes(of: service, in: after, besides: before, isNew: true)
    }
    return changes
  }

  private func siteLinks(of service: Service) -> [Link] {
    var found: [Link] = []
    for leg in service.legs ?? [] {
      guard let links, let place = leg.link, links.indices.contains(place), links[place].isOfTheSite else { continue }
      found.append(links[place])
    }
    return found
  }

  private static func changes(
    of service: Service, in found: [Link], besides others: [Link], isNew: Bool
  ) -> [ReportDiff.Change] {
    // Two places may show one link.
    var known: Set<String> = []
    for other in others { known.insert(other.name + other.macs) }
    var changes: [ReportDiff.Change] = []
    for link in found where known.insert(link.name + link.macs).inserted {
      changes.append(
        ReportDiff.Change(
          effect: .other, service: service.service, subject: .link, name: link.name, before: isNew ? nil : link.macs,
          after: isNew ? link.macs : nil))
    }
    return changes
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

  fileprivate var macs: String { (sourceMAC ?? "no MAC") + " → " + (destinationMAC ?? "no MAC") }

  fileprivate var name: String {
    var name = half + " " + from + " → " + to
    for layer in encapsulation ?? [] { name += ", " + layer }
    for identifier in vlan ?? [] { name += ", VLAN " + String(identifier) }
    return name
  }
}
