import Foundation
import Tables
import TestSupport
import Testing
import Wire

@Suite struct IPVSTextTests {
  private func endpoint(_ address: String, _ port: UInt16) throws -> IPVSTable.Endpoint {
    IPVSTable.Endpoint(address: try #require(IPAddress(address)), port: port)
  }

  @Test func theArticlesTableIsRead() throws {
    let table = try IPVSTable(
      text: """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port Forward Weight ActiveConn InActConn
        TCP  10.1.10.10:80 rr
          -> 10.233.90.25:80 Masq 1 0 0
          -> 10.233.90.28:80 Masq 1 0 0
        """)
    #expect(table.form == .listing)
    #expect(table.services.count == 1)
    #expect(table.services[0].destinations.map(\.forwarding) == [.masquerade, .masquerade])
  }

  @Test func theKernelsOwnTextIsToldByItsHeading() throws {
    let kernels = """
      IP Virtual Server version 1.2.1 (size=4096)
      Prot LocalAddress:Port Scheduler Flags
        -> RemoteAddress:Port Forward Weight ActiveConn InActConn
      FWM  000005C9 rr
        -> 0A010A15:0000      Route   1      0          0
      """
    #expect(try IPVSTable(text: kernels).form == .kernel)
    #expect(try IPVSTable(text: kernels).services.map(\.name) == [.firewallMark(1481, isIPv6: false)])
    let listing = """
      IP Virtual Server version 1.2.1 (size=4096)
      Prot LocalAddress:Port Scheduler Flags
        -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
      FWM  12345678 rr
        -> 10.1.10.21:0                 Route   1      0          0
      TCP  [fd00:1111:2222:3333:4444:5555:6666:7777]:8443 rr
        -> [fd00:10::21]:8443           Route   1      0          0
      """
    let table = try IPVSTable(text: listing)
    #expect(table.form == .listing)
    #expect(
      table.services.map(\.name) == [
        .firewallMark(12_345_678, isIPv6: false),
        .endpoint(.tcp, try endpoint("fd00:1111:2222:3333:4444:5555:6666:7777", 8443)),
      ])
  }

  /// Source: iqiyi/dpvs tools/ipvsadm/ipvsadm.c.
  @Test func theTextsOfDPVSAreRead() throws {
    let table = try IPVSTable(
      text: """
        IP Virtual Server version 0.0.0 (size=0)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
        TCP  10.1.10.10:80 conhash sip synproxy conn_timeout 60
          -> 10.1.10.21:80                FullNat 1      0          1
        TCP  10.1.10.11:80 rr
          -> 10.1.10.21:80                Route   1      0          1
        """)
    #expect(table.services.map(\.answersHandshakes) == [true, false])
    #expect(table.services[0].schedulerFlags == ["sip"])
    #expect(table.services[0].destinations.map(\.forwarding) == [.fullNAT])
    let connections = try IPVSTable(
      text: """
        [3]tcp 30s    SYN_RECV    10.1.10.100:42394  10.1.10.10:80      10.1.10.11:1025    10.1.10.21:80
        [12]udp 7s    NONE        10.1.10.100:5353   10.1.10.10:53      10.1.10.10:53      10.1.10.22:53
        [1]icmp 3s    NONE        10.1.10.100:8      10.1.10.10:0       10.1.10.10:0       10.1.10.22:0
        """)
    #expect(connections.form == .connections)
    #expect(connections.connections.map(\.transport) == [.tcp, .udp])
    #expect(
      connections.connections.map(\.destination) == [try endpoint("10.1.10.21", 80), try endpoint("10.1.10.22", 53)])
    #expect(connections.connections.map(\.expires) == [30, 7])
    for text in ["[3]tcp 30 SYN_RECV", "[3]tcp 30s SYN_RECV 10.1.10.100:1 10.1.10.10:80 10.1.10.21:80", "[x]tcp 30s"] {
      #expect(throws: TableError.self) { try IPVSTable(text: text) }
    }
  }

  @Test func theKernelsMasksAreOfTheServicesFamily() throws {
    let table = try IPVSTable(
      text: """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port Forward Weight ActiveConn InActConn
        TCP  0A010A0A:0050 rr persistent 36000 80000000
        TCP  [fd00:0010:0000:0000:0000:0000:0000:0010]:01BB rr persistent 36000 40000000
        TCP  0A010A0B:0050 rr persistent 36000 FFFFFFFF
        """)
    #expect(table.services.map(\.persistence?.prefixLength) == [1, 64, nil])
  }

  @Test func optionsOfRulesComeInAnyOrder() throws {
    let table = try IPVSTable(
      text: """
        -A -t 10.1.10.10:80 -s rr -M 255.255.255.0 -p 300
        -a -t 10.1.10.10:80 -r 10.1.10.21:80 -i --tun-port 6080 --tun-type gue -w 1
        """)
    #expect(table.services[0].persistence == IPVSTable.Persistence(seconds: 300, prefixLength: 24))
    #expect(table.services[0].destinations[0].tunnel == IPVSTable.Tunnel(type: .gue, port: 6080))
  }

  @Test func anUnknownMethodIsKeptAsItIsWritten() throws {
    let table = try IPVSTable(
      text: """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
        TCP  10.1.10.10:80 newest
          -> 10.1.10.21:80                Warp    1      0          0
        """)
    #expect(table.services[0].scheduler == "newest")
    #expect(table.services[0].destinations[0].forwarding == .other("Warp"))
  }

  @Test func servicesAndDestinationsKnowTheirLines() throws {
    for text in [
      "\nIP Virtual Server version 1.2.1 (size=4096)\n\nProt LocalAddress:Port Scheduler Flags\n"
        + "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n"
        + "TCP  10.1.10.10:80 rr\n  -> 10.1.10.21:80                Route   1      0          0\n",
      "\n\n\n\n\n-A -t 10.1.10.10:80 -s rr\n-a -t 10.1.10.10:80 -r 10.1.10.21:80 -g -w 1\n",
    ] {
      let service = try IPVSTable(text: text).services[0]
      #expect(service.line == 6)
      #expect(service.destinations.map(\.line) == [7])
    }
  }

  @Test func anEmptyTableIsOneWithoutServices() throws {
    let heading = """
      IP Virtual Server version 1.2.1 (size=4096)
      Prot LocalAddress:Port Scheduler Flags
        -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
      """
    #expect(try IPVSTable(text: heading).services.isEmpty)
  }

  @Test func roundedCountersAreMultipliedOut() throws {
    let table = try IPVSTable(
      text: """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
          -> RemoteAddress:Port
        TCP  10.1.10.10:80                 123456K 99999999        0    1234M       7T
        """)
    let expected = IPVSTable.Counters(
      isRate: false, connections: 123_456_000, packetsIn: 99_999_999, packetsOut: 0, bytesIn: 1_234_000_000,
      bytesOut: 7_000_000_000_000)
    #expect(table.services[0].counters == expected)
  }

  @Test func connectionsAreTheSameInBothForms() throws {
    let listed = try IPVSTable(
      text: """
        IPVS connection entries
        pro expire state       source             virtual            destination
        TCP 01:58  FIN_WAIT    10.1.10.100:59930  10.1.10.10:80      10.1.10.21:80
        UDP 04:57  UDP         [fd00:10::100]:48644 [fd00:10::10]:53   [fd00:10::22]:53
        """)
    let kernels = try IPVSTable(
      text: """
        Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
        TCP 0A010A64 EA1A 0A010A0A 0050 0A010A15 0050 FIN_WAIT        118
        UDP fd00:0010:0000:0000:0000:0000:0000:0100 BE04 fd00:0010:0000:0000:0000:0000:0000:0010 0035 fd00:0010:0000:0000:0000:0000:0000:0022 0035 UDP             297
        """)
    #expect(listed.connections == kernels.connections)
    #expect(listed.connections.count == 2)
    #expect(listed.connections[0].client == (try endpoint("10.1.10.100", 59930)))
    #expect(listed.connections[0].expires == 118)
    #expect(listed.form == .connections && kernels.form == .kernelConnections)
  }

  /// What the hosts of the lab printed while they worked.
  @Test func theTablesOfTheLabAreRead() throws {
    let lab = Repository.fixtures.appending(path: "lab")
    let endings: [String: IPVSTable.Form] = [
      ".ipvsadm": .listing, ".ipvsadm-stats": .listing, ".ipvsadm-rate": .listing, ".ipvsadm-exact": .listing,
      ".ipvsadm-save": .rules, ".ipvsadm-conn": .connections, ".proc_ip_vs": .kernel,
      ".proc_ip_vs_conn": .kernelConnections,
    ]
    var read: [IPVSTable.Form: Int] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: lab.path) {
      guard let form = endings.first(where: { path.hasSuffix($0.key) })?.value else { continue }
      let table = try IPVSTable(text: String(contentsOf: lab.appending(path: path), encoding: .utf8))
      #expect(table.form == form, "\(path)")
      read[form, default: 0] += 1
    }
    // More than one host of every scenario.
    #expect(read.count == 5)
    #expect(read.values.allSatisfy { $0 > 15 })
  }

  @Test(arguments: [
    ("", 0), ("hello", 1), ("IP Virtual Server version 1.2.1 (size=4096)", 1),
    ("-A -t 10.1.10.10:80 -s", 1), ("-A -t 10.1.10.10:80 -s rr\n-a -t 10.1.10.11:80 -r 10.1.10.21:80 -g -w 1", 2),
    ("-A -t 10.1.10.10:80 -s rr\n-a -t 10.1.10.10:80 -r 10.1.10.21:99999 -g", 2),
    ("IPVS connection entries\npro\nTCP 01:58 FIN_WAIT 10.1.10.100:1 10.1.10.10:80", 3),
    ("IPVS connection entries\npro\nTCP 01:75 FIN_WAIT 10.1.10.100:1 10.1.10.10:80 10.1.10.21:80", 3),
    ("Pro FromIP\nTCP 0A010A64 EA1A 0A010A0A 0050 0A010A15", 2), ("Pro FromIP\nICMP 0A010A64", 2),
  ])
  func whatIsNoTableIsRefusedWithItsLine(text: String, line: Int) {
    #expect {
      try IPVSTable(text: text)
    } throws: { error in
      (error as? TableError)?.line == line
    }
  }

  /// What it is read as again decides, so that nothing is lost on the way.
  @Test func aTableIsPrintedWithOtherAddresses() throws {
    let other = { (address: IPAddress) in
      IPAddress(v4: UInt32(truncatingIfNeeded: address.low) &+ 0x0100_0000)
    }
    let rules = """
      -A -t 10.1.10.10:80 -s wlc -p 300 -M 255.255.255.0 -b mh-port,mh-fallback
      -a -t 10.1.10.10:80 -r 10.1.10.21:80 -g -w 1
      -a -t 10.1.10.10:80 -r 10.1.10.22:80 -i -w 2 --tun-type gue --tun-port 6080
      -A -u 10.1.10.10:53 -s rr -o
      """
    let printed = try #require(try IPVSTable(text: rules).printed(other))
    #expect(
      !printed.contains("10.1.10.") && printed.contains("-r 11.1.10.22:80 -i -w 2 --tun-type gue --tun-port 6080"))
    let heading = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"
    let columns = "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n"
    let listing = heading + columns + "TCP  10.1.10.10:80 wlc persistent 300 ops\n  -> 10.1.10.21:80 Masq 1 3 4\n"
    #expect(
      try #require(try IPVSTable(text: listing).printed(other)).hasSuffix(
        "TCP  11.1.10.10:80 wlc persistent 300 ops\n  -> 11.1.10.21:80 Masq 1 3 4\n"))
    // Marks mean something elsewhere, a word may be a name, and counters have columns of their own.
    for odd in [
      listing.replacing("TCP  10.1.10.10:80", with: "FWM  1"),
      listing.replacing("ops", with: "of-web-lb-and-nobody-else"),
      heading + "  -> RemoteAddress:Port Conns InPkts OutPkts InBytes OutBytes\nTCP  10.1.10.10:80 1 2 3 4 5\n",
    ] {
      #expect(try IPVSTable(text: odd).printed(other) == nil, "\(odd)")
    }
  }

  /// Whatever is done to a table, it is read or refused, and nothing traps.
  @Test func damagedTablesNeverTrap() throws {
    let seed = SeededGenerator.seed(for: "IPVSTextTests")
    var generator = SeededGenerator(seed: seed)
    let folder = Repository.fixtures.appending(path: "tables/ipvs")
    for name in ["ln", "Sn", "stats", "tuninfo", "thresholds", "proc_ip_vs", "conn", "proc_ip_vs_conn"] {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
      for _ in 0..<500 {
        var damaged = bytes
        for _ in 0...generator.next() % 4 { damaged.damage(using: &generator) }
        _ = try? IPVSTable(text: String(decoding: damaged, as: UTF8.self))
      }
    }
  }
}
