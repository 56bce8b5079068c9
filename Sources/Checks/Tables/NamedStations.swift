import Tables
import Wire

/// Who is who by the user's word and by tables: what traffic need not show. `docs/ipvs.md` states the rules.
struct NamedStations: Sendable {
  struct Backend: Sendable {
    var address: IPAddress
    var mac: MACAddress?
    var source: Source
  }

  /// Who names a backend.
  enum Source: Hashable, Comparable, Sendable {
    case user
    /// An IPVS table, by its path.
    case table(String)

    var description: String {
      switch self {
      case .user: "the user"
      case .table(let path): path
      }
    }
  }

  /// MACs that the user names.
  let balancers: Set<MACAddress>
  /// MACs of the balancer's host, as its own tables tell them. A table says who may balance, and does not say that nobody
  /// else does: it is of one moment, and of one host.
  let balancersOfHosts: Set<MACAddress>
  /// MACs that are no balancer's, although they claim the VIP: they are a listed destination's, or their host has the VIP
  /// where it speaks no ARP, and no Route or Tunnel of its own.
  let backendsOfHosts: Set<MACAddress>
  let backends: [Backend]
  private let macs: [IPAddress: Set<MACAddress>]
  private let addresses: [MACAddress: Set<IPAddress>]

  /// The MACs that an address is said to be at.
  func macs(of address: IPAddress) -> Set<MACAddress> { macs[address] ?? [] }

  /// The addresses that a MAC is said to have.
  func addresses(of mac: MACAddress) -> Set<IPAddress> { addresses[mac] ?? [] }

  init(_ policy: Policy, _ tables: Tables, _ ipvs: [IPVSHost], _ identities: Identities, vip: IPAddress) {
    balancers = policy.balancerMACs
    let directing = Set(ipvs.filter { $0.role == .balancer }.compactMap(\.name))
    var balancersOfHosts: Set<MACAddress> = []
    var backendsOfHosts: Set<MACAddress> = []
    for host in tables.hosts {
      let macs = identities.macs(of: host.name).filter { identities.host(of: $0) == host.name }
      if directing.contains(host.name) {
        // A standby balancer lists the service too, and may be a backend meanwhile: who balances has the VIP.
        if host.owns(vip) { balancersOfHosts.formUnion(macs) }
      } else if !host.owns(vip), host.interfaces.contains(where: { !$0.speaksARP && $0.has(vip) }) {
        backendsOfHosts.formUnion(macs)
      }
    }
    var backends = policy.backends.map { Backend(address: $0.address, mac: $0.mac, source: .user) }
    var known = Set(backends.map(\.address))
    for host in ipvs where host.role == .balancer {
      let own = tables.hosts.first { $0.name == host.name }
      for listed in host.destinations where host.forwarding(of: listed)?.isDirect ?? false {
        let address = listed.destination.endpoint.address
        let mac = identities.mac(of: address)
        // A destination that is the balancer itself is no backend of another MAC.
        if address == vip || own?.owns(address) ?? false || mac.map(balancersOfHosts.contains) ?? false { continue }
        if known.insert(address).inserted {
          backends.append(Backend(address: address, mac: mac, source: .table(listed.listed.path)))
        }
        // Who lists the service itself may be a balancer as well.
        // So may be a host that has the VIP where it speaks ARP.
        let name = mac.flatMap { identities.host(of: $0) }
        let mayBalance = name.map { name in
          directing.contains(name) || tables.hosts.contains { $0.name == name && $0.owns(vip) }
        }
        if let mac, !(mayBalance ?? false) { backendsOfHosts.insert(mac) }
      }
    }
    self.balancersOfHosts = balancersOfHosts
    self.backendsOfHosts = backendsOfHosts.subtracting(policy.balancerMACs)
    self.backends = backends
    macs = backends.reduce(into: [:]) { if let mac = $1.mac { $0[$1.address, default: []].insert(mac) } }
    addresses = backends.reduce(into: [:]) { if let mac = $1.mac { $0[mac, default: []].insert($1.address) } }
  }
}
