import Foundation
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

  /// A condition may say it.
  private static let open = IPVSTable.Forwarding.other("said elsewhere")

  private static func fixture(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/keepalived/\(name)"), encoding: .utf8)
  }

  /// Comments, names, sequences and braces, as keepalived 2.2.7 prints what it made of this file (`--dump-conf`).
  @Test func wordsAreReadAsKeepalivedReadsThem() throws {
    let text = try Self.fixture("words")
    let table = try IPVSTable(text: text)
    let service = try #require(table.services.first)
    #expect(
      table.services.count == 1 && service.name == .endpoint(.tcp, .init(address: IPAddress(v4: 0x0a01_0a0a), port: 80))
    )
    #expect(
      service.destinations.map(\.endpoint.text) == [
        "10.1.10.23:80", "10.1.10.22:80", "10.1.10.21:80", "10.1.10.31:80", "10.1.10.32:80",
      ])
    #expect(
      service.destinations.map(\.weight) == [1, 1, 1, 31, 32]
        && service.destinations.allSatisfy { $0.forwarding == Self.open })
    let router = try #require(table.routers.first)
    #expect(
      router.addresses.map(\.address.description) == [
        "10.1.10.10", "10.1.10.11", "10.1.10.12", "10.1.10.14", "10.1.10.16", "fd00:1::1e", "fd00:2::1e",
        "fd00:1::1f", "fd00:2::1f",
      ])
    #expect(router.source == IPAddress(v4: 0x0a01_0a02) && router.movesPriority && router.isPart)
    #expect(table.staticAddresses.map(\.address) == [IPAddress(v4: 0x0a01_0b0a)])
    // What is not known is named, and the lines are the file's.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(table.unread.map { lines[$0.line - 1].contains($0.text.split(separator: " ")[0]) } == [true, true, true])
    #expect(!table.listsAllServices && !service.listsAllDestinations)
    for address in router.addresses {
      #expect(lines[address.line - 1].contains("$") || lines[address.line - 1].contains("10.1.10.11"))
    }
  }

  private func destinations(_ lines: String) throws -> [String] {
    try #require(
      try IPVSTable(text: "virtual_server 10.1.10.10 80 {\nprotocol TCP\nlvs_method DR\n\(lines)\n}\n").services.first
    ).destinations.map { "\($0.endpoint.text) \($0.weight ?? -1)" }
  }

  @Test(arguments: [
    ("real_server 10.1.10.21 80{weight 2}", ["10.1.10.21:80 2"]),
    ("real_server 10.1.10.21 80 {# c\nweight 2!c\n}", ["10.1.10.21:80 2"]),
    ("real_server 10.1.10.21 80 { weight 2 weight 3 }", ["10.1.10.21:80 2"]),
    ("real_server 10.1.10.21 80 {\nnotify_up \"/x { # \\\" \n weight 2\n}", ["10.1.10.21:80 2"]),
    ("real_server 10.1.10.21 80 {\nnotify_up \"} $1 ! #\"\nweight 2\n}", ["10.1.10.21:80 2"]),
    ("$W=2\nreal_server 10.1.10.21 80 {\nweight $W\n}", ["10.1.10.21:80 2"]),
    ("$A=10.1.10\n$B=${A}.21 80\nreal_server $B {\n}", ["10.1.10.21:80 1"]),
    ("$E=\n$E real_server 10.1.10.21 80 { }", ["10.1.10.21:80 1"]),
    ("$R=real_server 10.1.10.21 80 { \\\nweight 4 \\\n}\n$R", ["10.1.10.21:80 4"]),
    // An empty line ends a value.
    (
      "$R=real_server 10.1.10.21 80 { \\\n\nreal_server 10.1.10.22 80 { }\n$R\n}",
      ["10.1.10.22:80 1", "10.1.10.21:80 1"]
    ),
    ("~SEQ(X, 2) real_server 10.1.10.$X 80 { weight ${X} }", ["10.1.10.1:80 1", "10.1.10.2:80 2"]),
    ("~SEQ(X,0x10,1,021) real_server 10.1.10.$X 80 { }", ["10.1.10.16:80 1", "10.1.10.17:80 1"]),
    (
      "~SEQ(X, 1, 2) ~SEQ(Y, 3, 4) real_server 10.1.${X}.$Y 80 { }",
      ["10.1.1.3:80 1", "10.1.1.4:80 1", "10.1.2.3:80 1", "10.1.2.4:80 1"]
    ),
    ("$L=2\n~SEQ(X, 1, $L) real_server 10.1.10.$X 80 { }", ["10.1.10.1:80 1", "10.1.10.2:80 1"]),
    // What is not known is left out.
    ("real_server $X 80 {\nweight 1\n}\nreal_server 10.1.10.22 80 {\nweight $X\n}", []),
    ("@a real_server 10.1.10.21 80 { }\n@a\n~LST(X, a, b) real_server $X 80", []),
  ])
  func linesUnfold(lines: String, expected: [String]) throws {
    #expect(try destinations(lines) == expected)
  }

  /// The bound is on what lines unfold to.
  @Test func aLongFileIsReadWhole() throws {
    let servers = (0..<2000).map { "real_server 10.2.\($0 / 250).\($0 % 250 + 1) 80 {\n weight 1\n}\n" }.joined()
    let services = (0..<20).map { "virtual_server 10.1.10.\($0) 80 {\n\(servers)}\n" }.joined()
    let table = try IPVSTable(text: services)
    #expect(table.services.count == 20 && table.services.allSatisfy { $0.destinations.count == 2000 })
  }

  @Test func whatIsLeftOutIsNamedAndMakesAPart() throws {
    for line in [
      "real_server $X 80 { }", "@a weight 1", "~LST(X, a) real_server $X 80", "$BLOCK", "include other.conf",
    ] {
      let table = try IPVSTable(text: "virtual_server 10.1.10.10 80 {\n\(line)\nnotify \"$1\"\n}\n")
      #expect(table.unread.map(\.line) == [2] && !table.listsAllServices, "\(line)")
      #expect(line.contains(table.unread.first?.text.prefix(5) ?? "?"))
    }
    // A name of a condition's, where no check looks.
    let table = try IPVSTable(text: "@a $F=x\nvirtual_server 10.1.10.10 80 {\nnotify_up \"$F\"\n}\n")
    #expect(table.unread.isEmpty && table.listsAllServices)
  }

  /// What a block includes stands in its place.
  @Test func aBlocksOwnFilesAreReadInTheirPlace() throws {
    let files = [
      "real.conf": "real_server 10.1.10.21 80 {\n weight $W\n}\n",
      "names.conf": "$W=7\n$VIP=10.1.10.10\nglobal_defs {\n",
    ]
    let text =
      "include names.conf\nvirtual_server $VIP 80 {\n lvs_method DR\n include real.conf\n}\nvirtual_server $VIP 81 {\n include real.conf\n}\n"
    let found = try IPVSTable.all(in: text) { include, _ in files[include.pattern].map { [("", $0)] } }
    let table = try #require(found.first?.table)
    #expect(table.services.map { $0.destinations.map(\.weight) } == [[7], [7]])
    #expect(table.services.map { $0.destinations.map(\.line) } == [[4], [7]])
    // The one outside of blocks is a text of its own.
    #expect(table.includes.map(\.pattern) == ["names.conf"] && table.unread.isEmpty)
    // One that includes itself has an end, and is not read.
    let ring = try IPVSTable.all(in: "virtual_server 10.1.10.10 80 {\ninclude a\n}\n") { _, _ in [("", "include a\n")] }
    #expect(ring.first?.table.unread.first?.line == 2 && ring.first?.table.listsAllServices == false)
    // Nor is one that is broken.
    let broken = try IPVSTable.all(in: "virtual_server 10.1.10.10 80 {\ninclude a\nprotocol TCP\n}\n") { _, _ in
      [("", "real_server 10.1.10.21 80 {\n~SEQ(X) a\n")]
    }
    #expect(broken.first?.table.unread.map(\.text) == ["include a"])
    #expect(broken.first?.table.services.first?.destinations.isEmpty == true)
  }

  private func service(_ lines: String) throws -> IPVSTable.Service? {
    try IPVSTable(text: "virtual_server 10.1.10.10 80 {\nprotocol TCP\n\(lines)\n}\n").services.first
  }

  /// Whatever stands beside it without a condition.
  @Test(arguments: [
    "@main lvs_method DR", "lvs_method DR\n@main lvs_method NAT", "@main lvs_method NAT\nlvs_method DR",
    "lvs_method NAT\ninclude missing.conf", "lvs_method DR\n$MORE",
  ])
  func aMethodThatMayBeSaidElsewhereIsOpen(lines: String) throws {
    let inherited = try #require(
      try service(lines + "\nreal_server 10.1.10.21 80 {\n}\nreal_server 10.1.10.22 80 {\nlvs_method TUN\n}"))
    #expect(inherited.destinations.map(\.forwarding) == [Self.open, .tunnel])
    let own = try #require(
      try service("lvs_method TUN\nreal_server 10.1.10.21 80 {\n\(lines)\n}\nreal_server 10.1.10.22 80 {\n}"))
    #expect(own.destinations.map(\.forwarding) == [Self.open, .tunnel])
    #expect(own.destinations.map(\.weight) == [nil, 1] && !own.listsAllDestinations)
  }

  /// A block that begins under a condition is left out with all that stands in it.
  @Test(arguments: [
    "@a real_server 10.1.10.22 8080 {\n@a weight 1\n@a }", "@a real_server 10.1.10.22 8080 {\nlvs_method NAT\n}",
    "@a real_server 10.1.10.22 8080\n@a {\n@a lvs_method NAT\n@a }", "@a real_server 10.1.10.22 8080 { weight 1 }",
    "@a real_server 10.1.10.22 8080 {\nTCP_CHECK {\n}\n}", "@a real_server 10.1.10.22 8080\n{\n}",
  ])
  func aServerThatAConditionDecidesIsLeftOut(lines: String) throws {
    let text = "virtual_server 10.1.10.10 80 {\nprotocol TCP\nreal_server 10.1.10.21 80 {\n}\n\(lines)\n}\n"
    let table = try IPVSTable(text: text)
    let service = try #require(table.services.first)
    #expect(service.destinations.map(\.endpoint.text) == ["10.1.10.21:80"] && !service.listsAllDestinations)
    #expect(service.destinations.map(\.forwarding) == [Self.open])
    #expect(table.unread.first.map { $0.line == 5 && $0.text.hasPrefix("real_server") } == true)
    #expect(table.unread.allSatisfy { $0.text != "}" })
  }

  @Test func aVirtualServerThatAConditionDecidesIsLeftOut() throws {
    let block = "virtual_server 10.1.10.10 80 {\nprotocol TCP\nlvs_method DR\nreal_server 10.1.10.21 80 {\n}\n}\n"
    for condition in ["@a ", "@^a "] {
      let table = try IPVSTable(text: condition + block)
      #expect(table.services.isEmpty && !table.listsAllServices && table.unread.map(\.line) == [1])
      // The first of two alike may be the one that counts.
      let both = try IPVSTable(text: condition + block.replacing("DR", with: "NAT") + block)
      #expect(both.services.map { $0.destinations.map(\.forwarding) } == [[Self.open]])
    }
    // Without a protocol that is surely said there is no telling which service it is.
    let table = try IPVSTable(text: "virtual_server 10.1.10.10 80 {\n@a protocol TCP\n}\n")
    #expect(table.services.isEmpty && !table.listsAllServices)
    let group = "@a virtual_server_group g {\n10.1.10.10 80\n}\nvirtual_server group g {\nprotocol TCP\n}\n"
    #expect(try IPVSTable(text: group).services.isEmpty)
  }

  @Test(arguments: [
    "include conf.d/*.conf\n", "# all\n$VIP=10.1.10.10\ninclude a.conf\n", "$A = 1\ninclude a.conf\n",
    "@lb1 include a.conf\n", "@lb1 virtual_server 10.1.10.10 80 {\n@lb1 protocol TCP\n@lb1 }\n",
    "@^lb1 vrrp_instance a {\n@^lb1 }\n",
  ])
  func itIsToldByWhatItBeginsWith(text: String) throws {
    let table = try IPVSTable(text: text)
    #expect(table.form == .keepalived && table.services.isEmpty && !table.listsAllServices)
  }

  /// What a few bytes may unfold to is bounded.
  @Test func longLinesAreBounded() {
    let value = String(repeating: "x", count: 50_000)
    let heading = "global_defs {\n}\n$A=\(value)\n"
    for (text, line) in [
      (String(repeating: "notify " + String(repeating: "${A}", count: 256) + "\n", count: 20), 4),
      ("~SEQ(X, 1, 90000) notify ${A}\n", 4), ("~SEQ(X, 1, 90000) notify \(value)\n", 4),
    ] {
      let took = ContinuousClock().measure {
        #expect {
          try IPVSTable(text: heading + text)
        } throws: { ($0 as? TableError)?.line == line }
      }
      #expect(took < .seconds(30))
    }
    let text = "virtual_server 10.1.10.10 80 {\n" + String(repeating: "include a\n", count: 200) + "}\n"
    let comments = String(repeating: "# c\n", count: 500_000)
    let took = ContinuousClock().measure {
      #expect(throws: TableError.self) { try IPVSTable.all(in: text) { _, _ in [("", comments)] } }
    }
    #expect(took < .seconds(60))
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
      ("global_defs {\n}\n~SEQ(X, 1, 0, 5) a\n", 3), ("global_defs {\n}\n~SEQ(X) a\n", 3),
      ("global_defs {\n}\n~SEQ X\n", 3),
      ("global_defs {\n}\n~SEQ(X, 1, 1000000) a\n", 3), ("global_defs {\n}\n$A=$B \\\n$B\n$B=$A \\\n$A\n$A\n", 7),
    ] {
      #expect {
        try IPVSTable(text: text)
      } throws: { ($0 as? TableError)?.line == line }
    }
  }

  @Test func damageNeverTraps() throws {
    let words = try Self.fixture("words")
    let seed = SeededGenerator.seed(for: "KeepalivedTests")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var damaged = Array((generator.next() % 2 == 0 ? Self.text : words).utf8)
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
