import Tables
import TestSupport
import Testing
import Wire

/// IPVS tables as people paste them.
@Suite struct PastedIPVSTests {
  private static let heading = """
    IP Virtual Server version 1.2.1 (size=4096)
    Prot LocalAddress:Port Scheduler Flags
      -> RemoteAddress:Port           Forward Weight ActiveConn InActConn

    """
  private static let body = """
    TCP  10.1.10.10:80 rr
      -> 10.1.10.21:80                Route   1      0          0
      -> 10.1.10.22:80                Route   1      0          0

    """

  private func plain() throws -> [IPVSTable.Service] {
    try IPVSTable(text: Self.heading + Self.body).services.map(Self.withoutLines)
  }

  private static func withoutLines(_ service: IPVSTable.Service) -> IPVSTable.Service {
    var service = service
    service.line = 0
    service.listsAllDestinations = true
    for index in service.destinations.indices { service.destinations[index].line = 0 }
    return service
  }

  private func destinations(_ text: String) throws -> [String] {
    try IPVSTable(text: text).services.flatMap { service in
      service.destinations.map {
        "\($0.endpoint.text) \($0.forwarding?.name ?? "?") \($0.weight.map(String.init) ?? "?")"
      }
    }
  }

  private static let scripted = """
    ipvsadm -A -t 10.1.10.10:80 -s rr
    ipvsadm -a -t 10.1.10.10:80 -r 10.1.10.21:80 -m -w 2
    ipvsadm -a -t 10.1.10.10:80 -r 10.1.10.22:80 -m

    """

  /// A table is what all commands made of it, the later ones too.
  @Test(arguments: [
    (
      "ipvsadm -e -t 10.1.10.10:80 -r 10.1.10.21:80 -g -w 3\nipvsadm -d -t 10.1.10.10:80 -r 10.1.10.22:80\n",
      ["10.1.10.21:80 Route 3"]
    ),
    ("ipvsadm -E -t 10.1.10.10:80 -s wlc\n", ["10.1.10.21:80 Masq 2", "10.1.10.22:80 Masq ?"]),
    ("ipvsadm -a -t 10.1.10.10:80 -r 10.1.10.21:80 -g\n", ["10.1.10.21:80 Masq 2", "10.1.10.22:80 Masq ?"]),
    ("ipvsadm -D -t 10.1.10.10:80\n", []),
    (
      "ipvsadm -D -t 10.1.10.11:80\nipvsadm -d -t 10.1.10.11:80 -r 10.1.10.21\n",
      ["10.1.10.21:80 Masq 2", "10.1.10.22:80 Masq ?"]
    ),
    (
      "ipvsadm -C\nipvsadm --add-service --tcp-service 10.1.10.10:80 --scheduler=rr\n"
        + "ipvsadm --add-server --tcp-service=10.1.10.10:80 --real-server 10.1.10.23 --gatewaying --weight 5 && echo ok\n",
      ["10.1.10.23:80 Route 5"]
    ),
  ])
  func commandsChangeWhatWasThere(more: String, expected: [String]) throws {
    #expect(try destinations(Self.scripted + more) == expected)
  }

  @Test func commandsChangeAListing() throws {
    #expect(
      try destinations(
        "# ipvsadm -ln\n" + Self.heading + Self.body.replacing("Route", with: "Masq ")
          + "# ipvsadm -e -t 10.1.10.10:80 -r 10.1.10.21:80 -g -w 1\n# ipvsadm -d -t 10.1.10.10:80 -r 10.1.10.22:80\n")
        == ["10.1.10.21:80 Route 1"])
  }

  /// What held before something was changed holds no more; counters stay, for two of them tell what came between.
  @Test func ofTwoListingsTheLaterOneHolds() throws {
    let before =
      "# ipvsadm -ln\n" + Self.heading + Self.body.replacing("Route", with: "Masq ") + "TCP  10.1.10.11:80 rr\n"
    let table = try IPVSTable(text: before + "# ipvsadm -ln\n" + Self.heading + Self.body)
    #expect(table.services.map(Self.withoutLines) == (try plain()))
    // Of one service nothing tells of the others.
    let one = try IPVSTable(
      text: before + "# ipvsadm -ln -t 10.1.10.10:80\n"
        + Self.heading.split(separator: "\n").dropFirst().joined(separator: "\n")
        + "\n" + Self.body)
    #expect(
      one.services.count == 2 && one.services.allSatisfy { $0.destinations.allSatisfy { $0.forwarding == .route } })
    let counters = """
      Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
        -> RemoteAddress:Port
      TCP  10.1.10.10:80                      10      100        0     1000        0
        -> 10.1.10.21:80                      10      100        0     1000        0

      """
    let version = "IP Virtual Server version 1.2.1 (size=4096)\n"
    let counted = try IPVSTable(text: Self.heading + Self.body + version + counters + version + counters)
    #expect(counted.services.count == 3)
  }

  /// A configuration and what keepalived made of it are two tables, and neither is lost.
  @Test(arguments: ["[root@lb1 ~]# cat keepalived.conf\n", "root@lb1:~# cat /etc/keepalived/keepalived.conf\n", ""])
  func aTableBehindAConfiguration(prompt: String) throws {
    let configuration = """
      ! Configuration
      global_defs {
         notification_email {
           root@lb1.example #
         }
      }
      virtual_server 10.1.10.10 80 {
          lb_kind NAT
          protocol TCP
          real_server 10.1.10.21 80 {
          }
      }

      """
    for command in ["[root@lb1 ~]# ipvsadm -Ln\n", "# ipvsadm -Ln\n", ""] {
      let found = try IPVSTable.all(in: prompt + configuration + command + Self.heading + Self.body)
      #expect(found.map(\.host) == [nil, nil] && found.map(\.table.form) == [.keepalived, .listing])
      #expect(found.map { $0.table.services.map(\.destinations.count) } == [[1], [2]])
    }
    let nodes = try IPVSTable.all(
      in: "[root@lb1 ~]# cat k\n" + configuration + "[root@lb2 ~]# cat k\n" + configuration
        + "[root@lb2 ~]# uptime\n 10:00:00 up 1 day\n")
    #expect(nodes.map(\.host) == ["lb1", "lb2"] && nodes.allSatisfy { $0.table.services.count == 1 })
  }

  /// What `grep` leaves is a part, with its command or without.
  @Test func linesThatWerePickedOut() throws {
    let lines =
      "TCP  10.1.10.10:80 rr\nTCP  10.1.10.10:443 rr\n  -> 10.1.10.21:443               Route   1      0          0\n"
    for prompt in ["# ipvsadm -Ln | grep -A1 10.1.10.10\n", ""] {
      let table = try IPVSTable(text: prompt + lines)
      #expect(!table.listsAllServices && table.services.map(\.listsAllDestinations) == [false, false])
    }
    let whole = try IPVSTable(text: "# ipvsadm -Ln | less\n" + Self.heading + Self.body)
    #expect(whole.listsAllServices && whole.services.allSatisfy(\.listsAllDestinations))
    let rules = try IPVSTable(text: "# ipvsadm -Sn | grep 10.1.10.10\n-A -t 10.1.10.10:80 -s rr\n")
    #expect(!rules.listsAllServices && rules.services.allSatisfy { !$0.listsAllDestinations })
  }

  @Test(arguments: ["Every 2.0s: ipvsadm -Ln                lb1: Tue Dec  1 02:36:00 2026", "Every 0.5s: ipvsadm -Ln"])
  func whatWatchShows(heading: String) throws {
    #expect(
      try IPVSTable(text: heading + "\n\n" + Self.heading + Self.body).services.map(Self.withoutLines) == (try plain()))
  }

  /// What stands around a table is not the table's.
  @Test(arguments: [
    "[root@lb1 ~]# ipvsadm -ln\n" + heading + body + "[root@lb1 ~]#\n",
    "root@lb1:/etc/keepalived$ sudo ipvsadm -Ln\n" + heading + body,
    "```\n# ipvsadm -ln\n" + heading + body + "```\n",
    "u@node$ ipvsadm -ln\n" + heading + body,
    "/ # ./ipvsadm -ln\n" + heading + body,
    "# ipvsadm -ln\n" + heading + body + "# ipvsadm -ln --timeout\nTimeout (tcp tcpfin udp): 900 120 300\n",
    "$ ipvsadm -ln\n" + heading + body + "$ ipvsadm -ln --daemon\nmaster sync daemon (mcast=eth0, syncid=1)\n",
    "root@lb1:~# uptime\n 10:00:00 up 1 day\nroot@lb1:~# docker exec lb ipvsadm -ln\n" + heading + body,
    "ipvsadm -ln\n" + heading + body,
    heading.replacing("IP Virtual Server version 1.2.1 (size=4096)\n", with: "") + body,
    body,
    "\n\n" + body + "\n\n",
    (heading + body).split(separator: "\n").map { "I1126 10:00:00.123456       1 ipvs.go:12] " + $0 + "\n" }.joined(),
    "I1126 10:00:00.123456       1 ipvs.go:12] " + heading + body
      + "I1126 10:00:01.123456       1 proxier.go:99] \"Syncing\"\n",
    "ipvsadm -A -t 10.1.10.10:80 -s rr\nipvsadm -a -t 10.1.10.10:80 -r 10.1.10.21 -g -w 1\n"
      + "sudo ipvsadm -a -t 10.1.10.10:80 -r 10.1.10.22:80 -g -w 1\n",
  ])
  func whatStandsAroundATableIsSetAside(text: String) throws {
    let found = try IPVSTable(text: text)
    let services = found.services.map(Self.withoutLines)
    if found.form == .rules {
      let expected = try plain().map { $0.destinations.map(\.endpoint) }
      #expect(services.map { $0.destinations.map(\.endpoint) } == expected)
      #expect(services.allSatisfy { $0.destinations.allSatisfy { $0.forwarding == .route } })
    } else {
      #expect(services == (try plain()))
    }
  }

  /// Lines are the file's.
  @Test func linesAreCountedInThePastedText() throws {
    let table = try IPVSTable(text: "[root@lb1 ~]# ipvsadm -ln\n" + Self.heading + Self.body)
    #expect(table.services.map(\.line) == [5])
    #expect(table.services[0].destinations.map(\.line) == [6, 7])
  }

  @Test func aPartOfATableIsNotTheWhole() throws {
    #expect(try IPVSTable(text: Self.heading + Self.body).listsAllServices)
    #expect(try IPVSTable(text: Self.heading + Self.body).services[0].listsAllDestinations)
    // `-t` asks for one service.
    let short = Self.heading.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
    let one = try IPVSTable(text: short + Self.body)
    #expect(!one.listsAllServices && one.services[0].listsAllDestinations)
    // What has no heading was cut somewhere.
    let cut = try IPVSTable(text: Self.body)
    #expect(!cut.listsAllServices && !cut.services[0].listsAllDestinations)
    let left = try IPVSTable(text: Self.heading + Self.body + "...\nTCP  10.1.10.10:81 rr\n")
    #expect(!left.listsAllServices)
    #expect(left.services.map(\.listsAllDestinations) == [false, true])
  }

  @Test func severalTextsOfOneTableStandInOneFile() throws {
    let connections = """
      [root@lb1 ~]# ipvsadm -lnc
      IPVS connection entries
      pro expire state       source             virtual            destination
      TCP 01:58  FIN_WAIT    10.1.10.100:59930  10.1.10.10:80      10.1.10.21:80

      """
    let both = try IPVSTable(text: "[root@lb1 ~]# ipvsadm -ln\n" + Self.heading + Self.body + connections)
    #expect(both.form == .listing && both.services.count == 1 && both.connections.count == 1)
    #expect(try IPVSTable(text: connections).form == .connections)
  }

  @Test func theTablesOfSeveralHostsStayApart() throws {
    let text =
      "[root@lb1 ~]# ipvsadm -ln\n" + Self.heading + Self.body + "[root@lb2 ~]# ipvsadm -ln\n" + Self.heading
    let found = try IPVSTable.all(in: text)
    #expect(found.map(\.host) == ["lb1", "lb2"])
    #expect(found.map(\.table.services.count) == [1, 0])
    #expect(throws: TableError.self) { try IPVSTable(text: text) }
    #expect(try IPVSTable.all(in: "[root@lb1 ~]# ipvsadm -ln\n" + Self.heading + Self.body).map(\.host) == [nil])
  }

  @Test func whatIsNotKnownIsShownAsItStands() throws {
    let table = try IPVSTable(
      text: Self.heading + "TCP  10.1.10.10:80 maglev-2 quic expire-quiescent\n  -> 10.1.10.21:80  Teleport 1 0 0\n")
    #expect(table.services[0].scheduler == "maglev-2")
    #expect(table.services[0].schedulerFlags == ["quic", "expire-quiescent"])
    #expect(table.services[0].destinations[0].forwarding == .other("Teleport"))
  }

  /// ipvsadm prints marks of 2^31 and above as negative numbers.
  @Test func highMarksAreTheSameBits() throws {
    let text = Self.heading + "FWM  -2147483647 rr\n  -> 10.1.10.21:0  Route 1 0 0\n"
    #expect(try IPVSTable(text: text).services.map(\.name) == [.firewallMark(0x8000_0001, isIPv6: false)])
    let rule = "-A -f -2147483647 -s rr\n"
    #expect(try IPVSTable(text: rule).services.map(\.name) == [.firewallMark(0x8000_0001, isIPv6: false)])
  }

  /// Its rules for what leaves have no VIP.
  @Test func theSourceNATOfDPVSIsLeftOut() throws {
    let text =
      Self.heading + "MATCH tcp,from=172.16.0.0-172.16.255.254:0-0,oif=dpdk1 rr\n  -> 192.168.10.2:0  SNAT 100 0 0\n"
      + "TCP  10.1.10.10:80 rr\n  -> 10.1.10.21:80  FullNat 1 0 0\n"
    let table = try IPVSTable(text: text)
    #expect(table.services.count == 1 && table.services[0].destinations.map(\.forwarding) == [.fullNAT])
  }

  @Test func whatIsAnotherTextIsOfNoForm() {
    let text = "default via 10.1.10.1 dev eth1\n"
    #expect {
      try IPVSTable(text: text)
    } throws: { ($0 as? TableError)?.isOfNoForm == true }
    #expect(TableForm.nearest(to: text, for: .ipvs) == .routes)
  }

  @Test func whatIsNoTableIsRefusedByItsLine() {
    for (text, line) in [
      ("[root@lb1 ~]# ipvsadm -ln\nhello\n", 2), (Self.heading + Self.body + "hello there\n", 7),
      (Self.heading + "  -> 10.1.10.21:80  Route 1 0 0\n", 4), ("[root@lb1 ~]# ipvsadm -ln\n", 0),
      ("  -> 10.1.10.21:80  Route 1 0 0\n", 1), ("TCP  10.1.10.10:80 rr\n  -> 10.1.10.21:80  1 0 0 0\n", 1),
    ] {
      #expect {
        try IPVSTable(text: text)
      } throws: { ($0 as? TableError)?.line == line }
    }
  }
}
