public import Wire

/// A host's own settings beside the traffic: what `ip -j`, `sysctl -a` and the kernel's own texts say of it.
///
/// Every fact knows its file and line. A text that is missing leaves its facts out; `texts` tells what there was.
public struct HostTables: Sendable {
  /// As the user calls it.
  public var name: String
  /// The folder, as it was named; `live` for this host.
  public var path: String
  /// The kinds of texts that were there.
  public var texts: Set<Text> = []
  public var interfaces: [Interface] = []
  /// The interfaces were printed with their kinds (`ip -d`).
  public var hasLinkDetails = false
  /// Of `ip -j neigh` and of `/proc/net/arp`; those that have a MAC.
  public var neighbours: [Neighbour] = []
  public var routes = RouteTable()
  /// Which packets look in which table (`ip rule`), IPv4's and IPv6's.
  public var rules: [RoutingRule] = []
  public var rules6: [RoutingRule] = []
  /// What its arptables does; `nil` where that is not given.
  public var arpRules: ARPRules?
  /// What `iptables-save` and `nft list ruleset` print of it: read by the checks, with a service in mind.
  public var firewalls: [Firewall] = []
  /// By their names, as `net.ipv4.conf.all.arp_ignore`; a dot in an interface's name is a slash, as `sysctl` has it.
  public var settings: [String: Setting] = [:]
  /// What other commands printed, which nothing here reads: the line of each and its words.
  public var passedOver: [(line: Int, command: String)] = []
  /// Its own IPVS: services, counters and connections, each from one text.
  public var ipvs: [TableFile<IPVSTable>] = []

  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  /// What is known where a text was read.
  public enum Text: String, Sendable, CaseIterable {
    case addresses, neighbours, routes, routes6, rules, rules6, settings, arp, arpRules, iptables, nftables, ipvs,
      counters, connections, windowsInterfaces, windowsAddresses
  }

  /// The text of a firewall.
  public struct Firewall: Sendable {
    public var path: String
    public var text: String
  }

  /// A network interface.
  public struct Interface: Sendable {
    public var name: String
    /// Of Ethernet alone.
    public var mac: MACAddress?
    /// `ether`, `loopback`, `ipip`, `gre`.
    public var linkType: String
    /// `UP`, `LOOPBACK`, `NOARP`.
    public var flags: Set<String>
    public var addresses: [Address] = []
    /// The interface that it stands on, as a VLAN or a macvlan does.
    public var parent: String?
    /// The bridge, bond or VRF that it belongs to.
    public var master: String?
    /// `macvlan`, `vlan`, `vrf`, `ipip`; `nil` where the text was printed without details.
    public var kind: String?
    /// The table of a VRF, by its number.
    public var vrfTable: String?
    /// What it takes packets out of, if it is the end of a tunnel.
    public var tunnel: TunnelDevice?
    /// A program takes its packets before the kernel does.
    public var hasXDP = false
    /// Of Windows alone.
    public var weakHost: WeakHost?
    public var line: TableLine

    public var isLoopback: Bool { flags.contains("LOOPBACK") }
    /// It speaks ARP: no loopback, no dummy (kube-ipvs0 is one), no tunnel, and it is up, with something at its other end.
    public var speaksARP: Bool {
      linkType == "ether" && flags.contains("UP") && flags.isDisjoint(with: ["LOOPBACK", "NOARP", "NO-CARRIER"])
    }
    /// What unpacks IP in IP, GRE or, behind a UDP port, GUE.
    public var isTunnel: Bool { ["ipip", "gre", "sit", "tunnel6", "gre6"].contains(linkType) }
  }

  /// An address of an interface.
  public struct Address: Sendable {
    public var address: IPAddress
    public var prefixLength: Int
    /// `global`, `link`, `host`.
    public var scope: String
    /// The kernel made no route for its subnet.
    public var hasNoPrefixRoute: Bool
    /// The address at the other end. The prefix belongs to it: iproute2 `ip/ipaddress.c`, `print_addrinfo`.
    public var peer: IPAddress?
    public var duplicateCheck = DuplicateCheck.passed
    public var line: TableLine

    public var subnet: Subnet { Subnet(peer ?? address, length: prefixLength) }
    /// The address alone.
    public var isWhole: Bool { prefixLength == address.bitWidth }
    /// The kernel takes packets to it.
    public var isUsable: Bool { duplicateCheck == .passed }
  }

  /// What became of the question whether another host has an IPv6 address (RFC 4862 section 5.4).
  public enum DuplicateCheck: Sendable {
    case passed
    /// `tentative`: until it ends the address receives nothing.
    case running
    /// `dadfailed`: another host has it, and the address never receives anything.
    case failed
  }

  /// A neighbour that has a MAC.
  public struct Neighbour: Sendable {
    public var address: IPAddress
    public var mac: MACAddress
    public var interface: String
    public var line: TableLine
  }

  /// A setting of the kernel.
  public struct Setting: Sendable {
    public var value: Int
    public var line: TableLine
  }
}
