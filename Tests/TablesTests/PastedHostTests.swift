import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// What tools print for people, against what they print as JSON of the same host (iproute2 6.1, net-tools 2.10, iptables
/// 1.8.9).
@Suite struct PastedHostTests {
  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/pasted/\(name)"), encoding: .utf8)
  }

  private static func folder(_ names: [String]) throws -> HostTables {
    try HostTables(name: "be1", path: "h", files: names.map { HostTables.File(name: $0, text: try text($0)) })
  }

  private static func pasted(_ text: String, name: String? = nil) throws -> HostTables {
    try HostTables(name: name, pasted: text, path: "h", fallback: "file")
  }

  private static let names = ["addr.json", "neigh.json", "route.json", "route6.json", "rule.json", "rule6.json"]

  @Test func theTextSaysWhatTheJSONSays() throws {
    let (json, text) = (try Self.folder(Self.names), try Self.pasted(Self.text("be1.txt")))
    #expect(text.name == "be1")
    #expect(text.texts == json.texts)
    #expect(text.hasLinkDetails && json.hasLinkDetails)
    #expect(text.interfaces.map(Self.words) == json.interfaces.map(Self.words))
    #expect(text.neighbours.map(Self.words) == json.neighbours.map(Self.words))
    #expect(text.routes.routes.map(Self.words) == json.routes.routes.map(Self.words))
    #expect(text.rules.map(Self.words) == json.rules.map(Self.words))
    #expect(text.rules6.map(Self.words) == json.rules6.map(Self.words))
  }

  private static func words(_ interface: HostTables.Interface) -> String {
    let addresses = interface.addresses.map {
      "\($0.address)/\($0.prefixLength) \($0.scope) \($0.hasNoPrefixRoute) "
        + "\(String(describing: $0.peer)) \($0.duplicateCheck)"
    }
    return "\(interface.name) \(String(describing: interface.mac)) \(interface.linkType) \(interface.flags.sorted()) "
      + "\(interface.parent ?? "") \(interface.master ?? "") \(interface.kind ?? "") "
      + "\(String(describing: interface.tunnel)) \(addresses)"
  }

  private static func words(_ neighbour: HostTables.Neighbour) -> String {
    "\(neighbour.address) \(neighbour.mac) \(neighbour.interface)"
  }

  private static func words(_ route: RouteTable.Route) -> String {
    "\(route.destination) \(route.type) \(route.table) \(route.metric) \(route.hops)"
  }

  private static func words(_ rule: RoutingRule) -> String {
    "\(rule.priority) \(String(describing: rule.source)) \(String(describing: rule.destination)) \(rule.input ?? "") "
      + "\(rule.hasMore) \(rule.isOfVRFs) \(rule.isInverted) \(rule.action)"
  }

  /// Lines are the file's.
  @Test func everyFactKnowsItsLine() throws {
    let lines = try Self.text("be1.txt").split(separator: "\n", omittingEmptySubsequences: false)
    let host = try Self.pasted(Self.text("be1.txt"))
    for interface in host.interfaces {
      #expect(lines[interface.line.number - 1].contains(" \(interface.name)"))
      for address in interface.addresses {
        #expect(lines[address.line.number - 1].contains("\(address.address)"))
      }
    }
    for neighbour in host.neighbours { #expect(lines[neighbour.line.number - 1].hasPrefix("\(neighbour.address) ")) }
    for route in host.routes.routes {
      let word = route.destination.length == 0 ? "default" : "\(route.destination.address)"
      #expect(lines[route.line.number - 1].contains(word))
    }
  }

  /// Without prompts what stands there tells its kind.
  @Test func promptsAreNotNeeded() throws {
    let bare = try Self.text("be1.txt").split(separator: "\n").filter { !$0.hasPrefix("root@") }.joined(separator: "\n")
    let (with, without) = (try Self.pasted(Self.text("be1.txt")), try Self.pasted(bare))
    #expect(without.name == "file")
    #expect(without.interfaces.map(Self.words) == with.interfaces.map(Self.words))
    #expect(without.neighbours.count == with.neighbours.count)
  }

  @Test(arguments: ["arp-an", "arp-n"])
  func neighboursOfARPAreRead(name: String) throws {
    let host = try Self.pasted(Self.text(name))
    #expect(
      Set(host.neighbours.map { "\($0.address) \($0.mac) \($0.interface)" }) == [
        "10.1.10.5 06:00:00:00:00:05 eth1", "10.1.10.1 06:00:00:00:00:01 eth1",
      ])
    #expect(host.texts == [.arp])
  }

  @Test func windowsNeighboursAreRead() throws {
    let host = try Self.pasted(
      """
      C:\\Users\\me>arp -a

      Interface: 10.1.10.21 --- 0x3
        Internet Address      Physical Address      Type
        10.1.10.1             06-00-00-00-00-01     dynamic
        10.1.10.255           ff-ff-ff-ff-ff-ff     static
        224.0.0.22            01-00-5e-00-00-16     static

      """)
    #expect(host.neighbours.map { "\($0.address) \($0.mac)" } == ["10.1.10.1 06:00:00:00:00:01"])
  }

  /// ifconfig leaves out addresses that have no label: what it does not show may be there.
  @Test func ifconfigTellsAddressesAndNotThatThereAreNoOthers() throws {
    let host = try Self.pasted(Self.text("ifconfig"))
    let json = try Self.folder(["addr.json"])
    #expect(!host.texts.contains(.addresses))
    for interface in host.interfaces {
      let same = try #require(json.interfaces.first { $0.name == interface.name })
      #expect(interface.mac == same.mac && interface.speaksARP == same.speaksARP)
      #expect(interface.isLoopback == same.isLoopback)
      #expect(interface.addresses.allSatisfy { own in same.addresses.contains { $0.address == own.address } })
    }
    let old = try Self.pasted(
      """
      eth0      Link encap:Ethernet  HWaddr 06:D2:0A:B1:14:20
                inet addr:10.1.10.21  Bcast:10.1.10.255  Mask:255.255.255.0
                inet6 addr: fe80::4d2:aff:feb1:1420/64 Scope:Link
                UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

      lo:0      Link encap:Local Loopback
                inet addr:10.1.10.10  Mask:255.255.255.255
                UP LOOPBACK RUNNING  MTU:16436  Metric:1
      """)
    #expect(old.interfaces.map(\.name) == ["eth0", "lo"])
    #expect(old.interfaces.map(\.speaksARP) == [true, false])
    #expect(old.interfaces.map { $0.addresses.map(\.prefixLength) } == [[24, 64], [32]])
  }

  /// What was asked for one interface says nothing of the others.
  @Test func aPartIsNotTakenForTheWhole() throws {
    let bare = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00\n"
    let lo = bare + "    inet 127.0.0.1/8 scope host lo\n"
    #expect(!(try Self.pasted(lo)).texts.contains(.addresses))
    let link = "2: eth1: <BROADCAST,UP,LOWER_UP> mtu 1500\n    link/ether 06:d2:0a:b1:14:20 brd ff:ff:ff:ff:ff:ff\n"
    #expect(!(try Self.pasted(bare + link)).texts.contains(.addresses))
    #expect(try Self.pasted(lo + link).texts.contains(.addresses))
    #expect(throws: HostFileError.self) { try Self.pasted("root@be1:~# ip addr show dev lo\n" + lo) }
    #expect {
      try Self.pasted(lo + "...\n" + link)
    } throws: { ($0 as? HostFileError)?.error.line == 4 }
  }

  @Test func whatIsNoHostsTextIsRefusedByItsLine() {
    for (text, line) in [
      ("hello\n", 1), ("", 0), ("root@a:~# ip rule\n0: from all lookup local\nroot@b:~# ip rule\nx\n", 0),
      ("2: eth1: <UP> mtu 1500\n    inet 10.1.10.300/24\n", 2), ("root@a:~# ip rule\nx: from all\n", 2),
      ("root@a:~# ip route\ndefault via x dev eth0\n", 2), ("1: lo    inet 127.0.0.1/8 scope host lo\n", 1),
    ] {
      #expect {
        try Self.pasted(text)
      } throws: { ($0 as? HostFileError)?.error.line == line }
    }
  }

  /// All forms of the same rules.
  @Test(arguments: ["arptables-S", "arptables-nvL", "arptables-numbers"])
  func arptablesIsReadInEveryForm(name: String) throws {
    func fates(_ name: String) throws -> [String] {
      let file = HostTables.File(name: "arptables", text: try Self.text(name))
      let host = try HostTables(name: "h", path: "h", files: [file])
      let rules = try #require(host.arpRules)
      let vip = try #require(IPAddress("10.1.10.10"))
      let other = try #require(IPAddress("10.1.10.21"))
      return [
        ARPRules.Packet.question(for: vip, by: "eth1"), .question(for: other, by: "eth1"),
        .sent(by: vip, operation: 2, on: "eth1"),
      ].map { "\(String(describing: rules.action(on: $0)))" }
    }
    #expect(try fates(name) == fates("arptables-save"))
  }

  @Test(arguments: ["iptables-S", "iptables-nvL", "iptables-numbers", "iptables-nL"])
  func marksAreReadInEveryForm(name: String) throws {
    let marks = try FirewallMarks(text: Self.text(name))
    let found = marks.targets.mapValues { targets in
      targets.map { "\($0.transport?.rawValue ?? "any") \($0.address) \($0.port.map(String.init) ?? "any")" }
    }
    #expect(
      found == [
        5: ["tcp 10.1.10.10 80"], 6: ["tcp 10.1.10.10 81", "tcp 10.1.10.10 443", "tcp 10.1.10.10 90"],
        8: ["udp 10.1.10.12 53", "udp 10.1.10.12 54"], 9: ["any 10.1.10.13 any"],
      ])
    // The mark with a mask depends on more than its rule.
    let lines = try Self.text(name).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(marks.unread.count == 1)
    #expect(marks.unread.allSatisfy { lines[$0.line - 1].contains("0x7/0xff") })
  }

  @Test func mapsOfMarksAreRead() throws {
    let marks = try FirewallMarks(
      text: """
        table ip m {
          chain pre {
            type filter hook prerouting priority mangle;
            meta mark set ip daddr map { 10.1.10.10 : 0x00000005, 10.1.10.11 : 0x00000006 }
            ip daddr 10.1.10.12 meta mark set tcp dport map { 80 : 0x00000007 }
            iifname != "eth9" ether saddr != 06:00:00:00:00:05 ip daddr 10.1.10.13 meta mark set 8
            ip daddr @vips meta mark set 9
          }
        }
        """)
    #expect(
      marks.targets.mapValues { $0.map { "\($0.address) \($0.port ?? 0)" } } == [
        5: ["10.1.10.10 0"], 6: ["10.1.10.11 0"], 7: ["10.1.10.12 80"], 8: ["10.1.10.13 0"],
      ])
    #expect(marks.unread.map(\.line) == [7])
  }

  /// The kernel's own files tell settings; what stands below /etc need not hold, and other commands are passed over with a word.
  @Test func settingsFromTheKernelsFiles() throws {
    let host = try Self.pasted(
      """
      [root@be1 ~]# cat /proc/sys/net/ipv4/conf/all/arp_ignore
      1
      [root@be1 ~]# cat /proc/sys/net/ipv4/conf/lo/arp_ignore /proc/sys/net/ipv4/conf/eth0.10/arp_announce
      0
      2
      [root@be1 ~]# grep . /proc/sys/net/ipv4/conf/*/rp_filter
      /proc/sys/net/ipv4/conf/all/rp_filter:0
      /proc/sys/net/ipv4/conf/eth0.10/rp_filter:1
      [root@be1 ~]# cat /etc/sysctl.conf
      # Kernel
      net.ipv4.conf.all.arp_ignore = 2
      net.ipv4.ip_forward = 1
      [root@be1 ~]# uptime
       10:00:00 up 1 day,  load average: 0.00
      [root@be1 ~]# cat /proc/sys/net/ipv4/conf/*/arp_ignore
      1
      """)
    #expect(
      host.settings.mapValues(\.value) == [
        "net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.lo.arp_ignore": 0,
        "net.ipv4.conf.eth0/10.arp_announce": 2, "net.ipv4.conf.all.rp_filter": 0,
        "net.ipv4.conf.eth0/10.rp_filter": 1,
      ])
    #expect(host.settings["net.ipv4.conf.eth0/10.arp_announce"]?.line.number == 5)
    #expect(host.passedOver.map(\.line) == [13, 15] && host.passedOver.first?.command == "uptime")
  }

  @Test func routesInColumns() throws {
    let rows = """
      Kernel IP routing table
      Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
      0.0.0.0         10.1.10.1       0.0.0.0         UG    100    0        0 eth1
      10.1.10.0       0.0.0.0         255.255.255.0   U     0      0        0 eth1
      10.9.0.0        -               255.255.0.0     !     0      -        0 -

      """
    let plain = """
      default via 10.1.10.1 dev eth1 metric 100
      10.1.10.0/24 dev eth1 scope link
      unreachable 10.9.0.0/16

      """
    let wanted = try Self.pasted("$ ip route\n" + plain).routes.routes.map(Self.words)
    for prompt in ["", "$ route -n\n", "root@be1:~# route -n\n"] {
      let host = try Self.pasted(prompt + rows)
      #expect(host.texts == [.routes])
      #expect(host.routes.routes.prefix(2).map(Self.words) == wanted.prefix(2).map { $0 })
      #expect(host.routes.routes.last?.type == "unreachable")
    }
    #expect(throws: HostFileError.self) { try Self.pasted(rows.replacing("10.1.10.1 ", with: "_gateway ")) }
  }

  /// A namespace, a container or another host is a host of its own.
  @Test(arguments: [
    "ip netns exec be1 ip route", "sudo ip netns exec be1 /sbin/ip route", "ip -n be1 route",
    "docker exec -it be1 ip route",
    "kubectl exec -n kube-system be1 -c proxy -- ip route", "kubectl -n lab exec be1 -- ip route show",
    "ssh root@be1 ip route",
  ])
  func commandsThatRunElsewhere(command: String) throws {
    let routes = "default via 10.1.10.1 dev eth1\n"
    for prompt in ["$ ", "[root@lb1 ~]# "] {
      let host = try Self.pasted("\(prompt)\(command)\n\(routes)")
      #expect(host.name == "be1" && host.routes.routes.count == 1)
      #expect(throws: HostFileError.self) {
        try Self.pasted("\(prompt)\(command)\n\(routes)\(prompt)ip route\n\(routes)")
      }
      #expect(throws: HostFileError.self) {
        try Self.pasted("\(prompt)\(command)\n\(routes)\(prompt)\(command.replacing("be1", with: "be2"))\n\(routes)")
      }
    }
  }

  @Test func ofACommandGivenTwiceTheLaterTextCounts() throws {
    let host = try Self.pasted(
      "$ ip route\ndefault via 10.1.10.2 dev eth1\n$ ip route replace default via 10.1.10.1\n$ ip route\ndefault via 10.1.10.1 dev eth1\n"
    )
    #expect(host.routes.routes.map { $0.hops.first?.gateway } == [IPAddress("10.1.10.1")])
  }

  /// A part of a firewall says nothing of the rest, and what is none would let everything pass.
  @Test func partsOfAFirewall() throws {
    let rules = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"
    let ruleset =
      "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n"
    let vip = try #require(IPAddress("10.1.10.10"))
    for (text, isWhole) in [(rules, true), (ruleset, true), ("-P INPUT ACCEPT\n", false), ("", true)] {
      #expect(InvalidStateRules(text: text, vip: vip, port: 80).isWhole == isWhole)
    }
    for command in [
      "iptables-save | grep INPUT", "nft list table inet filter", "nft list ruleset | head", "iptables -S | grep 80",
    ] {
      let host = try Self.pasted(
        "root@lb:~# \(command)\n-A INPUT -p tcp -j ACCEPT\nroot@lb:~# ip route\ndefault via 10.1.10.1 dev eth1\n")
      #expect(host.firewalls.isEmpty)
    }
    #expect(try Self.pasted("root@lb:~# nft -a list ruleset\n" + ruleset).firewalls.count == 1)
    #expect(throws: HostFileError.self) {
      try HostTables(name: "lb", path: "h", files: [.init(name: "nftables", text: "{\"nftables\": []}")])
    }
  }

  /// `nft -a` puts a number behind the brace.
  @Test func handlesAreNoWords() throws {
    let text = """
      table inet filter { # handle 1
        chain input { # handle 2
          type filter hook input priority filter; policy accept;
          ct state invalid drop # handle 3
        }
      }
      table arp filter { # handle 4
        chain input { # handle 1
          type filter hook input priority filter; policy accept;
          arp daddr ip 10.1.10.10 drop # handle 2
        }
      }

      """
    let vip = try #require(IPAddress("10.1.10.10"))
    let rules = InvalidStateRules(text: text, vip: vip, port: 80)
    #expect(rules.fate(at: [.input]) == .dropped(4) && rules.isWhole)
    let host = try HostTables(name: "be1", path: "h", files: [.init(name: "nftables", text: text)])
    #expect(host.possibleARPFilter?.number == 10)
  }

  /// Whatever is done to it, it is read or refused.
  @Test func damageNeverTraps() throws {
    let seed = SeededGenerator.seed(for: "PastedHostTests")
    var generator = SeededGenerator(seed: seed)
    let names = ["be1.txt", "arp-an", "arp-n", "ifconfig", "arptables-nvL", "iptables-nvL"]
    let vip = try #require(IPAddress("10.1.10.10"))
    for name in names {
      let bytes = Array(try Self.text(name).utf8.prefix(6000))
      for _ in 0..<200 {
        var damaged = bytes
        for _ in 0...generator.next() % 4 { damaged.damage(using: &generator) }
        let text = String(decoding: damaged, as: UTF8.self)
        do throws(HostFileError) {
          _ = try HostTables(name: "h", pasted: text, path: "h", fallback: "h")
        } catch {
          #expect(error.path == "h", "seed \(seed)")
        }
        _ = InvalidStateRules(text: text, vip: vip, port: 80).fate(at: [.prerouting, .input])
        _ = try? FirewallMarks(text: text)
      }
    }
    let took = ContinuousClock().measure {
      for line in [
        "1: a: <UP> x\n", "10.0.0.1 dev e lladdr 06:00:00:00:00:01 STALE\n", "default via 10.0.0.1 dev e\n",
        "Chain a\n", "...\n", "$ ip addr\n",
      ] {
        _ = try? Self.pasted(String(repeating: line, count: 20_000))
      }
    }
    #expect(took < .seconds(60))
  }
}
