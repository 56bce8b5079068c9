import Tables
import Wire

/// Who is who by the user's word and by tables: what traffic need not show. `docs/ipvs.md` states the rules.
struct NamedStations: Sendable {
  struct Backend: Sendable {
    var address: IPAddress
    var mac: MACAddress?
    /// Who says so: `the user`, `lb.ipvsadm`.
    var namedBy: String
  }

  /// MACs that the user names.
  let balancers: Set<MACAddress>
  /// MACs of the balancer's host, as its own tables tell them.
  let balancersOfHosts: Set<MACAddress>
  private(set) var backends: [Backend]

  init(_ policy: Policy, _ tables: Tables, _ ipvs: [IPVSHost], _ identities: Identities, vip: IPAddress) {
    balancers = policy.balancerMACs
    // A standby balancer lists the service too, and may be a backend meanwhile: who balances has the VIP.
    balancersOfHosts = ipvs.filter { $0.role == .balancer }.reduce(into: []) { found, table in
      guard let host = tables.hosts.first(where: { $0.name == table.name }), host.owns(vip) else { return }
      found.formUnion(identities.macs(of: host.name).filter { identities.host(of: $0) == host.name })
    }
    backends = policy.backends.map { Backend(address: $0.address, mac: $0.mac, namedBy: "the user") }
    for host in ipvs where host.role == .balancer {
      for listed in host.destinations where host.forwarding(of: listed)?.isDirect ?? false {
        let address = listed.destination.endpoint.address
        let mac = identities.mac(of: address)
        // A destination that is the balancer itself is no backend of another MAC.
        if address == vip || mac.map(isBalancer) ?? false { continue }
        if !backends.contains(where: { $0.address == address }) {
          backends.append(Backend(address: address, mac: mac, namedBy: listed.listed.path))
        }
      }
    }
  }

  func isBalancer(_ mac: MACAddress) -> Bool { balancers.contains(mac) || balancersOfHosts.contains(mac) }
}
