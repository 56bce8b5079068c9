import Checks
import Evidence
import Tables
import TestSupport
import Testing
import Wire

/// The rules of `docs/hosts.md`, one after the other, on the lab's own tables with one thing changed.
@Suite struct HostRuleTests {
  /// What a check says of be1 and the balancer in a scenario, after a change to be1's texts.
  private func outcome(
    _ id: String, _ scenario: String = "route", _ capture: String = "client", balancer: Bool = true,
    dropping: [HostTables.Text] = [], changing: [String: String] = [:], adding: [String: String] = [:],
    vip: String = "10.1.10.10"
  ) throws -> CheckResult.Outcome {
    let path = "lab/\(scenario)"
    let files = try HostFolder.files("be1", path)
    let changed = files.files.filter { file in !dropping.contains { $0.names.contains(file.name) } }.map { file in
      var file = file
      for (old, new) in changing { file.text = file.text.replacing(old, with: new) }
      return file
    }
    var tables = try HostFolder.tables(balancer ? [("lb", path)] : [])
    let added = adding.map { HostTables.File(name: $0.key, text: $0.value) }
    let host = try HostTables(name: "be1", path: path, prefix: files.prefix, files: changed + added)
    tables.ipvs += host.ipvs
    tables.hosts.append(host)
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress(vip)))]
    let evidence = try CaptureContents(path: Repository.fixture("\(path)/\(capture).pcap")).evidence
    let check = judge(evidence, beside: tables, under: policy).checks.first { $0.id == id }
    return try #require(check).outcome
  }

  private static let vipOnLoopback =
    #"{"family":"inet","local":"10.1.10.10","prefixlen":32,"scope":"global","label":"lo""#

  // MARK: HOST001

  @Test func aForwardingHostMayTakeTheVIPByRules() throws {
    let forwards = ("net.ipv4.ip_forward = 0", "net.ipv4.ip_forward = 1")
    let without = ("\"local\":\"10.1.10.10\"", "\"local\":\"10.1.10.99\"")
    #expect(try outcome("HOST001", "vip-missing") == .fail)
    #expect(try outcome("HOST001", "vip-missing", "be1", changing: [forwards.0: forwards.1]) == .inconclusive)
    #expect(try outcome("HOST001", "vip-missing", dropping: [.settings]) == .inconclusive)
    // The frames show that it answers.
    #expect(try outcome("HOST001", "route", changing: [without.0: without.1]) == .pass)
    // At the balancer clients acknowledge what it has sent.
    #expect(try outcome("HOST001", "route", "lb", changing: [without.0: without.1]) == .pass)
  }

  /// At the backend itself, whose tables are all that is given: nothing answers, and nobody lists it.
  @Test func whoKeepsRequestsWithoutAnAnswerIsABackend() throws {
    #expect(try outcome("HOST001", "vip-missing", "be1", balancer: false) == .fail)
    // One that forwards may be a router on the way.
    let forwards = ["net.ipv4.ip_forward = 0": "net.ipv4.ip_forward = 1"]
    #expect(try outcome("HOST001", "vip-missing", "be1", balancer: false, changing: forwards) == .notApplicable)
  }

  @Test func anAddressThatAnotherHostHasReceivesNothing() throws {
    let vip = #""local":"fd00:10::10","prefixlen":128,"scope":"global""#
    let without = #""local":"fd00:10::99","prefixlen":128,"scope":"global""#
    for mark in [#""dadfailed":true,"tentative":true"#, #""tentative":true"#] {
      // The frames show that it answers all the same: the table is of another time.
      #expect(try outcome("HOST001", "route-ipv6", changing: [vip: "\(vip),\(mark)"], vip: "fd00:10::10") == .pass)
      // Nobody asked anything of UDP.
      let unasked = try outcome(
        "HOST001", "route-ipv6", "../route/client", changing: [vip: "\(vip),\(mark)"], vip: "fd00:10::10")
      #expect(unasked == .fail)
    }
    #expect(
      try outcome("HOST001", "route-ipv6", "../route/client", changing: [vip: without], vip: "fd00:10::10") == .fail)
    #expect(try outcome("HOST001", "route-ipv6", "../route/client", vip: "fd00:10::10") == .pass)
  }

  @Test func aRouteOfTypeLocalIsAsGoodAsAnAddress() throws {
    let local = #"[{"type":"local","dst":"10.1.10.10","dev":"lo","table":"local"},"#
    #expect(
      try outcome("HOST001", "vip-missing", changing: [#"[{"dst":"10.1.10.0/24""#: local + #"{"dst":"10.1.10.0/24""#])
        == .pass)
  }

  @Test func withoutAddressesAHostIsNobody() throws {
    for id in ["HOST001", "HOST002", "HOST003", "HOST004", "HOST006"] {
      #expect(try outcome(id, dropping: [.addresses]) == .notApplicable)
    }
  }

  // MARK: HOST002

  @Test func anAddressWithoutRouteDoesNoHarm() throws {
    let wide = Self.vipOnLoopback.replacing("32", with: "24")
    #expect(try outcome("HOST002", changing: [Self.vipOnLoopback: wide]) == .fail)
    #expect(try outcome("HOST002", changing: [Self.vipOnLoopback: wide + #","noprefixroute":true"#]) == .pass)
    // The whole network on the loopback has the VIP in it.
    let network = wide.replacing("10.1.10.10", with: "10.1.10.1")
    #expect(try outcome("HOST002", changing: [Self.vipOnLoopback: network]) == .fail)
    #expect(try outcome("HOST001", changing: [Self.vipOnLoopback: network]) == .pass)
  }

  // MARK: HOST003, HOST004

  /// `all`, the interface, and what comes of it. Source: linux net/ipv4/arp.c, `arp_ignore`.
  @Test(arguments: [
    (0, 0, true), (1, 0, false), (0, 1, false), (2, 0, false), (0, 3, true), (1, 3, true), (4, 0, true), (8, 0, false),
    (1, 8, false), (9, 0, true),
  ])
  func theLargerOfAllAndTheInterfaceCounts(all: Int, own: Int, answers: Bool) throws {
    let found = try outcome(
      "HOST003",
      changing: [
        "net.ipv4.conf.all.arp_ignore = 1\n": "net.ipv4.conf.all.arp_ignore = \(all)\n",
        "net.ipv4.conf.eth1.arp_ignore = 0\n": "net.ipv4.conf.eth1.arp_ignore = \(own)\n",
      ])
    #expect(found == (answers ? .fail : .pass))
  }

  /// It answers on the wire of its parent, whatever that one's settings are.
  @Test func aMacvlanWithTheVIPSpeaksARPItself() throws {
    let elsewhere = Self.vipOnLoopback.replacing("10.1.10.10", with: "10.1.10.99")
    let vip = #"{"family":"inet","local":"10.1.10.10","prefixlen":32,"scope":"global","label":"mv0"}"#
    func second(_ mac: String, _ more: String = "") -> [String: String] {
      let interface =
        #"{"ifindex":9,"link":"eth1","ifname":"mv0","flags":["UP"],"link_type":"ether","address":"\#(mac)""# + more
        + #","addr_info":[\#(vip)]},{"ifindex":2,"#
      return [
        Self.vipOnLoopback: elsewhere, #"{"ifindex":2,"#: interface,
        "net.ipv4.conf.eth1.arp_ignore = 0\n": "net.ipv4.conf.eth1.arp_ignore = 0\nnet.ipv4.conf.mv0.arp_ignore = 0\n"
          + "net.ipv4.conf.mv0.arp_announce = 0\n",
      ]
    }
    let other = "86:79:c8:4c:6b:91"
    #expect(try outcome("HOST003", changing: second(other)) == .fail)
    #expect(try outcome("HOST003", balancer: false, changing: second(other)) == .fail)
    #expect(try outcome("HOST003", changing: second(other, #","linkinfo":{"info_kind":"macvlan"}"#)) == .fail)
    // A VLAN hears another network.
    #expect(try outcome("HOST003", changing: second("06:d2:0a:b1:14:20")) == .pass)
    #expect(try outcome("HOST003", changing: second(other, #","linkinfo":{"info_kind":"vlan"}"#)) == .pass)
  }

  @Test func threeSilencesAnAddressOfScopeHost() throws {
    let host = Self.vipOnLoopback.replacing("global", with: "host")
    let three = ["net.ipv4.conf.all.arp_ignore = 1\n": "net.ipv4.conf.all.arp_ignore = 3\n", Self.vipOnLoopback: host]
    #expect(try outcome("HOST003", changing: three) == .pass)
  }

  /// Source: linux net/ipv4/arp.c, `arp_solicit`.
  @Test(arguments: [(0, 0, true), (1, 0, true), (2, 0, false), (0, 2, false), (1, 2, false), (3, 0, true)])
  func twoAloneKeepsTheVIPOutOfQuestions(all: Int, own: Int, leaks: Bool) throws {
    let found = try outcome(
      "HOST004",
      changing: [
        "net.ipv4.conf.all.arp_announce = 2\n": "net.ipv4.conf.all.arp_announce = \(all)\n",
        "net.ipv4.conf.eth1.arp_announce = 0\n": "net.ipv4.conf.eth1.arp_announce = \(own)\n",
      ])
    #expect(found == (leaks ? .fail : .pass))
  }

  @Test func nobodyAsksForTheVIPInAnotherNetwork() throws {
    // Its backends are in VLAN 20, the VIP in VLAN 10.
    #expect(try outcome("HOST003", "vlan-trunk") == .notApplicable)
    #expect(try outcome("HOST004", "vlan-trunk") == .notApplicable)
  }

  /// `arptables-save` of 1.8.9 puts the target first.
  @Test func arptablesMaySilenceWhatTheSettingsDoNot() throws {
    let loud = [
      "net.ipv4.conf.all.arp_ignore = 1\n": "net.ipv4.conf.all.arp_ignore = 0\n",
      "net.ipv4.conf.all.arp_announce = 2\n": "net.ipv4.conf.all.arp_announce = 0\n",
    ]
    let rules = { (id: String, lines: String) in
      try outcome(id, changing: loud, adding: ["arptables": "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n\(lines)\n"])
    }
    let question = "-A INPUT -j DROP -d 10.1.10.10"
    let sender = "-A OUTPUT -j mangle -s 10.1.10.10 --mangle-ip-s 10.1.10.21"
    #expect(try rules("HOST003", "") == .fail)
    #expect(try rules("HOST003", question) == .pass)
    #expect(try rules("HOST003", sender) == .pass)
    #expect(try rules("HOST003", "-A INPUT -j DROP -d 10.1.10.99") == .fail)
    #expect(try rules("HOST003", "-A INPUT -j DROP -i eth9 -d 10.1.10.10") == .fail)
    #expect(try rules("HOST003", "-A INPUT -j DROP -i eth1 -d 10.1.10.0/24") == .pass)
    #expect(try rules("HOST003", "-A INPUT -j DROP -d 10.1.10.10 --source-mac 02:00:00:00:00:01") == .inconclusive)
    #expect(try rules("HOST003", "-A INPUT -j ACCEPT -d 10.1.10.10\n\(question)") == .fail)
    #expect(try rules("HOST004", question) == .fail)
    #expect(try rules("HOST004", sender) == .pass)
    #expect(try rules("HOST004", "-A OUTPUT -j DROP -s 10.1.10.10 --opcode Reply") == .fail)
  }

  /// nft(8): tables of arp, netdev and bridge see ARP, those of ip and inet do not.
  @Test func nftablesThatMaySilenceARPLeavesItOpen() throws {
    let rules = { (family: String, rule: String, policy: String, more: [String: String]) in
      let text =
        "table \(family) {\n\tchain input {\n\t\ttype filter hook input priority filter; policy \(policy);\n"
        + "\t\t\(rule)\n\t}\n}\n"
      return try outcome(
        "HOST003", changing: ["net.ipv4.conf.all.arp_ignore = 1\n": "net.ipv4.conf.all.arp_ignore = 0\n"],
        adding: more.merging(["nftables": text]) { first, _ in first })
    }
    let drop = "arp daddr ip 10.1.10.10 counter packets 0 bytes 0 drop"
    #expect(try rules("arp quiet", drop, "accept", [:]) == .inconclusive)
    #expect(try rules("netdev quiet", "ether type arp drop", "accept", [:]) == .inconclusive)
    #expect(try rules("bridge quiet", "jump silence", "accept", [:]) == .inconclusive)
    #expect(try rules("arp quiet", "arp operation request accept", "drop", [:]) == .inconclusive)
    #expect(try rules("arp quiet", "counter packets 0 bytes 0", "accept", [:]) == .fail)
    #expect(try rules("netdev quiet", "ip saddr 192.0.2.1 drop", "accept", [:]) == .fail)
    #expect(try rules("inet quiet", "meta protocol arp drop", "accept", [:]) == .fail)
    // What arptables prints as well.
    let arptables = ["arptables": "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n-A INPUT -j DROP -d 10.1.10.99\n"]
    #expect(try rules("arp filter", drop, "accept", arptables) == .fail)
    #expect(try rules("arp quiet", drop, "accept", arptables) == .inconclusive)
  }

  @Test func settingsThatAreNotThereLeaveItOpen() throws {
    #expect(try outcome("HOST003", changing: ["net.ipv4.conf.eth1.arp_ignore = 0\n": ""]) == .inconclusive)
    #expect(try outcome("HOST003", dropping: [.settings]) == .notApplicable)
  }

  @Test func noSuchSettingsOfIPv6AreJudged() throws {
    for id in ["HOST003", "HOST004", "HOST005"] {
      #expect(try outcome(id, "route-ipv6", vip: "fd00:10::10") == .notApplicable)
    }
    #expect(try outcome("HOST001", "route-ipv6", vip: "fd00:10::10") == .pass)
  }

  // MARK: HOST005

  /// Source: linux net/ipv4/fib_frontend.c, `__fib_validate_source`.
  @Test(arguments: ["tunnel-ipip", "tunnel-gre", "tunnel-gue"])
  func looseIsEnoughWhereTheTunnelHasAnAddress(scenario: String) throws {
    // Nobody answers there, as where a backend drops what comes out of the tunnel.
    let capture = "../vip-missing/client"
    let filter = { (value: Int) -> [String: String] in
      ["net.ipv4.conf.all.rp_filter = 0\n": "net.ipv4.conf.all.rp_filter = \(value)\n"]
    }
    #expect(try outcome("HOST005", scenario, capture) == .pass)
    #expect(try outcome("HOST005", scenario, capture, changing: filter(1)) == .fail)
    #expect(try outcome("HOST005", scenario, capture, changing: filter(2)) == .pass)
    let device = scenario == "tunnel-gre" ? "gre0" : "tunl0"
    let bare = #""scope":"global","label":"\#(device)""#
    #expect(
      try outcome(
        "HOST005", scenario, capture,
        changing: [
          "net.ipv4.conf.all.rp_filter = 0\n": "net.ipv4.conf.all.rp_filter = 2\n",
          #"{"family":"inet","local":"10.1.10.10","prefixlen":32,\#(bare)"#:
            #"{"family":"other","local":"10.1.10.10","prefixlen":32,\#(bare)"#,
        ]) == .fail)
    // What answers does not drop. And without a tunnel it does no harm.
    #expect(try outcome("HOST005", scenario, "lb", changing: filter(1)) == .pass)
    #expect(try outcome("HOST005", "route", changing: filter(1)) == .notApplicable)
  }

  /// Another tunnel, as a VPN's, that is filtered does not matter where one has the VIP.
  @Test func theTunnelThatHasTheVIPCounts() throws {
    let other = #"{"ifname":"gre1","flags":["NOARP","UP"],"link_type":"gre","addr_info":[]},{"ifindex":3,"#
    let setting = "net.ipv4.conf.gre1.rp_filter = 1\nnet.ipv4.conf.tunl0.rp_filter = 0\n"
    let vip = #"{"family":"inet","local":"10.1.10.10","prefixlen":32,"scope":"global","label":"tunl0""#
    let changes: [String: String] = [#"{"ifindex":3,"#: other, "net.ipv4.conf.tunl0.rp_filter = 0\n": setting]
    let capture = "../vip-missing/client"
    #expect(try outcome("HOST005", "tunnel-ipip", capture, changing: changes) == .pass)
    let elsewhere = vip.replacing("10.1.10.10", with: "10.1.10.99")
    #expect(
      try outcome(
        "HOST005", "tunnel-ipip", capture,
        changing: [
          #"{"ifindex":3,"#: other, "net.ipv4.conf.tunl0.rp_filter = 0\n": setting, vip: elsewhere,
        ]) == .inconclusive)
  }

  // MARK: HOST006

  @Test func aGatewayThatIsTheBalancerIsToldByAddressOrMAC() throws {
    let gateway = "route-gateway-is-balancer"
    #expect(try outcome("HOST006", gateway, "switch") == .fail)
    // By frames and the backend's own neighbours.
    #expect(try outcome("HOST006", gateway, "switch", balancer: false) == .fail)
    // Nothing tells whose address it is, and no flow was proved direct.
    #expect(
      try outcome("HOST006", gateway, "be1", balancer: true, dropping: [.neighbours, .arp]) == .fail)
    #expect(
      try outcome("HOST006", gateway, "switch", changing: ["\"gateway\":\"10.1.10.11\"": "\"gateway\":\"10.1.10.77\""])
        == .pass)
  }

  @Test func theLongestPrefixDecides() throws {
    let gateway = "route-gateway-is-balancer"
    let routes = #"[{"dst":"10.2.20.0/24","gateway":"10.1.10.1","dev":"eth1","flags":[]},"#
    #expect(
      try outcome("HOST006", gateway, "switch", changing: [#"[{"dst":"default""#: routes + #"{"dst":"default""#])
        == .pass)
  }

  @Test func framesThatAvoidTheBalancerOutweighARoute() throws {
    // The client is in the network: its route has no gateway until one is made up.
    let via = #""dst":"10.1.10.0/24","gateway":"10.1.10.11""#
    #expect(try outcome("HOST006", "route", "client", changing: [#""dst":"10.1.10.0/24""#: via]) == .pass)
  }

  /// With the rules given it is no longer open what no captured reply tells.
  @Test func rulesTellWhichTableTheVIPsPacketsLookIn() throws {
    let gateway = "route-gateway-is-balancer"
    let all = [
      #"[{"dst":"default""#: #"[{"type":"local","dst":"127.0.0.1","dev":"lo","table":"local","flags":[]},"#
        + #"{"dst":"default","gateway":"10.1.10.1","dev":"eth1","table":"100","flags":[]},{"dst":"default""#
    ]
    let main = #"{"priority":32766,"src":"all","table":"main"}"#
    let rules = { (more: String) in ["rule.json": #"[{"priority":0,"src":"all","table":"local"},"# + more + main + "]"]
    }
    let found = { (more: String) in
      try outcome("HOST006", gateway, "../vip-missing/client", changing: all, adding: rules(more))
    }
    // Nobody answers there, and clients are in the backend's own network: only the default route leads anywhere.
    let routed = [#""dst":"10.1.10.0/24""#: #""dst":"10.9.9.0/24""#]
    let asked = { (more: String) in
      try outcome(
        "HOST006", gateway, "../vip-missing/client", changing: all.merging(routed) { a, _ in a }, adding: rules(more))
    }
    #expect(try found("") == .pass)
    #expect(try asked("") == .fail)
    #expect(try asked(#"{"priority":10,"src":"10.1.10.10","table":"100"},"#) == .pass)
    #expect(try asked(#"{"priority":10,"src":"10.1.10.10","dst":"192.0.2.0","dstlen":24,"table":"100"},"#) == .fail)
    #expect(try asked(#"{"priority":10,"not":null,"src":"10.1.10.10","table":"100"},"#) == .fail)
    #expect(try asked(#"{"priority":10,"src":"all","fwmark":"0x3","table":"100"},"#) == .inconclusive)
    #expect(try asked(#"{"priority":10,"src":"all","iif":"eth9","table":"100"},"#) == .fail)
    #expect(try asked(#"{"priority":10,"src":"all","table":"main","suppress_prefixlen":0},"#) == .fail)
    #expect(try asked(#"{"priority":10,"src":"10.1.10.10","goto":50},"#) == .inconclusive)
  }

  // MARK: HOST008

  @Test func aTunnelNeedsAnInterfaceThatOpensIt() throws {
    let capture = "../vip-missing/client"
    let down = [#""flags":["NOARP","UP","LOWER_UP"],"mtu":1480"#: #""flags":["NOARP"],"mtu":1480"#]
    for scenario in ["tunnel-ipip", "tunnel-gue"] {
      #expect(try outcome("HOST008", scenario, capture) == .pass)
      #expect(try outcome("HOST008", scenario, capture, changing: down) == .fail)
    }
    // What answers opens it somehow.
    #expect(try outcome("HOST008", "tunnel-ipip", "client", changing: down) == .pass)
    // Of another version than the address that the tunnel leads to.
    let other = [#""link_type":"ipip""#: #""link_type":"tunnel6""#]
    #expect(try outcome("HOST008", "tunnel-ipip", capture, changing: other) == .fail)
    let program = down.merging([#""ifname":"eth1","#: #""ifname":"eth1","xdp":{"mode":1},"#]) { a, _ in a }
    #expect(try outcome("HOST008", "tunnel-ipip", capture, changing: program) == .inconclusive)
    // One that forwards may hand them to a pod, unless they were seen to go without an answer.
    let forwards = down.merging(["net.ipv4.ip_forward = 0": "net.ipv4.ip_forward = 1"]) { a, _ in a }
    #expect(try outcome("HOST008", "tunnel-ipip", "../route-ipv6/client", changing: forwards) == .inconclusive)
    #expect(try outcome("HOST008", "route") == .notApplicable)
  }

  // MARK: HOST009

  /// What the balancer's firewall does with an acknowledgment before which it saw no SYN-ACK.
  private func firewall(
    _ text: String, file: String = "nftables", _ capture: String = "vip-missing/client", setting: String = ""
  ) throws -> CheckResult.Outcome {
    try judgedFirewall(text, file: file, capture, setting: setting).outcome
  }

  private func judgedFirewall(
    _ text: String, file: String = "nftables", _ capture: String = "vip-missing/client", setting: String = ""
  ) throws -> CheckResult {
    let path = "lab/vip-missing"
    let files = try HostFolder.files("lb", path)
    let more = (text.isEmpty ? [] : [HostTables.File(name: file, text: text)])
    let changed = files.files.map { file in
      HostTables.File(name: file.name, text: file.name == "sysctl" ? file.text + setting : file.text)
    }
    let host = try HostTables(name: "lb", path: path, prefix: files.prefix, files: changed + more)
    var tables = Tables()
    tables.hosts = [host]
    tables.ipvs = host.ipvs
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress("10.1.10.10")), transport: .tcp, port: 80)]
    let evidence = try CaptureContents(path: Repository.fixture("lab/\(capture).pcap")).evidence
    return try #require(judge(evidence, beside: tables, under: policy).checks.first { $0.id == "HOST009" })
  }

  private static func nft(_ rules: String) -> String {
    "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n"
      + rules.split(separator: "\n").map { "\t\t\($0)\n" }.joined() + "\t}\n}\n"
  }

  @Test func whatDropsINVALIDDropsHalfOfEveryConnection() throws {
    let drop = "ct state invalid counter packets 0 bytes 0 drop"
    #expect(try firewall(Self.nft(drop)) == .fail)
    #expect(try firewall(Self.nft("iifname \"lo\" accept\nct state established,related accept\n\(drop)")) == .fail)
    #expect(try firewall(Self.nft("ct state vmap { established : accept, invalid : drop }")) == .fail)
    #expect(try firewall(Self.nft("ip daddr 10.1.10.10 tcp dport 80 accept\n\(drop)")) == .pass)
    #expect(try firewall(Self.nft("ip daddr 10.1.10.11 accept\n\(drop)")) == .fail)
    #expect(try firewall(Self.nft("ip saddr 192.0.2.0/24 accept\n\(drop)")) == .inconclusive)
    #expect(try firewall(Self.nft("ct state new accept")) == .pass)
    #expect(try firewall(Self.nft("notrack\n\(drop)")) == .inconclusive)
    // A chain that is jumped to, and one that nothing enters.
    let ufw =
      "*filter\n:INPUT DROP [0:0]\n:ufw - [0:0]\n-A INPUT -j ufw\n-A ufw -m conntrack --ctstate INVALID -j DROP\n"
      + "-A INPUT -d 10.1.10.10/32 -j ACCEPT\nCOMMIT\n"
    #expect(try firewall(ufw, file: "iptables") == .fail)
    #expect(try firewall(ufw.replacing("-A INPUT -j ufw\n", with: ""), file: "iptables") == .pass)
    // It goes on although its packets are INVALID.
    #expect(try firewall(Self.nft(drop), "route/client") == .pass)
  }

  /// What is not read and may decide is named by its line.
  @Test func aRuleThatIsNotReadIsNamed() throws {
    let drop = "ct state invalid drop"
    for (rules, line) in [("ip saddr 192.0.2.0/24 accept\n\(drop)", 4), ("accept comment x\nnotrack", 5)] {
      let check = try judgedFirewall(Self.nft(rules))
      #expect(check.outcome == .inconclusive)
      guard case .line(let place)? = check.evidence.first?.source else {
        Issue.record("no line for \(rules)")
        continue
      }
      #expect(place.path.hasSuffix("lb.nftables") && place.number == line)
    }
    let rules =
      "*filter\n:INPUT ACCEPT\n-A INPUT -j DROP -d 10.1.10.99\n-A INPUT -j DROP -d 10.1.10.10 --src-mac 06:00:00:00:00:01\n"
    let host = try HostTables(name: "be1", path: "be1", files: [HostTables.File(name: "arptables", text: rules)])
    let vip = try #require(IPAddress("10.1.10.10"))
    #expect(host.arpRules?.action(on: .question(for: vip, by: "eth1")) == nil)
    #expect(host.arpRules?.lineDeciding(on: .question(for: vip, by: "eth1"))?.number == 4)
    #expect(host.arpRules?.lineDeciding(on: .sent(by: vip, operation: 2, on: "eth1")) == nil)
  }

  @Test func withoutAFirewallASettingLeavesItOpen() throws {
    #expect(try firewall("") == .notApplicable)
    #expect(try firewall("", setting: "net.netfilter.nf_conntrack_tcp_loose = 1\n") == .notApplicable)
    #expect(try firewall("", setting: "net.netfilter.nf_conntrack_tcp_loose = 0\n") == .inconclusive)
  }

  // MARK: HOST010

  /// Source: linux net/ipv4/fib_frontend.c, `__fib_validate_source`.
  @Test func aReplyThatEndsAtANodeIsDroppedThere() throws {
    func found(_ changes: [String: String]) throws -> CheckResult.Outcome? {
      let path = "tables/hosts/rp-filter-drops-replies-bad"
      let files = try HostFolder.files("w1", path)
      let changed = files.files.map { file in
        changes.reduce(into: file) { $0.text = $0.text.replacing($1.key, with: $1.value) }
      }
      var tables = Tables()
      tables.hosts = [try HostTables(name: "w1", path: path, prefix: files.prefix, files: changed)]
      var policy = Policy()
      policy.services = [ServicePattern(address: try #require(IPAddress("10.1.10.10")))]
      let evidence = try CaptureContents(path: Repository.fixture("traps/answer-ends-at-node.pcap")).evidence
      return judge(evidence, beside: tables, under: policy).checks.first { $0.id == "HOST010" }?.outcome
    }
    let filter = "net.ipv4.conf.br0.rp_filter = 1"
    #expect(try found([:]) == .fail)
    #expect(try found([filter: "net.ipv4.conf.br0.rp_filter = 0"]) == .pass)
    // Any route does.
    #expect(try found([filter: "net.ipv4.conf.br0.rp_filter = 2"]) == .pass)
    // The way back leads out of it.
    #expect(try found(["\"dst\": \"10.233.90.0/24\"": "\"dst\": \"10.1.10.10\""]) == .pass)
    #expect(try found([filter: ""]) == .inconclusive)
    let own = ["\"local\": \"10.1.10.21\"": "\"local\": \"10.1.10.10\"", filter: "net.ipv4.conf.br0.rp_filter = 0"]
    #expect(try found(own) == .fail)
    let accepting = ["net.ipv4.conf.br0.accept_local = 0": "net.ipv4.conf.br0.accept_local = 1"]
    #expect(try found(own.merging(accepting) { a, _ in a }) == .pass)
    #expect(try found(["06:d2:0a:b1:90:01": "06:d2:0a:b1:90:02"]) == .notApplicable)
  }

  // MARK: HOST007

  @Test func aVirtualMACMayBeShared() throws {
    let path = "lab/failover-vrrp-vmac"
    let tables = try HostFolder.tables([("lb", path), ("lb2", path)])
    let evidence = try CaptureContents(path: Repository.fixture("\(path)/switch.pcap")).evidence
    let check = judge(evidence, beside: tables, under: Policy()).checks.first { $0.id == "HOST007" }
    #expect(check?.outcome == .pass)
  }

  @Test func aHostThatIsGivenTwiceIsOneHost() throws {
    var tables = try HostFolder.tables([("be1", "lab/route")])
    var twin = tables.hosts[0]
    twin.name = "twin"
    tables.hosts.append(twin)
    let evidence = try CaptureContents(path: Repository.fixture("lab/route/client.pcap")).evidence
    let check = judge(evidence, beside: tables, under: Policy()).checks.first { $0.id == "HOST007" }
    #expect(check?.outcome == .pass)
  }

  // MARK: Services that are found

  /// A backend's own address that is asked for its health is no VIP.
  @Test func whatIsFoundIsJudgedWhereATableListsIt() throws {
    let tables = try HostFolder.tables(["be1", "be2", "lb"].map { ($0, "lab/route") })
    let evidence = try CaptureContents(path: Repository.fixture("lab/route/lb.pcap")).evidence
    let verdict = judge(evidence, beside: tables, under: Policy())
    #expect(verdict.services.count > 1)
    let hosts = verdict.checks.filter { $0.id.hasPrefix("HOST") }
    #expect(hosts.allSatisfy { $0.outcome == .pass || $0.outcome == .notApplicable })
  }
}
