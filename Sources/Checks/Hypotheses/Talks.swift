import Evidence
import Synchronization
import Wire

/// Which devices send packets to addresses of each other's, beside the service: a health check that is answered, a ping,
/// another service. Who talks to a host asks ARP for its address, and needs no other reason to.
final class Talks: Sendable {
  private struct Talk: Hashable {
    var point: Int
    var from: MACAddress
    var to: IPAddress
  }

  private let talks: Set<Talk>
  private let evidence: Evidence
  /// Looked for where it is asked for, for that takes another look at all flows.
  private let routed = Mutex<RoutedPackets?>(nil)
  private let claims: ClaimIndex
  private let services: Set<IPAddress>
  private let devices: Devices

  /// Only of those who asked for an address and were told.
  init(_ evidence: Evidence, _ site: SiteMap, services: Set<IPAddress>) {
    self.services = services
    (devices, claims, self.evidence) = (site.devices, site.claims, evidence)
    var wanted: Set<Talk> = []
    for claim in evidence.claims.keys where claim.kind.isAnswer {
      if let asker = claim.receiver { wanted.insert(Talk(point: claim.point, from: asker, to: claim.address)) }
    }
    let addresses = Set(wanted.map(\.to))
    var talks: Set<Talk> = []
    let links = evidence.links
    // By link: the address that it was looked at for last. Flow after flow to one address goes over few links.
    var lastAddresses: [IPAddress?] = Array(repeating: nil, count: links.count)
    let add = { (records: Span<LinkRecord>, address: IPAddress) in
      guard !records.isEmpty, addresses.contains(address) else { return }
      for index in records.indices where lastAddresses[Int(records[index].link)] != address {
        lastAddresses[Int(records[index].link)] = address
        let link = links[records[index].link]
        guard let source = link.source else { continue }
        let talk = Talk(point: link.point, from: source, to: address)
        if wanted.contains(talk) { talks.insert(talk) }
      }
    }
    if !addresses.isEmpty {
      evidence.forEachFlow { _, lower, higher, fromLower, fromHigher in
        add(fromLower, higher.address)
        add(fromHigher, lower.address)
      }
    }
    for echo in evidence.echoes.keys {
      if let source = echo.source { talks.insert(Talk(point: echo.point, from: source, to: echo.to)) }
    }
    self.talks = talks
  }

  private var routedPackets: RoutedPackets {
    routed.withLock { known in
      if let known { return known }
      let found = RoutedPackets(evidence, devices) { device, address in
        services.contains(address) || claims.claims(on: address).contains { devices.device(of: $0.claim.mac) == device }
      }
      known = found
      return found
    }
  }

  /// Whether `router` hands on what `device` sends to others than `vip` and what else `router` says is its own: a backend may be
  /// a client of the services that it balances.
  func areRouted(from device: Device, by router: Device, besides vip: IPAddress, at point: Int) -> Bool {
    routedPackets.receivers(from: device, by: router, at: point).contains { $0 != vip }
  }

  /// The capture shows what one of `devices` says to `other` itself, and never what that one answers.
  func lacksAnswers(of other: Device, to devices: Set<Device>, at point: Int) -> Bool {
    let routed = routedPackets
    return devices.contains { routed.lacksAnswers(of: other, to: $0, at: point) }
  }

  /// Whether `device` was seen to send something to `address` itself.
  func isExplained(_ device: Device, to address: IPAddress, at point: Int) -> Bool {
    devices.macs(of: device).contains { talks.contains(Talk(point: point, from: $0, to: address)) }
  }
}
