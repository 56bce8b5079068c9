public import Tables
public import Wire

/// Whose MAC is whose, as the hosts' own tables tell it.
///
/// A host's interfaces say it of the host itself, its neighbours of others. What two tables tell otherwise, or what may
/// be another's answer (proxy ARP), is left open.
public struct Identities: Sendable {
  private var hostsByMAC: [MACAddress: Set<String>] = [:]
  private(set) var macsByHost: [String: Set<MACAddress>] = [:]
  /// Of interfaces with a MAC.
  private var ownAddresses: [MACAddress: Set<IPAddress>] = [:]
  private var macsByOwnAddress: [IPAddress: Set<MACAddress>] = [:]
  private var macsByNeighbour: [IPAddress: Set<MACAddress>] = [:]
  private var neighboursByMAC: [MACAddress: Set<IPAddress>] = [:]

  public init(_ tables: Tables) {
    for host in tables.hosts {
      for interface in host.interfaces {
        guard let mac = interface.mac, !interface.isLoopback else { continue }
        // kube-ipvs0 and other dummies have one as well, at which nothing ever arrives.
        if interface.flags.contains("NOARP") { continue }
        hostsByMAC[mac, default: []].insert(host.name)
        macsByHost[host.name, default: []].insert(mac)
        for address in interface.addresses.map(\.address) where !address.isLinkLocal {
          ownAddresses[mac, default: []].insert(address)
          macsByOwnAddress[address, default: []].insert(mac)
        }
      }
      addNeighbours(of: host)
    }
  }

  /// A MAC that has several addresses on one interface of one version may answer for others.
  private mutating func addNeighbours(of host: HostTables) {
    struct Key: Hashable {
      var interface: String
      var mac: MACAddress
      var version: IPAddress.Version
    }
    var addresses: [Key: Set<IPAddress>] = [:]
    for neighbour in host.neighbours where !neighbour.address.isLinkLocal {
      let key = Key(interface: neighbour.interface, mac: neighbour.mac, version: neighbour.address.version)
      addresses[key, default: []].insert(neighbour.address)
    }
    for (key, found) in addresses {
      guard found.count == 1, let address = found.first else { continue }
      macsByNeighbour[address, default: []].insert(key.mac)
      neighboursByMAC[key.mac, default: []].insert(address)
    }
  }

  /// The one host that has an interface with this MAC; `nil` where none or several have.
  public func host(of mac: MACAddress) -> String? {
    guard let hosts = hostsByMAC[mac], hosts.count == 1 else { return nil }
    return hosts.first
  }

  /// The MACs of a host's interfaces.
  public func macs(of host: String) -> Set<MACAddress> { macsByHost[host] ?? [] }

  /// The one MAC that an address is at: its host's word comes before its neighbours'. `nil` where it is at none or at
  /// several.
  public func mac(of address: IPAddress) -> MACAddress? {
    let macs = macsByOwnAddress[address] ?? macsByNeighbour[address] ?? []
    return macs.count == 1 ? macs.first : nil
  }

  /// The addresses that a MAC has: those of its host's interface, else those that its neighbours know.
  public func addresses(of mac: MACAddress) -> [IPAddress] {
    if let own = ownAddresses[mac] { return own.sorted() }
    return (neighboursByMAC[mac] ?? []).filter { self.mac(of: $0) == mac }.sorted()
  }
}
