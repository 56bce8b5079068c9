import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// For every check of IPVS tables a table in which it fails, and one that differs in nothing but the fault.
@Suite struct IPVSExampleTests {
  struct Example: Sendable, CustomStringConvertible {
    var id: String
    var slug: String
    /// The traffic beside the tables.
    var capture: String
    /// What the line of the fault holds.
    var fault: String
    var description: String { "\(id) \(slug)" }
  }

  static let examples = [
    Example(id: "IPVS001", slug: "ipvs-service-missing", capture: "lab/route/client", fault: ""),
    Example(id: "IPVS002", slug: "ipvs-wrong-forwarding", capture: "lab/route/client", fault: "10.1.10.22:80"),
    Example(
      id: "IPVS003", slug: "ipvs-no-usable-backend", capture: "lab/vip-missing/client", fault: "10.1.10.10:80 rr"),
    Example(id: "IPVS004", slug: "ipvs-port-translated", capture: "lab/route/client", fault: "10.1.10.22:8080"),
    Example(id: "IPVS005", slug: "ipvs-unlisted-backend", capture: "lab/route/switch", fault: "10.1.10.10:80 rr"),
    Example(id: "IPVS006", slug: "ipvs-carries-replies", capture: "lab/route/client", fault: "10.1.10.22:80"),
    Example(
      id: "IPVS007", slug: "ipvs-silent-destination", capture: "traps/one-backend-silent-mirror-v4",
      fault: "10.1.10.22:80"),
    Example(
      id: "IPVS008", slug: "vip-not-announced", capture: "traps/vip-unowned-v4-bad", fault: "virtual_server 10.1.10.10"),
    Example(id: "IPVS009", slug: "vrrp-nodes-disagree", capture: "lab/route/client", fault: "vrrp_instance web"),
  ]

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: name), encoding: .utf8)
  }

  private static func file(_ name: String, host: String? = nil) throws -> TableFile<IPVSTable> {
    TableFile(path: name, host: host, table: try IPVSTable(text: text(name)))
  }

  private func result(_ example: Example, _ kind: String) throws -> CheckResult {
    var tables = Tables()
    tables.ipvs = [try Self.file("tables/ipvs-checks/\(example.id)-\(kind)")]
    // Counters alone do not tell how requests are handed on.
    if example.id == "IPVS006" { tables.ipvs.append(try Self.file("lab/route/lb.ipvsadm")) }
    // One node alone disagrees with nobody.
    if example.id == "IPVS009" {
      tables.ipvs[0].host = "lb1"
      tables.ipvs.append(try Self.file("tables/keepalived/other-node", host: "lb2"))
    }
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    let evidence = try CaptureContents(path: Repository.fixture("\(example.capture).pcap")).evidence
    return try #require(judge(evidence, beside: tables, under: policy).checks.first { $0.slug == example.slug })
  }

  @Test(arguments: examples)
  func theBadOneFailsByTheLineOfTheFault(example: Example) throws {
    let bad = try result(example, "bad")
    #expect(bad.outcome == .fail)
    #expect(!bad.summary.isEmpty && !bad.reason.isEmpty && !bad.remedy.isEmpty)
    let path = "tables/ipvs-checks/\(example.id)-bad"
    let lines = try Self.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    guard case .line(let place)? = bad.evidence.first?.source else {
      Issue.record("no line of a table as evidence")
      return
    }
    #expect(place.path == path)
    // What is missing stands in no line.
    if example.fault.isEmpty {
      #expect(place.number == 0)
    } else {
      #expect(lines[place.number - 1].contains(example.fault))
    }
  }

  @Test(arguments: examples)
  func theGoodOneDoesNot(example: Example) throws {
    let good = try result(example, "good")
    #expect(good.outcome == .pass)
  }

  @Test(arguments: examples)
  func theyDifferInOneLine(example: Example) throws {
    let (good, bad) = (
      try Self.text("tables/ipvs-checks/\(example.id)-good").split(separator: "\n"),
      try Self.text("tables/ipvs-checks/\(example.id)-bad").split(separator: "\n")
    )
    #expect(bad.difference(from: good).insertions.count <= 1)
    #expect(bad.difference(from: good).removals.count <= 1)
    #expect(bad != good)
  }
}

/// What no pair of files shows: roles, marks, several texts of one table.
@Suite struct IPVSRuleTests {
  private static let route = """
    IP Virtual Server version 1.2.1 (size=4096)
    Prot LocalAddress:Port Scheduler Flags
      -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
    TCP  10.1.10.10:80 rr
      -> 10.1.10.21:80                Route   1      0          3
      -> 10.1.10.22:80                Route   1      0          3

    """
  private static func stats(_ second: Int, in packets: Int = 21, bytes: Int = 2943) -> String {
    """
    IP Virtual Server version 1.2.1 (size=4096)
    Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
      -> RemoteAddress:Port
    TCP  10.1.10.10:80                       6       42       15     2676     2943
      -> 10.1.10.21:80                       3       21        0     1338        0
      -> 10.1.10.22:80                       3       \(packets)       \(second)     1338     \(bytes)

    """
  }
  private static let masq = route.replacing("Route", with: "Masq ")

  private func judged(
    _ capture: String?, _ texts: [(host: String?, text: String)], _ change: (inout Policy) -> Void = { _ in }
  ) throws -> Verdict {
    var tables = Tables()
    for (number, (host, text)) in texts.enumerated() {
      tables.ipvs.append(TableFile(path: "table\(number)", host: host, table: try IPVSTable(text: text)))
    }
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    change(&policy)
    let evidence = try capture.map { try CaptureContents(path: Repository.fixture("\($0).pcap")).evidence }
    return judge(evidence ?? Evidence(), beside: tables, under: policy)
  }

  private func outcome(_ id: String, _ verdict: Verdict) -> CheckResult.Outcome? {
    verdict.checks.first { $0.id == id }?.outcome
  }

  @Test func withoutATableNothingIsJudged() throws {
    let verdict = try judged("lab/route/client", [])
    #expect(verdict.checks.filter { $0.id.hasPrefix("IPVS") }.allSatisfy { $0.outcome == .notApplicable })
  }

  @Test func aMasqueradingTableIsANodesWhereRepliesAvoidTheBalancer() throws {
    let pods = Self.masq.replacing("10.1.10.2", with: "10.233.90.2")
    let verdict = try judged("lab/node-masq/client", [(nil, pods)])
    #expect(verdict.outcome == .pass)
    #expect(verdict.tables.first?.role == .node)
  }

  /// A node delivers to pods; a table that masquerades to the balancer's own backends may be its peer's.
  @Test func aTableThatMasqueradesToBackendsIsNoNodes() throws {
    let tables: [(String?, String)] = [("lb", Self.route), ("lb2", Self.masq)]
    #expect(outcome("IPVS002", try judged("lab/route/client", tables)) == .inconclusive)
    #expect(outcome("IPVS002", try judged("lab/route/switch", [("lb", Self.masq)])) == .inconclusive)
  }

  @Test func aStandbyThatIsEmptyWhileFlowsAreAnsweredIsOpen() throws {
    let drained = Self.route.replacing("Route   1", with: "Route   0")
    let tables: [(String?, String)] = [("lb", Self.route), ("lb2", drained)]
    #expect(outcome("IPVS003", try judged("lab/route/client", tables)) == .inconclusive)
    let said = try judged("lab/route/client", tables) { $0.ipvsRoles = ["lb2": .balancer] }
    #expect(outcome("IPVS003", said) == .fail)
  }

  @Test func aServiceOfThatVeryPortComesBeforeOneOfEveryPort() throws {
    let text =
      Self.route
        + """
        TCP  10.1.10.10:0 rr persistent 300
          -> 10.1.10.31:0                 Masq    0      0          0

        """
    let verdict = try judged("lab/route/client", [(nil, text)])
    #expect(outcome("IPVS002", verdict) == .pass)
    #expect(outcome("IPVS003", verdict) == .pass)
  }

  @Test func portsOfDestinationsOfAMarkMeanNothing() throws {
    let text = Self.route.replacing("TCP  10.1.10.10:80", with: "FWM  1").replacing(":80 ", with: ":443")
    let verdict = try judged("lab/route/client", [(nil, text)]) {
      $0.firewallMarks = [1: [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a))]]
    }
    #expect(outcome("IPVS004", verdict) == .pass)
  }

  @Test func whatTheBalancerServesItselfIsNoReturnThroughIt() throws {
    let local = Self.route.replacing("Route", with: "Local")
    #expect(outcome("DSR001", try judged("lab/masq/client", [(nil, local)])) == .inconclusive)
  }

  @Test func aMasqueradingTableIsTheBalancersWhereItIsSeenToTranslate() throws {
    let verdict = try judged("lab/masq/lb", [(nil, Self.masq)])
    #expect(verdict.tables.first?.role == .balancer)
    #expect(outcome("IPVS002", verdict) == .fail)
  }

  @Test func whoseAMasqueradingTableIsStaysOpenWhereTheTrafficDoesNotTell() throws {
    for capture in ["lab/masq/client", "lab/route/be1-any"] {
      let verdict = try judged(capture, [(nil, Self.masq)])
      #expect(verdict.tables.first?.role == nil)
      #expect(outcome("IPVS002", verdict) == .inconclusive)
    }
  }

  @Test func theUsersWordOnTheRoleComesFirst() throws {
    let asBalancers = try judged("lab/node-masq/client", [("n1", Self.masq)]) { $0.ipvsRoles = ["n1": .balancer] }
    #expect(outcome("IPVS002", asBalancers) == .fail)
    let asNodes = try judged("lab/route/client", [(nil, Self.route)]) { $0.ipvsRoles = [nil: .node] }
    #expect(outcome("IPVS002", asNodes) == .inconclusive)
  }

  @Test func anUnknownMethodIsNeverAPass() throws {
    let verdict = try judged(
      "lab/route/client",
      [(nil, Self.route.replacing("10.1.10.22:80                Route", with: "10.1.10.22:80                Warp "))])
    #expect(outcome("IPVS002", verdict) == .inconclusive)
    #expect(verdict.checks.first { $0.id == "IPVS002" }?.summary.contains("Warp") ?? false)
  }

  @Test func aNodeMayHaveNoEndpoint() throws {
    let empty = Self.route.split(separator: "\n").prefix(4).joined(separator: "\n") + "\n"
    let node = try judged("lab/node-masq/client", [("n1", empty)]) { $0.ipvsRoles = ["n1": .node] }
    #expect(outcome("IPVS003", node) == .inconclusive)
    let answered = try judged("lab/route/client", [(nil, empty)])
    #expect(outcome("IPVS003", answered) == .inconclusive)
    let unanswered = try judged("lab/vip-missing/client", [(nil, empty)])
    #expect(outcome("IPVS003", unanswered) == .fail)
  }

  @Test func aServiceThatOneOfSeveralTablesLacksIsOpen() throws {
    let other = Self.route.replacing("10.1.10.10:80", with: "10.1.10.12:80")
    let tables: [(String?, String)] = [("lb1", Self.route), ("lb2", other)]
    #expect(outcome("IPVS001", try judged("lab/route/client", tables)) == .inconclusive)
    let said = try judged("lab/route/client", tables) { $0.ipvsRoles = ["lb2": .balancer] }
    #expect(outcome("IPVS001", said) == .fail)
  }

  @Test func servicesThatAreOnlyFoundInTheTrafficAreNotMissed() throws {
    let other = Self.route.replacing("10.1.10.10:80", with: "10.1.10.12:80")
    let verdict = try judged("lab/route/client", [(nil, other)]) { $0.services = [] }
    #expect(outcome("IPVS001", verdict) == .notApplicable)
  }

  @Test func aMarkIsTheVIPsWhereItIsMapped() throws {
    let marked =
      Self.masq
        + """
        FWM  1481 rr
          -> 10.1.10.21:0                 Tunnel  1      0          0
          -> 10.1.10.22:0                 Tunnel  1      0          0

        """
    // Masq beside a mark that may take its packets, as kube-router has it.
    let open = try judged("lab/masq/client", [(nil, marked)])
    #expect(outcome("IPVS002", open) == .inconclusive)
    #expect(open.checks.first { $0.id == "IPVS002" }?.remedy.contains("--fwmark 1481=") ?? false)
    let mapped = try judged("lab/route/client", [(nil, marked)]) {
      $0.firewallMarks = [1481: [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a))]]
    }
    #expect(outcome("IPVS002", mapped) == .pass)
    #expect(mapped.tables.first?.role == .balancer)
    let elsewhere = try judged("lab/masq/client", [(nil, marked)]) {
      $0.firewallMarks = [1481: [ServicePattern(address: IPAddress(v4: 0x0a01_0a0c))]]
    }
    #expect(outcome("IPVS002", elsewhere) == .inconclusive)
  }

  /// Errors of the balancer's own count as outgoing packets: one at most for each packet that came in, and short.
  @Test func whatGrowsByMoreThanErrorsIsAFault() throws {
    let before = (String?.none, Self.stats(15))
    let grown = { (text: String) in
      outcome("IPVS006", try judged("lab/route/client", [(nil, Self.route), before, (nil, text)]))
    }
    #expect(try grown(Self.stats(19, in: 31, bytes: 2943 + 4 * 576)) == .inconclusive)
    #expect(try grown(Self.stats(19, in: 31, bytes: 2943 + 4 * 577)) == .fail)
    #expect(try grown(Self.stats(26, in: 31, bytes: 2943 + 11 * 60)) == .fail)
  }

  @Test func whereNothingCameInAtRestSaysNothing() throws {
    let tables: [(String?, String)] = [(nil, Self.route), (nil, Self.stats(15)), (nil, Self.stats(15))]
    #expect(outcome("IPVS006", try judged("lab/route/client", tables)) == .inconclusive)
    let empty = Self.stats(0, in: 0, bytes: 0).replacing("21        0     1338        0", with: "0 0 0 0")
    #expect(outcome("IPVS006", try judged("lab/route/client", [(nil, Self.route), (nil, empty)])) == .notApplicable)
  }

  /// keepalived's `sorry_server`, and the VIP: the kernel lists them as it lists other hosts.
  @Test func whatTheBalancerServesItselfCountsItsReplies() throws {
    for own in ["127.0.0.1", "10.1.10.10"] {
      let change = { (text: String) in text.replacing("10.1.10.22:80", with: "\(own):80") }
      let verdict = try judged("lab/route/client", [(nil, change(Self.route)), (nil, change(Self.stats(15)))])
      #expect(outcome("IPVS006", verdict) == .pass)
      #expect(outcome("IPVS002", verdict) == .pass)
    }
  }

  @Test func aTableThatListsTheHostItselfAloneHandsNothingOn() throws {
    for text in [Self.route.replacing("Route", with: "Local"), Self.route.replacing("10.1.10.2", with: "127.0.0.")] {
      #expect(outcome("IPVS002", try judged("lab/vip-missing/client", [(nil, text)])) == .inconclusive)
      // Somebody hands it on.
      #expect(outcome("IPVS002", try judged("lab/route/client", [(nil, text)])) == .pass)
    }
  }

  @Test func localThatIsAnotherHostsIsAFault() throws {
    var tables = try HostFolder.tables(["lb", "be1"].map { ($0, "lab/vip-missing") })
    let local = Self.route.replacing("Route", with: "Local")
    tables.ipvs = [TableFile(path: "table", host: "lb", table: try IPVSTable(text: local))]
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    let check = judge(Evidence(), beside: tables, under: policy).checks.first { $0.id == "IPVS002" }
    #expect(check?.outcome == .fail)
    #expect(check?.evidence.count == 1)
  }

  @Test func aHandshakeThatTheBalancerAnswersDoesNotReturnDirectly() throws {
    let proxied = Self.route.replacing("10.1.10.10:80 rr", with: "10.1.10.10:80 rr synproxy")
    #expect(outcome("IPVS002", try judged(nil, [(nil, proxied)])) == .fail)
    let translated = proxied.replacing("Route", with: "Masq ")
    #expect(outcome("IPVS002", try judged(nil, [(nil, translated)])) == .inconclusive)
  }

  /// What answers from its own address is not rewritten on its way back.
  @Test func aMasqueradedDestinationThatAnswersPastTheBalancerIsAFault() throws {
    let table = Self.masq.replacing(":80 ", with: ":53 ").replacing("TCP", with: "UDP")
    let verdict = try judged("traps/own-address-udp-v4-bad", [(nil, table.replacing("10.1.10.2", with: "10.1.10.2"))]) {
      $0.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a))]
    }
    let from = verdict.checks.first { $0.slug == "reply-not-from-vip" }
    #expect(from?.outcome == .fail)
    #expect(outcome("IPVS002", verdict) == .fail, "\(from?.summary ?? "")")
  }

  /// DPVS puts its own address in the client's place, so that replies come back to it.
  @Test func fullNATIsAFaultInTheBalancersTable() throws {
    let table = Self.route.replacing("Route", with: "FullNat")
    let said = try judged(nil, [(nil, table)]) { $0.ipvsRoles[nil] = .balancer }
    #expect(outcome("IPVS002", said) == .fail)
    #expect(outcome("IPVS002", try judged(nil, [(nil, table)])) == .inconclusive)
  }

  /// A mark's IPv4 service and its IPv6 service are two.
  @Test func aMarkOfTheOtherVersionIsNotTheVIPs() throws {
    let marked = Self.route.replacing("TCP  10.1.10.10:80 rr", with: "FWM  1 rr") + "FWM  1 IPv6 rr\n"
    let verdict = try judged(nil, [(nil, marked)]) {
      $0.firewallMarks[1] = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    }
    #expect(outcome("IPVS003", verdict) == .pass)
    #expect(outcome("IPVS001", verdict) == .pass)
    // Without a service of its version the mark is none of the VIP's.
    let heading = Self.route.split(separator: "\n").prefix(3).joined(separator: "\n")
    #expect(outcome("IPVS001", try judged(nil, [(nil, heading + "\nFWM  1 IPv6 rr\n")])) == .fail)
  }

  /// What was left out may have what the rest lacks.
  @Test func aPartOfATableLacksNothing() throws {
    let lines = Self.route.split(separator: "\n")
    let part = lines.dropFirst().joined(separator: "\n").replacing(":80 ", with: ":81 ")
    #expect(outcome("IPVS001", try judged(nil, [(nil, part)])) == .inconclusive)
    #expect(outcome("IPVS001", try judged(nil, [(nil, lines[0] + "\n" + part)])) == .fail)
    let cut = lines.prefix(4).joined(separator: "\n") + "\n"
    #expect(outcome("IPVS003", try judged(nil, [(nil, cut)])) == .fail)
    #expect(outcome("IPVS003", try judged(nil, [(nil, cut + "...\n")])) == .inconclusive)
  }

  /// Prompts of several hosts in one file make tables of several hosts.
  @Test func severalHostsInOneFileAreJudgedApart() throws {
    let text =
      "root@lb1:~# ipvsadm -ln\n" + Self.route + "root@lb2:~# ipvsadm -ln\n"
      + Self.route.replacing("10.1.10.22:80 ", with: "10.1.10.22:81 ")
    var tables = Tables()
    tables.ipvs = try IPVSTable.all(in: text).map { TableFile(path: "both", host: $0.host, table: $0.table) }
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    let check = judge(tables, under: policy).checks.first { $0.id == "IPVS004" }
    #expect(check?.outcome == .fail && check?.evidence.count == 1)
  }

  @Test func oneTotalIsOpenAndAGrowingOneIsAFault() throws {
    let one = try judged("lab/route/client", [(nil, Self.route), (nil, Self.stats(15))])
    #expect(outcome("IPVS006", one) == .inconclusive)
    let growing = try judged("lab/route/client", [(nil, Self.route), (nil, Self.stats(15)), (nil, Self.stats(19))])
    #expect(outcome("IPVS006", growing) == .fail)
    let later = Self.stats(15, in: 29)
    let atRest = try judged("lab/route/client", [(nil, Self.route), (nil, Self.stats(15)), (nil, later)])
    #expect(outcome("IPVS006", atRest) == .pass)
    let zeroed = try judged("lab/route/client", [(nil, Self.route), (nil, Self.stats(15)), (nil, Self.stats(0))])
    #expect(outcome("IPVS006", zeroed) == .pass)
    // Rounded to thousands, and exact.
    let rounded = Self.stats(0).replacing("       0     1338     2943", with: "  12345K     1338     2943")
    for texts in [[rounded, Self.stats(12_345_678)], [Self.stats(12_345_678), rounded]] {
      let verdict = try judged("lab/route/client", [(nil, Self.route)] + texts.map { (nil, $0) })
      #expect(outcome("IPVS006", verdict) == .inconclusive)
    }
    let withTraffic = try judged("lab/route-one-backend-of-two/lb", [(nil, Self.route), (nil, Self.stats(15))])
    #expect(outcome("IPVS006", withTraffic) == .fail)
    let methodUnknown = try judged("lab/route/client", [(nil, Self.stats(15))])
    #expect(outcome("IPVS006", methodUnknown) == .inconclusive)
    let masquerading = try judged("lab/node-masq/client", [(nil, Self.masq), (nil, Self.stats(15))])
    #expect(outcome("IPVS006", masquerading) == .notApplicable)
  }

  @Test func destinationsOfTheTableAreBackends() throws {
    let verdict = try judged("lab/route/client", [("lb1", Self.route)])
    let backends = try #require(verdict.services.first).backends
    #expect(backends.map(\.addresses.first?.description) == ["10.1.10.21", "10.1.10.22"])
    #expect(backends.allSatisfy { $0.knownBy.contains("table0") })
  }

  @Test func connectionEntriesAreCountedBesideTheFlowsOfEachBackend() throws {
    let entries = try String(
      contentsOf: Repository.fixtures.appending(path: "lab/route/lb.ipvsadm-conn"), encoding: .utf8)
    let verdict = try judged("lab/route/client", [("lb1", Self.route), ("lb1", entries)])
    let backends = try #require(verdict.services.first).backends
    #expect(backends.map(\.flows) == [3, 3])
    #expect(backends.map(\.connections) == [3, 3])
    let without = try judged("lab/route/client", [("lb1", Self.route)])
    #expect(try #require(without.services.first).backends.allSatisfy { $0.connections == nil })
  }

  @Test func aTableAloneNeverProvesTheReturnPath() throws {
    let verdict = try judged(nil, [(nil, Self.route)])
    #expect(verdict.outcome == .inconclusive)
  }
}
