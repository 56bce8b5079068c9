import Tables
import Wire

extension Check {
  static let duplicateMAC = Check(
    id: "HOST007", slug: "duplicate-mac", title: "Two hosts have the same MAC in one network",
    page: Page(
      looksFor: """
        The check compares the hosts whose tables are given. It fails if two of them have interfaces with the same MAC
        in the same subnet and with different addresses. Virtual MACs of redundancy protocols (VRRP and the like) do
        not count: hosts share them on purpose. Containers that share their host's MAC (ipvlan) look the same as the
        fault.
        """,
      whyItMatters: """
        The switch sends frames for both hosts to the one that spoke last: connections stall and recover. The balancer
        and the backend look the same, so no capture can prove a return path. Cloned virtual machines have this fault.
        """,
      howToMend: """
        Give one of them another MAC, in the virtual machine's definition or with `ip link set dev eth1 address 06:…`.
        Then clear the neighbours' entries.
        """,
      sources: ["IEEE Std 802-2014, https://standards.ieee.org/ieee/802/4231/", "ip-link(8)", "RFC 9568 section 7.3"])
  ) { service in
    let hosts = service.tables.hosts.filter { $0.interfaces.contains { $0.mac != nil } }
    guard hosts.count > 1 else {
      return .notApplicable(
        hosts.isEmpty ? "no host's addresses are given" : "the addresses of one host alone are given")
    }
    let twins = twins(hosts)
    guard let first = twins.first else {
      return .pass("\(counted(hosts.count, "host")) have no MAC in common in one network")
    }
    return .fail(
      "\(first.one.host) and \(first.other.host) both have \(first.mac)",
      because: "both are in \(first.subnet)", remedy: "give one of them another MAC",
      twins.flatMap { twin in
        [twin.one, twin.other].map { end in
          Exhibit(
            end.line, expected: "a MAC of its own", actual: "\(twin.mac) with \(end.address) on \(end.interface)")
        }
      })
  }
}

private struct Twin {
  struct End: Hashable {
    var host: String
    var interface: String
    var address: IPAddress
    var line: TableLine
  }

  var mac: MACAddress
  var subnet: Subnet
  var one: End
  var other: End
}

/// The first pair of hosts of each MAC and subnet.
private func twins(_ hosts: [HostTables]) -> [Twin] {
  struct Key: Hashable {
    var mac: MACAddress
    var subnet: Subnet
  }
  var order: [Key] = []
  var ends: [Key: [Twin.End]] = [:]
  for host in hosts {
    for interface in host.interfaces {
      guard let mac = interface.mac, interface.speaksARP, mac.redundancyProtocol == nil else { continue }
      for own in interface.addresses where !own.isWhole && !own.address.isLinkLocal {
        let key = Key(mac: mac, subnet: own.subnet)
        if ends[key] == nil { order.append(key) }
        ends[key, default: []].append(
          Twin.End(host: host.name, interface: interface.name, address: own.address, line: own.line))
      }
    }
  }
  return order.compactMap { key in
    let all = ends[key] ?? []
    guard let one = all.first else { return nil }
    let first = Set(all.filter { $0.host == one.host }.map(\.address))
    // With addresses in common it is one host that is given twice, or a network that is not the same one.
    let other = all.first { end in
      end.host != one.host && first.isDisjoint(with: all.filter { $0.host == end.host }.map(\.address))
    }
    return other.map { Twin(mac: key.mac, subnet: key.subnet, one: one, other: $0) }
  }
}
