import Foundation
import Tables
import TestSupport
import Testing
import Wire

@Suite struct HostTextTests {
  private func host(_ files: [String: String]) throws(HostFileError) -> HostTables {
    try HostTables(name: "h", path: "h", files: files.map { HostTables.File(name: $0.key, text: $0.value) })
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test func theTextsOfTheLabAreRead() throws {
    let lab = Repository.fixtures.appending(path: "lab")
    var read = 0
    for scenario in try FileManager.default.contentsOfDirectory(atPath: lab.path).sorted() where scenario != "LIST" {
      for name in try HostFolder.names(in: "lab/\(scenario)") {
        let host = try HostFolder.read(name, "lab/\(scenario)")
        #expect(host.texts.isSuperset(of: [.addresses, .neighbours, .routes, .routes6, .settings, .arp]))
        #expect(host.interfaces.first?.isLoopback == true)
        #expect(host.effective("arp_ignore", on: "eth1") != nil)
        #expect(host.forwards(.v4) != nil && host.forwards(.v6) != nil)
        read += 1
      }
    }
    #expect(read > 80)
  }

  @Test func aBackendOfTheLabIsWhatItWas() throws {
    let host = try HostFolder.read("be1", "lab/tunnel-ipip")
    #expect(host.interfaces.map(\.name) == ["lo", "eth1", "tunl0"])
    #expect(host.interfaces.map(\.mac) == [nil, MACAddress(0x06d2_0ab1_1420), nil])
    #expect(host.interfaces.map(\.speaksARP) == [false, true, false])
    #expect(host.interfaces.map(\.isTunnel) == [false, false, true])
    #expect(host.interfaces[2].addresses.map(\.address) == [try address("10.1.10.10")])
    #expect(host.interfaces[1].addresses[0].prefixLength == 24)
    let effective = try #require(host.effective("arp_announce", on: "eth1"))
    #expect(effective.value == 2)
    #expect(effective.lines.map(\.0.path) == ["lab/tunnel-ipip/be1.sysctl", "lab/tunnel-ipip/be1.sysctl"])
    let lines = try String(contentsOfFile: Repository.fixture("lab/tunnel-ipip/be1.sysctl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines[effective.lines[1].0.number - 1] == "net.ipv4.conf.eth1.arp_announce = 0")
  }

  @Test func aFolderOfSeveralHostsIsToldApartByNames() {
    let names = ["lb.addr.json", "lb2.addr.json", "lb.pcap", "addr.json"]
    #expect(HostTables.prefix(ofFiles: names, host: "lb") == "lb.")
    #expect(HostTables.prefix(ofFiles: names, host: "lb2") == "lb2.")
    #expect(HostTables.prefix(ofFiles: names, host: "be1") == "")
    #expect(!HostTables.isKnown("lb.pcap") && HostTables.isKnown("proc_arp"))
  }

  /// Printed with `-p` every value has its own line.
  @Test func everyFactKnowsItsLine() throws {
    let host = try host([
      "addr.json": """
      [ {
              "ifname": "eth0",
              "link_type": "ether",
              "flags": [ "UP" ],
              "address": "02:00:00:00:00:01",
              "news": { "unknown": [ 1, null ] },
              "addr_info": [ {
                      "family": "inet",
                      "local": "192.0.2.1",
                      "prefixlen": 24
                  },{
                      "family": "inet6",
                      "local": "2001:db8::1",
                      "prefixlen": 64,
                      "noprefixroute": true
                  },{ } ]
          },{ } ]
      """
    ])
    #expect(host.interfaces.count == 1)
    #expect(host.interfaces[0].line == TableLine(path: "h/addr.json", number: 1))
    #expect(host.interfaces[0].addresses.map(\.line.number) == [7, 11])
    #expect(host.interfaces[0].addresses.map(\.hasNoPrefixRoute) == [false, true])
  }

  /// iproute2 prints the peer as `address`, and the prefix is the peer's.
  @Test func thePrefixBelongsToThePeer() throws {
    let host = try host([
      "addr.json": #"[{"ifname":"eth0","addr_info":[{"family":"inet","local":"192.0.2.1","address":"198.51.100.7","#
        + #""prefixlen":24}]}]"#
    ])
    let own = try #require(host.interfaces.first?.addresses.first)
    #expect(own.address == (try address("192.0.2.1")))
    #expect(own.subnet == Subnet(try address("198.51.100.0"), length: 24))
    #expect(throws: HostFileError.self) {
      try self.host([
        "addr.json":
          #"[{"ifname":"a","addr_info":[{"family":"inet","local":"192.0.2.1","address":"x","prefixlen":24}]}]"#
      ])
    }
  }

  @Test func whatIsStillAskedForReceivesNothing() throws {
    let marks = [
      "", #","tentative":true"#, #","tentative":true,"optimistic":true"#, #","tentative":true,"dadfailed":true"#,
    ]
    let addresses = marks.map { #"{"family":"inet6","local":"2001:db8::1","prefixlen":128"# + $0 + "}" }
    let host = try host([
      "addr.json": #"[{"ifname":"eth0","addr_info":["# + addresses.joined(separator: ",") + "]}]"
    ])
    #expect(host.interfaces[0].addresses.map(\.duplicateCheck) == [.passed, .running, .passed, .failed])
  }

  /// iproute2 6.1 prints the end of an encapsulation as `dst` as well.
  @Test func aRouteWithAnEncapsulationHasTheDestinationThatStandsFirst() throws {
    let host = try host([
      "route.json": """
      [{"dst":"10.1.10.0/24","dev":"eth1","flags":[]},
       {"dst":"172.31.0.0/16","encap":"ip","id":42,"src":"0.0.0.0","dst":"10.9.0.9","ttl":0,"tos":0,
        "gateway":"10.1.10.1","dev":"eth1","flags":[]},
       {"dst":"172.30.0.0/16","encap":"mpls","dst":"100/200","dev":"eth0","flags":[],"nexthops":[
        {"encap":"ip6","id":1,"dst":"fd00::1","hoplimit":0,"tc":0,"gateway":"10.1.10.2","dev":"eth1","flags":[]}]}]
      """
    ])
    #expect(host.routes.routes.map(\.destination.description) == ["10.1.10.0/24", "172.31.0.0/16", "172.30.0.0/16"])
    #expect(host.routes.routes.map(\.line.number) == [1, 2, 4])
    #expect(host.routes.route(to: try address("172.31.1.1"))?.hops.first?.gateway == (try address("10.1.10.1")))
    #expect(host.routes.route(to: try address("172.30.1.1"))?.hops.first?.gateway == (try address("10.1.10.2")))
    // A key that stands twice elsewhere is refused as ever, and a text that breaks off too.
    for text in [#"[{"dst":"10.0.0.0/8","dst":"10.1.0.0/16"}]"#, #"[{"dst":"10.0.0.0/8","encap":"ip","ds"#] {
      #expect(throws: HostFileError.self) { try self.host(["route.json": text]) }
    }
  }

  @Test func onlyKnownNeighboursCount() throws {
    let host = try host([
      "neigh.json": """
      [{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:00:00:00:00:01","state":["STALE"]},
       {"dst":"192.0.2.2","dev":"eth0","state":["FAILED"]},
       {"dst":"192.0.2.3","dev":"eth0","state":["INCOMPLETE"]},
       {"dst":"192.0.2.4","dev":"eth0","lladdr":"02:00:00:00:00:04","state":["FAILED"]},
       {"dst":"192.0.2.5","dev":"eth0","lladdr":"02:00:00:00:00:05","state":["PERMANENT"]},
       {"dst":"192.0.2.6","dev":"tun0","lladdr":"192.0.2.9","state":["NOARP"]}]
      """,
      "proc_arp": """
      IP address       HW type     Flags       HW address            Mask     Device
      192.0.2.7        0x1         0x2         02:00:00:00:00:07     *        eth0
      192.0.2.8        0x1         0x0         00:00:00:00:00:00     *        eth0
      192.0.2.9        0x1         0xc         02:00:00:00:00:09     *        eth0
      192.0.2.10       0x20        0x2         80:00:00:48:fe:80     *        ib0
      """,
    ])
    #expect(host.neighbours.map(\.address.description) == ["192.0.2.1", "192.0.2.5", "192.0.2.7"])
    #expect(host.neighbours.map(\.line.number) == [1, 5, 2])
  }

  @Test func theLongestPrefixIsFoundAndThenTheSmallestMetric() throws {
    let host = try host([
      "route.json": """
      [{"dst":"default","gateway":"192.0.2.1","dev":"eth0","metric":100,"flags":[]},
       {"dst":"default","gateway":"192.0.2.2","dev":"eth1","metric":50,"flags":[]},
       {"dst":"192.0.2.0/24","dev":"eth0","scope":"link","flags":[]},
       {"dst":"192.0.2.7","gateway":"192.0.2.3","dev":"eth0","flags":[]},
       {"type":"blackhole","dst":"198.51.100.0/24","flags":[]},
       {"dst":"203.0.113.0/24","flags":[],"nexthops":[{"gateway":"192.0.2.4","dev":"eth0","weight":1,"flags":[]},
         {"gateway":"192.0.2.5","dev":"eth0","weight":1,"flags":["dead","linkdown"]},
         {"via":{"family":"inet6","host":"fe80::1"},"dev":"eth1","weight":1,"flags":[]}]},
       {"dst":"192.0.2.8","gateway":"192.0.2.3","dev":"eth0","table":"100","flags":[]},
       {"dst":"192.0.2.9","tos":"0x10","gateway":"192.0.2.3","dev":"eth0","flags":[]}]
      """,
      "route6.json": #"[{"dst":"2001:db8::/32","gateway":"fe80::1","dev":"eth0"},{"dst":"default","dev":"eth0"}]"#,
    ])
    let gateways = { (text: String) throws -> [String?] in
      host.routes.route(to: try self.address(text))?.hops.map { $0.gateway?.description } ?? ["none"]
    }
    #expect(try gateways("1.1.1.1") == ["192.0.2.2"])
    #expect(try gateways("192.0.2.200") == [nil])
    #expect(try gateways("192.0.2.7") == ["192.0.2.3"])
    #expect(try gateways("192.0.2.8") == [nil])
    #expect(try gateways("192.0.2.9") == [nil])
    #expect(try gateways("203.0.113.9") == ["192.0.2.4", "fe80::1"])
    #expect(try gateways("2001:db8:1::1") == ["fe80::1"])
    #expect(try gateways("2001:db9::1") == [nil])
    #expect(host.routes.route(to: try address("198.51.100.1"))?.type == "blackhole")
  }

  @Test func aDotInAnInterfacesNameIsASlashInSettings() throws {
    let host = try host([
      "sysctl": """
      # by hand
      sysctl: permission denied on key 'net.ipv4.tcp_fastopen_key'
      kernel.hostname = be1
      net.ipv4.conf.all.rp_filter = 1
      net.ipv4.conf.eth1/10.rp_filter = 2
      net.ipv4.conf.eth1.20.rp_filter=0
      """
    ])
    #expect(host.effective("rp_filter", on: "eth1.10")?.value == 2)
    #expect(host.effective("rp_filter", on: "eth1.20")?.value == 1)
    #expect(host.effective("rp_filter", on: "eth1") == nil)
  }

  @Test(arguments: [
    ("10.1.10.0/24", "10.1.10.255", true), ("10.1.10.0/24", "10.1.11.0", false), ("0.0.0.0/0", "255.255.255.255", true),
    ("10.1.10.10/32", "10.1.10.10", true), ("10.1.10.10/32", "10.1.10.11", false), ("::/0", "10.1.10.10", false),
    ("fd00:10::/64", "fd00:10::ffff", true), ("fd00:10::/64", "fd00:10:0:1::1", false),
    ("fd00::80/121", "fd00::ff", true), ("fd00::80/121", "fd00::7f", false), ("fd00::1/128", "fd00::1", true),
  ])
  func aSubnetHasItsAddresses(subnet: String, other: String, contains: Bool) throws {
    let parts = subnet.split(separator: "/").map(String.init)
    let found = Subnet(try address(parts[0]), length: try #require(Int(parts[1])))
    #expect(found.contains(try address(other)) == contains)
  }

  @Test(arguments: [
    ("addr.json", "{}", 1), ("addr.json", "[1]", 1), ("addr.json", "[\n{\"mtu\":1}]", 2), ("addr.json", "[{", 2),
    ("addr.json", #"[{"ifname":"e","link_type":"ether","address":"x"}]"#, 1),
    ("addr.json", "[{\"ifname\":\"e\",\n\"addr_info\":[{\"family\":\"inet\",\n\"local\":\"x\"}]}]", 3),
    ("addr.json", #"[{"ifname":"e","addr_info":[{"family":"inet","local":"192.0.2.1","prefixlen":33}]}]"#, 1),
    ("neigh.json", #"[{"dev":"e"}]"#, 1), ("neigh.json", #"[{"dst":"be1"}]"#, 1),
    ("route.json", #"[{"dev":"e"}]"#, 1), ("route.json", #"[{"dst":"10.1.10.0/33"}]"#, 1),
    ("route.json", #"[{"dst":"default","gateway":"router"}]"#, 1), ("sysctl", "net.ipv4.ip_forward", 1),
    ("sysctl", "a = 1\nnet.ipv4.ip_forward = yes", 2), ("arp", "", 0), ("arp", "be1 ether", 1),
    ("arp", "IP address\n192.0.2.1 0x1 0x2", 2), ("ipvsadm", "nothing", 1),
  ])
  func whatIsNoTableIsRefusedWithItsFileAndLine(name: String, text: String, line: Int) {
    #expect {
      try host([name: text])
    } throws: { error in
      let found = error as? HostFileError
      return found?.path == "h/\(name)" && found?.error.line == line && found?.error.expected.isEmpty == false
    }
  }

  @Test func emptyListsAreLists() throws {
    let host = try host(["addr.json": "[ ]", "neigh.json": "", "route.json": "[{}]\n", "sysctl": ""])
    #expect(host.interfaces.isEmpty && host.neighbours.isEmpty && host.routes.routes.isEmpty && host.settings.isEmpty)
    #expect(host.texts == [.addresses, .neighbours, .routes, .settings])
  }
}
