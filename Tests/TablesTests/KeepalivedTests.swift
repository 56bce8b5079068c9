import Tables
import TestSupport
import Testing
import Wire

/// The virtual servers of keepalived.conf.
@Suite struct KeepalivedTests {
  private static let text = """
    ! Configuration File for keepalived
    $VIP=10.1.10.10
    global_defs {
        router_id lb1   # ipvsadm -ln
    }
    # ip addr
    vrrp_instance VI_1 {
        state MASTER
        virtual_ipaddress {
            10.1.10.10/32 dev eth1
        }
    }
    virtual_server_group web {
        10.1.10.11-12 80
        fwmark 5
    }
    virtual_server $VIP 80 {
        delay_loop 6
        lvs_sched wrr
        lvs_method DR
        persistence_timeout 50
        protocol TCP
        sorry_server 127.0.0.1 80
        real_server 10.1.10.21 80 {
            weight 3
            TCP_CHECK {
                connect_timeout 3
            }
        }
        real_server 10.1.10.22 8080 { lvs_method TUN type gue port 6080 }
    }
    virtual_server 10.1.10.10 53
    {
        lb_algo rr
        lb_kind NAT
        real_server 10.1.10.21 53 {
        }
    }
    virtual_server group web {
        lvs_method DR
        protocol TCP
        real_server 10.1.10.23 80 {
        }
    }
    """

  @Test func virtualServersAreServices() throws {
    let table = try IPVSTable(text: Self.text)
    #expect(table.form == .keepalived && table.listsAllServices)
    let names = table.services.map { service in
      switch service.name {
      case .endpoint(let transport, let endpoint): "\(transport.rawValue) \(endpoint.text)"
      case .firewallMark(let mark, let isIPv6): "mark \(mark) \(isIPv6)"
      }
    }
    // Without a protocol keepalived takes UDP.
    #expect(
      names == ["tcp 10.1.10.10:80", "udp 10.1.10.10:53", "tcp 10.1.10.11:80", "tcp 10.1.10.12:80", "mark 5 false"])
    let web = table.services[0]
    #expect(web.scheduler == "wrr" && web.persistence?.seconds == 50)
    #expect(web.destinations.map(\.endpoint.text) == ["10.1.10.21:80", "10.1.10.22:8080"])
    #expect(web.destinations.map(\.forwarding) == [.route, .tunnel])
    #expect(web.destinations.map(\.tunnel) == [nil, IPVSTable.Tunnel(type: .gue, port: 6080)])
    #expect(web.destinations.map(\.weight) == [3, 1])
    #expect(table.services[1].destinations.map(\.forwarding) == [.masquerade])
  }

  /// keepalived 2.2.7 sets NAT where there is no method, and drops the second of two servers alike.
  @Test func whatKeepalivedSetsItselfIsRead() throws {
    let server = " real_server 10.1.10.21 80 {\n  weight 3\n }\n"
    let table = try IPVSTable(
      text: "virtual_server 10.1.10.10 80 {\n protocol TCP\n" + server
        + server.replacing("weight 3", with: "lvs_method DR")
        + server.replacing("21", with: "22").replacing("weight 3", with: "lvs_method DR") + "}\n")
    let destinations = try #require(table.services.first).destinations
    #expect(destinations.map(\.endpoint.text) == ["10.1.10.21:80", "10.1.10.22:80"])
    #expect(destinations.map(\.forwarding) == [.masquerade, .route])
    #expect(destinations.map(\.weight) == [3, 1])
  }

  @Test func linesAreTheFiles() throws {
    let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
    let table = try IPVSTable(text: Self.text)
    for service in table.services {
      #expect(lines[service.line - 1].contains("virtual_server"))
      for destination in service.destinations {
        #expect(lines[destination.line - 1].contains("real_server \(destination.endpoint.address)"))
      }
    }
    let prompted = try IPVSTable(text: "[root@lb1 ~]# cat /etc/keepalived/keepalived.conf\n" + Self.text)
    #expect(prompted.services.map(\.line) == table.services.map { $0.line + 1 })
  }

  /// What other files and conditions add is not known.
  @Test(arguments: ["include /etc/keepalived/conf.d/*.conf\n", "@lb1 router_id a\n", "...\n"])
  func whatIsInOtherFilesMakesItAPart(line: String) throws {
    let table = try IPVSTable(text: line + Self.text)
    #expect(!table.listsAllServices && table.services.allSatisfy { !$0.listsAllDestinations })
  }

  @Test func whatIsBrokenIsNamedByItsLine() {
    for (text, line) in [
      ("virtual_server 10.1.10.10 80 {\n", 1), ("virtual_server www 80 {\n}\n", 1),
      ("virtual_server 10.1.10.10 80 {\n real_server 10.1.10.21 http {\n }\n}\n", 2),
      ("virtual_server 10.1.10.10 80 {\n protocol ICMP\n}\n", 2), ("global_defs {\n}\n}\n", 3),
      ("virtual_server group web {\n}\n", 1), ("virtual_server 10.1.10.30-20 80 {\n}\n", 1),
      ("virtual_server 10.1.10.10 80 {\n lvs_method\n}\n", 2),
    ] {
      #expect {
        try IPVSTable(text: text)
      } throws: { ($0 as? TableError)?.line == line }
    }
  }

  @Test func damageNeverTraps() {
    let seed = SeededGenerator.seed(for: "KeepalivedTests")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var damaged = Array(Self.text.utf8)
      for _ in 0...generator.next() % 4 { damaged.damage(using: &generator) }
      do throws(TableError) {
        _ = try IPVSTable(text: String(decoding: damaged, as: UTF8.self))
      } catch {
        #expect(!error.expected.isEmpty, "seed \(seed)")
      }
    }
    let group = "virtual_server_group g {\n" + String(repeating: " 10.0.0.0-255 80\n", count: 2000) + "}\n"
    let took = ContinuousClock().measure {
      #expect(throws: TableError.self) {
        try IPVSTable(text: group + String(repeating: "virtual_server group g {\n}\n", count: 2000))
      }
      #expect(throws: TableError.self) { try IPVSTable(text: String(repeating: "global_defs {\n", count: 50_000)) }
    }
    #expect(took < .seconds(30))
  }
}
