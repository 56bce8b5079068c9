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

  /// What stands around a table is not the table's.
  @Test(arguments: [
    "[root@lb1 ~]# ipvsadm -ln\n" + heading + body + "[root@lb1 ~]#\n",
    "root@lb1:/etc/keepalived$ sudo ipvsadm -Ln\n" + heading + body,
    "```\n# ipvsadm -ln\n" + heading + body + "```\n",
    "u@node$ ipvsadm -ln\n" + heading + body,
    "/ # ./ipvsadm -ln\n" + heading + body,
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
