import Tables
import Wire

/// Who is who by the user's word and by tables: what traffic need not show.
struct NamedStations: Sendable {
  struct Backend: Sendable {
    var address: IPAddress
    var mac: MACAddress?
    /// Who says so: `the user`, `lb.ipvsadm`.
    var namedBy: String
  }

  /// MACs that the user names.
  let balancers: Set<MACAddress>
  /// MACs that the own tables of the balancer's host tell, and the host.
  let balancersOfHosts: [MACAddress: String]
  private(set) var backends: [Backend]

  /// Destinations of a balancer's table are backends, but for those that are the balancer itself.
  init(_ policy: Policy, _ hosts: [IPVSHost], vip: IPAddress) {
    balancers = policy.balancerMACs
    balancersOfHosts = [:]
    backends = policy.backends.map { Backend(address: $0.address, mac: $0.mac, namedBy: "the user") }
    for host in hosts where host.role == .balancer {
      for listed in host.destinations where host.forwarding(of: listed)?.isDirect ?? false {
        let address = listed.destination.endpoint.address
        if address != vip, !backends.contains(where: { $0.address == address }) {
          backends.append(Backend(address: address, mac: nil, namedBy: listed.listed.path))
        }
      }
    }
  }
}
