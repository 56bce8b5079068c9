import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// The lists of balancers that are no IPVS, as their own programs print them.
@Suite struct BalancerTextTests {
  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/balancers/\(name)"), encoding: .utf8)
  }

  private func table(_ name: String) throws -> IPVSTable { try IPVSTable(text: Self.text(name)) }

  private func fault(_ text: String) -> TableError? {
    do throws(TableError) {
      _ = try IPVSTable(text: text)
      return nil
    } catch { return error }
  }

  /// `tcp 10.1.10.10:80: 10.1.10.21:80 Route 1`, a line each.
  private func lines(_ table: IPVSTable) -> [String] {
    table.services.map { service in
      guard case .endpoint(let transport, let endpoint) = service.name else { return "a mark" }
      let destinations = service.destinations.map { destination in
        [destination.endpoint.text, destination.forwarding?.name, destination.weight.map { "\($0)" }]
          .compactMap(\.self).joined(separator: " ")
      }
      return "\(transport.rawValue) \(endpoint.text): " + destinations.joined(separator: ", ")
    }
  }

  @Test func ciliumsMapsTellWhatReturnsDirectly() throws {
    let table = try table("cilium-bpf-lb-list")
    #expect(table.form == .ciliumMaps && table.form.balancer == .cilium)
    #expect(
      lines(table) == [
        "tcp 10.96.0.1:443: 10.1.10.20:6443", "tcp 10.1.10.10:80: 10.244.1.9:8080 DSR, 10.244.2.7:8080 DSR",
        "tcp 10.1.10.40:443: ", "tcp [fd00:10::10]:80: [fd00:10:244:1::9]:8080",
      ])
    #expect(table.services.map(\.line) == [3, 5, 10, 11])
    #expect(table.services[1].destinations.map(\.line) == [5, 7])
    // The node's own proxy takes the third, and of the fourth a backend is not told.
    #expect(table.services.map(\.listsAllDestinations) == [true, true, false, false])
  }

  /// With the service and its slot in each line; those of one service need not stand together.
  @Test func ciliumsMapsWithSlotsAreRead() throws {
    let table = try IPVSTable(
      text: """
        SERVICE ADDRESS           BACKEND ADDRESS (REVNAT_ID) (SLOT)
        10.1.10.10:80/TCP (0)     0.0.0.0:0 (14) (0) [LoadBalancer, dsr]
        10.96.0.1:443/TCP (1)     10.1.10.20:6443/TCP (1) (1)
        10.1.10.10:80/TCP (2)     10.244.2.7:8080/TCP (14) (2)
        10.1.10.10:80/TCP (1)     10.244.1.9:8080/TCP (14) (1)
        10.96.0.1:443/TCP (0)     0.0.0.0:0 (1) (0) [ClusterIP, non-routable]
        10.1.10.40:80/TCP (1)     backend 44 not found
        """)
    #expect(
      lines(table) == [
        "tcp 10.1.10.10:80: 10.244.2.7:8080 DSR, 10.244.1.9:8080 DSR", "tcp 10.96.0.1:443: 10.1.10.20:6443",
        "tcp 10.1.10.40:80: ",
      ])
    #expect(table.services.map(\.listsAllDestinations) == [true, true, false])
  }

  @Test func ciliumsServicesTellNoWay() throws {
    let table = try table("cilium-service-list")
    #expect(
      lines(table) == [
        "udp 10.96.0.10:53: 10.244.1.69:53, 10.244.1.109:53",
        "tcp 10.1.10.10:80: 10.244.1.9:8080, 10.244.2.7:8080 0", "tcp 10.1.10.40:443: ",
        "tcp 10.1.10.10:9000: [fd00:10:244:1::9]:9000", "udp 10.1.10.10:9000: [fd00:10:244:1::9]:9000",
      ])
  }

  /// Before 1.17 there is no protocol, and with blanks lost the lines below a service begin with the backend.
  @Test func anOlderListOfCiliumsIsRead() throws {
    let table = try IPVSTable(
      text: """
        SERVICE ADDRESS     BACKEND ADDRESS
        10.43.189.53:80     0.0.0.0:0 (8) [ClusterIP, non-routable]
        10.0.0.69:80 (8)
        10.0.0.145:80 (8)
        """)
    #expect(
      lines(table) == [
        "tcp 10.43.189.53:80: 10.0.0.69:80, 10.0.0.145:80", "udp 10.43.189.53:80: 10.0.0.69:80, 10.0.0.145:80",
      ])
  }

  @Test func katranSendsInATunnelAtTheVIPsPort() throws {
    let table = try table("katran")
    #expect(
      lines(table) == [
        "tcp 10.1.10.10:80: 10.1.10.21:80 Tunnel 1, 10.1.10.22:80 Tunnel 0",
        "udp [fd00:10::10]:443: [fd00:10::21]:443 Tunnel 10",
      ])
    #expect(table.listsAllServices && table.services[0].line == 3)
    let part = try IPVSTable(text: Self.text("katran").replacing("vips len 2", with: "vips len 3"))
    #expect(!part.listsAllServices)
    // As its example prints it, and as the client in C++ logs it.
    let other = try IPVSTable(
      text: """
        I1126 12:54:05.000001  1 KatranSimpleClient.cpp:201] vips len: 1
        I1126 12:54:05.000002  1 KatranSimpleClient.cpp:218] VIP: 10.200.200.1         Port: 000022, Protocol: tcp
        I1126 12:54:05.000003  1 KatranSimpleClient.cpp:225] -> 10.0.0.2             weight 1 flags
        """)
    #expect(lines(other) == ["tcp 10.200.200.1:22: 10.0.0.2:22 Tunnel 1"])
  }

  @Test func aRuleOfLoxiLBTellsItsMode() throws {
    let table = try table("loxilb.json")
    #expect(
      lines(table) == [
        "tcp 10.1.10.10:80: 10.1.10.21:80 Route 1, 10.1.10.22:80 Route 0",
        "sctp 10.1.10.11:2020: 10.1.10.23:8080 Masq 1",
        "sctp 10.1.10.11:2021: 10.1.10.23:8080 Masq 1", "sctp 10.1.10.11:2022: 10.1.10.23:8080 Masq 1",
        "sctp 10.1.11.11:2020: 10.1.10.23:8080 Masq 1", "sctp 10.1.11.11:2021: 10.1.10.23:8080 Masq 1",
        "sctp 10.1.11.11:2022: 10.1.10.23:8080 Masq 1",
      ])
    #expect(table.services[0].destinations.map(\.method) == ["mode dsr", "mode dsr"])
    for (mode, name) in [
      (0, "Masq"), (1, "FullNat"), (2, "FullNat"), (3, "Route"), (4, "FullNat"), (5, "FullNat"), (9, "mode 9"),
    ] {
      let rule = #"{"serviceArguments": {"externalIP": "10.1.10.10", "port": 80, "protocol": "tcp", "mode": \#(mode)}"#
      let text = rule + #", "endpoints": [{"endpointIP": "10.1.10.21", "targetPort": 80}]}"#
      for whole in [text, "[\(text)]", "\u{feff}[\n \(text)]"] {
        #expect(try lines(IPVSTable(text: whole)) == ["tcp 10.1.10.10:80: 10.1.10.21:80 \(name)"])
      }
    }
  }

  @Test func aFarmOfNFTLBTellsItsMode() throws {
    let table = try table("nftlb.json")
    #expect(
      lines(table) == [
        "tcp 10.1.10.10:80: 10.1.10.21:80 Route 5, 10.1.10.22:80 Route 0",
        "tcp 10.1.10.10:8080: 10.1.10.21:8080 Route 5, 10.1.10.22:8080 Route 0",
        "tcp 10.1.10.10:8081: 10.1.10.21:8081 Route 5, 10.1.10.22:8081 Route 0",
        "udp 10.1.10.11:53: 10.1.10.23:5353 Masq",
      ])
    for (mode, name) in [("snat", "FullNat"), ("dnat", "Masq"), ("local", "Local"), ("new", "mode new")] {
      let text = try Self.text("nftlb.json").replacing("stlsdnat", with: mode)
      #expect(try lines(IPVSTable(text: text)).last == "udp 10.1.10.11:53: 10.1.10.23:5353 \(name)")
    }
  }

  @Test(arguments: [
    ("{\"items\": []}", 1, "lbAttr"), ("[{\"a\": 1}]", 1, "lbAttr"),
    ("{\"lbAttr\": [{\"serviceArguments\": {\"externalIP\": \"lb\"}}]}", 1, "externalIP"),
    ("{\"lbAttr\": [{\"serviceArguments\": {\"externalIP\": \"10.0.0.1\", \"port\": 65536}}]}", 1, "port"),
    ("{\"farms\": [\n{\"virtual-addr\": \"\"}]}", 2, "virtual-addr"),
    ("{\"farms\": [{\"virtual-addr\": \"10.0.0.1\", \"virtual-ports\": \"9-1\"}]}", 1, "virtual-ports"),
    ("SERVICE ADDRESS BACKEND ADDRESS\n10.0.0.1:80 web:80 (1)\n", 2, "an address"),
    ("SERVICE ADDRESS BACKEND ADDRESS\n10.0.0.1:80 (1)\n", 2, "a service's address"),
    ("ID Frontend Service Type Backend\n1 web:80 ClusterIP\n", 2, "an address"),
    ("vips len 1\n->10.0.0.1 weight: 1\n", 2, "a VIP"), ("VIP: a Port: 1 Protocol: tcp\n", 1, "a VIP"),
  ])
  func whatMakesNoSenseSaysWhere(text: String, line: Int, expected: String) throws {
    let error = try #require(fault(text))
    #expect(error.line == line && error.expected.contains(expected), "\(error)")
  }

  @Test func aWideRangeIsNotListedPortByPort() throws {
    let farm = #"{"farms": [{"virtual-addr": "10.0.0.1", "virtual-ports": "1-65535", "protocol": "all"}]}"#
    let table = try IPVSTable(text: farm)
    #expect(table.services.count == 4 && !table.listsAllServices)
  }

  // MARK: What grep leaves, and loxicmd's table

  @Test(arguments: [
    "21   10.1.10.10:80/TCP   LoadBalancer   1 => 10.244.1.9:8080/TCP (active)\n                    2 => 10.244.2.9:8080/TCP (active)\n",
    "10.1.10.10:80/TCP (0)  0.0.0.0:0 (21) (0) [LoadBalancer]\n10.1.10.10:80/TCP (1)  10.244.1.9:8080/TCP (21) (1)\n"
      + "10.1.10.10:80/TCP (2)  10.244.2.9:8080/TCP (21) (2)\n",
  ])
  func ciliumsListsWithoutAHeading(text: String) throws {
    let table = try IPVSTable(
      text: "kubectl exec -n kube-system ds/cilium -- cilium-dbg list | grep 10.1.10.10\nDefaulted container\n" + text)
    #expect(table.form.balancer == .cilium && !table.listsAllServices)
    #expect(table.services.map { $0.destinations.map(\.endpoint.text) } == [["10.244.1.9:8080", "10.244.2.9:8080"]])
    #expect(table.services.allSatisfy { !$0.listsAllDestinations })
    #expect(try IPVSTable(text: text).services.count == 1)
  }

  @Test func loxicmdsTable() throws {
    let table = try IPVSTable(
      text: """
        root@lb:/# loxicmd get lb -o wide
        |   EXT IP   |   SEC IPS  | PORT | PROTO |  NAME   | MARK | SEL | MODE | ENDPOINT   | EPORT | WEIGHT | STATE    | COUNTERS |
        |------------|------------|------|-------|---------|------|-----|------|------------|-------|--------|----------|----------|
        | 10.1.10.10 | 10.1.10.11 |   80 | tcp   | a_web   |    0 | rr  | dsr  | 10.1.10.21 |    80 |      1 | active   | 25:1842  |
        |            |            |      |       |         |      |     |      | 10.1.10.22 |    80 |      1 | inactive | 0:0      |
        | 10.1.10.12 |            |   53 | udp   | a_dns   |    0 | rr  | onearm | 10.1.10.21 |  53 |      1 | active   | 0:0      |
        """)
    #expect(table.form == .loxilb)
    #expect(table.services.map(\.destinations.count) == [2, 2, 1])
    let told = table.services.flatMap(\.destinations).map {
      "\($0.endpoint.text) \($0.method ?? "") \($0.weight ?? -1)"
    }
    #expect(
      told == [
        "10.1.10.21:80 mode dsr 1", "10.1.10.22:80 mode dsr 0", "10.1.10.21:80 mode dsr 1", "10.1.10.22:80 mode dsr 0",
        "10.1.10.21:53 mode onearm 1",
      ])
    #expect(
      table.services[0].destinations[0].forwarding == .route && table.services[2].destinations[0].forwarding == .fullNAT
    )
    let old = try IPVSTable(
      text:
        "| EXTERNALIP | PORT | PROTOCOL | SELECT |  ENDPOINTIP   | TARGETPORT | WEIGHT |\n| 10.1.10.10 | 80 | tcp | 0 | 10.1.10.21 | 80 | 1 |\n"
    )
    #expect(old.services.first?.destinations.first?.forwarding == nil && old.services.count == 1)
    #expect(throws: TableError.self) {
      try IPVSTable(
        text: "| EXTERNALIP | PORT | PROTOCOL | SELECT | # OF ENDPOINTS |\n| 10.1.10.10 | 80 | tcp | 0 | 3 |\n")
    }
  }
}
