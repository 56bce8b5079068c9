import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// For every check of AS3 declarations one in which it fails, and one that differs in nothing but the fault.
@Suite struct AS3ExampleTests {
  struct Example: Sendable, CustomStringConvertible {
    var id: String
    var slug: String
    /// What the line of the fault holds.
    var fault: String
    var description: String { "\(id) \(slug)" }
  }

  static let examples = [
    Example(id: "F5001", slug: "translates-server-address", fault: "\"translateServerAddress\": true"),
    Example(id: "F5002", slug: "translates-server-port", fault: "\"translateServerPort\": true"),
    Example(id: "F5003", slug: "snat-enabled", fault: "\"snat\": \"auto\""),
    Example(id: "F5004", slug: "strict-tcp-state", fault: "\"looseInitialization\": false"),
    Example(id: "F5005", slug: "virtual-address-mismatch", fault: "\"10.1.10.11\""),
    Example(id: "F5006", slug: "virtual-port-differs-from-service-port", fault: "\"servicePort\": 8080"),
    Example(id: "F5007", slug: "source-port-not-preserved", fault: "\"translateClientPort\": \"change\""),
    Example(id: "F5008", slug: "pool-disagrees-with-cis", fault: "cis.f5.com/as3-pool: frontend-pool"),
  ]

  private static func text(_ example: Example, _ kind: String) throws -> String {
    try AS3.fixture("\(example.id)-\(kind).yaml")
  }

  @Test(arguments: examples)
  func theBadOneFailsByTheLineOfTheFault(example: Example) throws {
    let text = try Self.text(example, "bad")
    let verdict = try AS3.judged([text])
    let bad = try #require(verdict.checks.first { $0.slug == example.slug })
    #expect(bad.outcome == .fail && verdict.outcome == .fail)
    #expect(!bad.summary.isEmpty && !bad.reason.isEmpty && !bad.remedy.isEmpty)
    // Nothing else is wrong.
    #expect(verdict.checks.filter { $0.outcome == .fail }.map(\.slug) == [example.slug])
    guard case .line(let place)? = bad.evidence.first?.source else {
      Issue.record("no line of a table as evidence")
      return
    }
    #expect(place.path == "as3-0")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[place.number - 1].contains(example.fault))
  }

  @Test(arguments: examples)
  func theGoodOneDoesNot(example: Example) throws {
    let verdict = try AS3.judged([try Self.text(example, "good")])
    #expect(verdict.checks.first { $0.slug == example.slug }?.outcome == .pass)
    #expect(verdict.outcome == .pass)
  }

  @Test(arguments: examples)
  func theyDifferInOneLine(example: Example) throws {
    let (good, bad) = (
      try Self.text(example, "good").split(separator: "\n"), try Self.text(example, "bad").split(separator: "\n")
    )
    let difference = bad.difference(from: good)
    #expect(difference.insertions.count == 1 && difference.removals.count == 1)
    #expect(bad.contains { $0.contains(example.fault) } && !good.contains { $0.contains(example.fault) })
  }
}

/// What no pair of files shows: defaults, names that lead nowhere, several virtual servers.
@Suite struct AS3RuleTests {
  private static let seed = (try? AS3.fixture("seed.yaml")) ?? ""

  private func seed(_ old: String, _ new: String) -> String {
    #expect(Self.seed.contains(old))
    return Self.seed.replacing(old, with: new)
  }

  private func outcome(_ id: String, _ texts: String..., vip: String? = "10.1.10.10", port: UInt16? = 80) throws
    -> CheckResult.Outcome?
  {
    try AS3.judged(texts, vip: vip, port: port).checks.first { $0.id == id }?.outcome
  }

  @Test func theArticlesOwnDeclarationPasses() throws {
    for name in ["seed.yaml", "seed-with-service.yaml", "seed-as-printed.txt"] {
      let verdict = try AS3.judged([try AS3.fixture(name)])
      #expect(verdict.outcome == .pass)
      #expect(verdict.checks.filter { $0.id.hasPrefix("F5") && $0.outcome == .pass }.count >= 7)
      #expect(verdict.tables.map(\.kind) == [.as3])
    }
  }

  /// It neither fails nor passes by what may not run.
  @Test func whatAnotherTextChangesDecidesNothing() throws {
    let patch = #"[{"op": "replace", "path": "/AS3/MyApps/l2dsr_http/snat", "value": "none"}]"#
    let (good, bad) = (try AS3.fixture("F5003-good.yaml"), try AS3.fixture("F5003-bad.yaml"))
    #expect(try outcome("F5003", bad) == .fail && outcome("F5003", bad, patch) == .inconclusive)
    #expect(try outcome("F5003", patch, good) == .inconclusive && outcome("F5005", patch, good) == .inconclusive)
    let other = patch.replacing("/AS3/", with: "/Other/")
    #expect(try outcome("F5003", bad, other) == .fail && outcome("F5003", good, other) == .pass)
    let elsewhere = seed("\"10.1.10.10\"", "\"10.1.10.11\"")
    #expect(try outcome("F5005", elsewhere) == .fail && outcome("F5005", elsewhere, patch) == .inconclusive)
  }

  @Test func aMemberThatIsNotInUseMayHaveAnyPort() throws {
    let member = "\"servicePort\": 80,"
    for state in ["\"adminState\": \"disable\"", "\"adminState\": \"offline\"", "\"enable\": false"] {
      #expect(try outcome("F5006", seed(member, "\"servicePort\": 8080, \(state),")) == .notApplicable)
    }
    #expect(try outcome("F5006", seed(member, "\"servicePort\": 8080, \"adminState\": \"enable\",")) == .inconclusive)
  }

  @Test func whatIsWrongInAnotherVirtualServerDoesNotMatter() throws {
    let other =
      "\"other\": {\"class\": \"Service_HTTP\", \"virtualAddresses\": [\"10.9.9.9\"], \"snat\": 7, \"virtualPort\": {}},"
    let verdict = try AS3.judged([seed("\"dsrhash\": {", other + "\"dsrhash\": {")])
    #expect(verdict.outcome == .pass)
  }

  @Test func whereNobodyAsksForTheVIPItMayBeRouted() throws {
    let text = try AS3.fixture("F5009-bad.json")
    #expect(try outcome("F5009", text) == .notApplicable)
    #expect(try outcome("F5009", text.replacing("\"arpEnabled\": false", with: "\"arpEnabled\": true")) == .pass)
    #expect(try outcome("F5009", text.replacing("\"arpEnabled\": false", with: "\"arpEnabled\": 0")) == .inconclusive)
  }

  @Test func withoutADeclarationNothingIsJudged() throws {
    let checks = try AS3.judged([]).checks.filter { $0.id.hasPrefix("F5") }
    #expect(checks.count == 9 && checks.allSatisfy { $0.outcome == .notApplicable })
  }

  @Test(arguments: [
    ("F5001", "              \"translateServerAddress\": false,\n", "l2dsr_http"),
    ("F5002", "              \"translateServerPort\": false,\n", "l2dsr_http"),
    ("F5003", ",\n              \"snat\": \"none\"", "l2dsr_http"),
    ("F5004", "              \"looseInitialization\": true,\n", "fastl4_dsr"),
    ("F5004", "              \"looseClose\": true,\n", "fastl4_dsr"),
    ("F5004", "              \"resetOnTimeout\": false,\n", "fastl4_dsr"),
    (
      "F5004", "              \"profileL4\": {\n                \"use\": \"fastl4_dsr\"\n              },\n",
      "l2dsr_http"
    ),
  ])
  func whatIsAbsentFailsByItsDefault(id: String, property: String, object: String) throws {
    let text = seed(property, "")
    let failed = try #require(try AS3.judged([text]).checks.first { $0.id == id })
    #expect(failed.outcome == .fail)
    guard case .line(let place)? = failed.evidence.first?.source else {
      Issue.record("no line as evidence")
      return
    }
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false)[place.number - 1].contains(object))
  }

  @Test func theBuiltInProfileIsStrictAndAnUnknownOneIsOpen() throws {
    let named = { (name: String) in self.seed("{\n                \"use\": \"fastl4_dsr\"\n              }", name) }
    #expect(try outcome("F5004", named("\"basic\"")) == .fail)
    #expect(try outcome("F5004", named("{\"bigip\": \"/Common/fastL4\"}")) == .fail)
    #expect(try outcome("F5004", named("{\"bigip\": \"/Common/npath\"}")) == .inconclusive)
    #expect(try outcome("F5004", named("{\"use\": \"nowhere\"}")) == .inconclusive)
    #expect(try outcome("F5004", named("\"fastl4_dsr\"")) == .inconclusive)
    #expect(try outcome("F5004", named("{\"use\": \"frontend_pool\"}")) == .inconclusive)
    #expect(try outcome("F5004", named("{\"use\": \"/AS3/MyApps/fastl4_dsr\"}")) == .pass)
  }

  @Test func aFullProxyWatchesAllThereIs() throws {
    for kind in ["Service_TCP", "Service_HTTP"] {
      let text = seed("\"Service_L4\"", "\"\(kind)\"")
      #expect(try outcome("F5004", text) == .fail)
      #expect(try outcome("F5001", text) == .pass)
    }
    #expect(try outcome("F5004", seed("\"Service_L4\"", "\"Service_Generic\"")) == .pass)
  }

  @Test func whatIsWrittenAndNotKnownIsOpen() throws {
    #expect(try outcome("F5003", seed("\"snat\": \"none\"", "\"snat\": \"sometimes\"")) == .inconclusive)
    #expect(try outcome("F5003", seed("\"snat\": \"none\"", "\"snat\": {\"use\": \"pool\"}")) == .fail)
    #expect(try outcome("F5007", seed("preserve-strict", "sometimes")) == .inconclusive)
    #expect(try outcome("F5007", seed("preserve-strict", "preserve")) == .pass)
    let translated = seed("preserve-strict", "preserve").replacing("\"snat\": \"none\"", with: "\"snat\": \"self\"")
    #expect(try outcome("F5007", translated) == .inconclusive)
    let included = seed("\"translateServerAddress\": false", "\"include\": \"/AS3/MyApps/base\"")
    #expect(try outcome("F5001", included) == .inconclusive)
    // What it includes would count before what is written.
    #expect(try outcome("F5003", included) == .inconclusive && outcome("F5006", included) == .inconclusive)
    let found = included.replacing(
      "\"dsrhash\": {",
      with:
        "\"base\": {\"class\": \"Constants\", \"snat\": \"auto\", \"translateServerAddress\": false}, \"dsrhash\": {")
    #expect(try outcome("F5001", found) == .pass && outcome("F5003", found) == .fail)
  }

  @Test func aPoolThatForbidsSNATKeepsTheClientsAddress() throws {
    let translated = seed("\"snat\": \"none\"", "\"snat\": \"auto\"").replacing("preserve-strict", with: "preserve")
    let members = "\"members\": ["
    for (allows, snat, port) in [
      ("true", CheckResult.Outcome.fail, CheckResult.Outcome.inconclusive), ("false", .pass, .pass),
      ("0", .inconclusive, .inconclusive),
    ] {
      let text = translated.replacing(members, with: "\"allowSNATEnabled\": \(allows),\n" + members)
      #expect(try outcome("F5003", text) == snat && outcome("F5007", text) == port, "\(allows)")
    }
    // Nobody knows what a pool says that stands elsewhere.
    let elsewhere = translated.replacing("\"pool\": \"frontend_pool\"", with: "\"pool\": {\"bigip\": \"/Common/p\"}")
    #expect(try outcome("F5003", elsewhere) == .inconclusive)
    let automap = tmsh(
      "    source-port preserve-strict", "    source-address-translation {\n        type automap\n    }")
    #expect(try outcome("F5003", automap) == .fail)
    #expect(try outcome("F5003", automap.replacing("    members {", with: "    allow-snat no\n    members {")) == .pass)
  }

  /// Whatever else a declaration has, and however it was saved.
  @Test func whatIsNoneOfTheVIPsNeverMatters() throws {
    let json = String(Self.seed.drop { $0 != "{" })
    for other in [
      "{\"class\": \"Service_TCP\", \"virtualType\": \"internal\"}",
      "{\"class\": \"Service_Forwarding\", \"virtualAddresses\": [[\"0.0.0.0\", \"198.51.100.7/32\"]], \"virtualPort\": \"any\"}",
      "{\"class\": \"Service_HTTP\", \"virtualAddresses\": [\"10.1.10.10\"], \"adminState\": \"disable\"}",
      "{\"class\": \"Service_HTTPS\", \"virtualAddresses\": [\"10.1.10.10\"], \"include\": [\"/Common/Shared/c/x\"]}",
      "{\"class\": \"GSLB_Server\", \"virtualServers\": [{\"address\": \"10.1.10.10\", \"port\": 80}]}",
      "{\"class\": \"Address_Discovery\", \"addressDiscovery\": \"aws\"}",
      "{\"class\": \"Constants\", \"c\": {\"snat\": \"auto\"}}",
    ] {
      let text = json.replacing("\"dsrhash\": {", with: "\"other\": \(other), \"dsrhash\": {")
      #expect(try AS3.judged([text]).outcome == .pass, "\(other)")
    }
    // Nor does an internal one hide that the VIP is missing.
    let moved = json.replacing("\"10.1.10.10\"", with: "\"10.1.10.11\"")
    let withInternal = moved.replacing(
      "\"dsrhash\": {", with: "\"icap\": {\"class\": \"Service_TCP\", \"virtualType\": \"internal\"}, \"dsrhash\": {")
    #expect(try outcome("F5005", withInternal) == .fail)
    // A request and its answer, or one pasted twice, name one virtual server.
    #expect(try outcome("F5005", moved + moved) == .fail)
    #expect(try AS3.judged([json + json]).outcome == .pass)
  }

  @Test func theRedirectThatComesWithHTTPSIsTheVIPs() throws {
    let https = seed("\"Service_L4\"", "\"Service_HTTPS\"").replacing("virtualPort\": 80", with: "virtualPort\": 443")
    #expect(try outcome("F5005", https) == .pass && outcome("F5001", https) == .fail)
    let without = https.replacing("\"snat\": \"none\"", with: "\"snat\": \"none\", \"redirect80\": false")
    #expect(try outcome("F5005", without) == .inconclusive && outcome("F5001", without) == .notApplicable)
  }

  @Test func anotherAddressFailsOnlyWhereItIsSure() throws {
    let other = seed("\"10.1.10.10\"", "\"10.1.10.11\"")
    #expect(try outcome("F5005", other) == .fail)
    // Not for direct return; of another port; disabled; the network of it; of an address that is not told.
    #expect(
      try outcome("F5005", other.replacing("ServerAddress\": false", with: "ServerAddress\": true")) == .inconclusive)
    #expect(try outcome("F5005", other.replacing("virtualPort\": 80", with: "virtualPort\": 81")) == .inconclusive)
    #expect(try outcome("F5005", seed("\"snat\": \"none\"", "\"enable\": false")) == .inconclusive)
    #expect(try outcome("F5005", seed("\"10.1.10.10\"", "\"10.1.10.0/24\"")) == .pass)
    #expect(try outcome("F5005", seed("\"10.1.10.10\"", "[\"10.1.10.10%1\", \"10.0.0.0/8\"]")) == .pass)
    #expect(try outcome("F5005", seed("\"10.1.10.10\"", "{\"use\": \"nowhere\"}")) == .inconclusive)
    // A template of BIG-IQ may bring the address, and a part of a declaration leaves it out.
    #expect(try outcome("F5005", seed("\"10.1.10.10\"", "")) == .inconclusive)
    let template = seed("\"virtualAddresses\"", "\"schemaOverlay\": \"web\", \"other\"")
    #expect(try outcome("F5005", template) == .inconclusive)
    // BIG-IP's own, which has the address as its name, and a mask that is not told.
    #expect(try outcome("F5001", seed("\"10.1.10.10\"", "{\"bigip\": \"/Common/10.1.10.10\"}")) == .pass)
    #expect(try outcome("F5005", seed("\"10.1.10.10\"", "{\"bigip\": \"/Common/10.1.10.0\"}")) == .inconclusive)
    // Two for direct return, of two others.
    let third = seed("\"10.1.10.10\"", "\"10.1.10.12\"")
    #expect(try outcome("F5005", other, third) == .inconclusive)
    // It may be the other service's that is named as well.
    let both = try AS3.judged([other], vip: "10.1.10.10", more: ["10.1.10.11"])
    #expect(both.checks.filter { $0.id == "F5005" }.map(\.outcome) == [.inconclusive, .pass])
    // Found in the traffic, it is not missed.
    #expect(try outcome("F5005", other, vip: nil) == .notApplicable)
    #expect(try outcome("F5001", other, vip: nil) == .notApplicable)
  }

  @Test func theSamePortOnAnotherAddressIsNoFaultOfTheVIPs() throws {
    let https = seed("\"virtualPort\": 80", "\"virtualPort\": 443")
    #expect(try outcome("F5005", https) == .inconclusive)
    #expect(try outcome("F5001", https) == .notApplicable)
    #expect(try outcome("F5001", https, port: nil) == .pass)
  }

  @Test func severalThatTakeTheSamePacketsFailOnlyTogether() throws {
    let bad = seed("ServerAddress\": false", "ServerAddress\": true")
    #expect(try outcome("F5001", bad, bad) == .fail)
    #expect(try outcome("F5001", bad, Self.seed) == .inconclusive)
    // The more specific one takes them.
    #expect(try outcome("F5001", bad.replacing("\"10.1.10.10\"", with: "\"10.1.10.0/24\""), Self.seed) == .pass)
    #expect(try outcome("F5001", bad.replacing("virtualPort\": 80", with: "virtualPort\": 0"), Self.seed) == .pass)
    // For every port, each port counts by itself.
    let other = bad.replacing("virtualPort\": 80", with: "virtualPort\": 443")
    #expect(try outcome("F5001", other, Self.seed, port: nil) == .fail)
  }

  /// Neither a virtual server that forwards nor a disabled one leaves its packets to a less specific one.
  @Test func whatIsMoreSpecificKeepsItsPackets() throws {
    let wide = seed("\"10.1.10.10\"", "\"10.1.10.0/24\"")
    let beside = { (other: String, port: UInt16?) in
      try self.outcome(
        "F5001", wide.replacing("\"dsrhash\": {", with: "\"other\": {\(other)}, \"dsrhash\": {"), port: port)
    }
    let forwarding = "\"class\": \"Service_Forwarding\", \"virtualAddresses\": [\"10.1.10.10\"]"
    let disabled =
      "\"class\": \"Service_HTTP\", \"virtualAddresses\": [\"10.1.10.10\"], \"adminState\": \"disable\""
    for other in [forwarding, disabled, forwarding + ", \"layer4\": \"tcp\""] {
      for port: UInt16? in [80, nil] { #expect(try beside(other, port) == .notApplicable, "\(other)") }
    }
    for other in [
      forwarding.replacing("10.1.10.10", with: "0.0.0.0"), forwarding + ", \"layer4\": \"udp\"",
      forwarding + ", \"virtualPort\": 443", disabled + ", \"enable\": false",
      "\"class\": \"Service_Forwarding\", \"virtualAddresses\": [[\"10.1.10.10\", \"10.0.0.0/8\"]]",
    ] {
      for port: UInt16? in [80, nil] { #expect(try beside(other, port) == .pass, "\(other)") }
    }
    // In another route domain the same address may be another network's.
    for (domain, expected) in [("%2", CheckResult.Outcome.fail), ("%1", .notApplicable)] {
      let apart = disabled.replacing("10.1.10.10", with: "10.1.10.10\(domain)")
      let text = wide.replacing("10.1.10.0/24", with: "10.1.10.0%1/24").replacing(
        "\"dsrhash\": {", with: "\"other\": {\(apart)}, \"dsrhash\": {")
      #expect(
        try outcome("F5001", text.replacing("ServerAddress\": false", with: "ServerAddress\": true")) == expected,
        "\(domain)")
    }
    let open = "\"class\": \"Service_L4\", \"virtualAddresses\": [\"10.1.10.10\"], \"virtualPort\": 0"
    #expect(try beside(open, nil) == .fail && beside(open, 80) == .fail)
    #expect(try outcome("F5005", Self.tmsh) == .pass)
    let forwards = "\nltm virtual fw {\n    destination 10.1.10.10:any\n    ip-forward\n    mask 255.255.255.255\n}\n"
    let off = forwards.replacing("ip-forward", with: "disabled")
    let network = Self.tmsh.replacing("mask 255.255.255.255", with: "mask 255.255.255.0")
    for other in [forwards, off] { #expect(try outcome("F5005", network + other) == .inconclusive) }
    #expect(
      try outcome("F5005", network + forwards.replacing("    mask", with: "    source 10.0.0.0/8\n    mask")) == .pass)
  }

  /// The others' packets go to the next one, so both count.
  @Test func whatIsForSomeClientsLeavesTheOthers() throws {
    let bad = seed("ServerAddress\": false", "ServerAddress\": true")
    let some = { (text: String, more: String) in
      text.replacing("\"snat\": \"none\"", with: "\"snat\": \"none\", \(more)")
    }
    let wide = { (text: String) in text.replacing("\"10.1.10.10\"", with: "\"10.1.10.0/24\"") }
    for more in [
      "\"sourceAddress\": \"10.0.0.0/8\"", "\"sourceAddress\": {\"use\": \"clients\"}",
      "\"allowVlans\": [{\"bigip\": \"/Common/inside\"}]", "\"rejectVlans\": [\"outside\"]",
    ] {
      #expect(try outcome("F5001", some(Self.seed, more)) == .pass && outcome("F5001", some(bad, more)) == .fail)
      #expect(try outcome("F5001", some(Self.seed, more), wide(bad)) == .inconclusive, "\(more)")
      #expect(try outcome("F5001", some(bad, more), wide(Self.seed)) == .inconclusive, "\(more)")
      #expect(try outcome("F5001", some(bad, more), wide(bad)) == .fail, "\(more)")
      // A source counts before the port.
      let port = some(bad, more).replacing("virtualPort\": 80", with: "virtualPort\": 0")
      #expect(try outcome("F5001", port, Self.seed) == .inconclusive, "\(more)")
    }
    for more in [
      "\"sourceAddress\": \"0.0.0.0/0\"", "\"sourceAddress\": \"::/0\"", "\"allowVlans\": []", "\"rejectVlans\": []",
    ] {
      #expect(try outcome("F5001", some(Self.seed, more), wide(bad)) == .pass, "\(more)")
    }
    let pair = seed("\"10.1.10.10\"", "[\"10.1.10.10\", \"10.0.0.0/8\"]")
    #expect(try outcome("F5001", pair, wide(bad)) == .inconclusive)
    #expect(try outcome("F5001", pair.replacing("10.0.0.0/8", with: "0.0.0.0/0"), wide(bad)) == .pass)
    let vlans = tmsh("    vs-index 17", "    vlans {\n        inside\n    }\n    vlans-enabled\n    vs-index 17")
    #expect(try outcome("F5001", vlans) == .pass && outcome("F5001", vlans, wide(bad)) == .inconclusive)
    #expect(try outcome("F5001", Self.tmsh, wide(bad)) == .pass)
  }

  /// Their rules may translate what the virtual server leaves as it is, and are not read.
  @Test func besideANATPolicyNothingPasses() throws {
    for nat in ["\"policyNAT\": {\"use\": \"rules\"}", "\"nat64Enabled\": true"] {
      let text = seed("\"snat\": \"none\"", "\"snat\": \"none\", \(nat)")
      for id in ["F5001", "F5002", "F5003", "F5007"] { #expect(try outcome(id, text) == .inconclusive, "\(id) \(nat)") }
      #expect(try outcome("F5003", text.replacing("\"none\"", with: "\"auto\"")) == .fail)
      #expect(try outcome("F5004", text) == .pass && outcome("F5006", text) == .pass)
    }
    #expect(
      try AS3.judged([seed("\"snat\": \"none\"", "\"snat\": \"none\", \"nat64Enabled\": false")]).outcome == .pass)
    for (more, expected) in [
      ("nat64 enabled", CheckResult.Outcome.inconclusive), ("nat64 disabled", .pass),
      ("security-nat-policy {\n        policy rules\n    }", .inconclusive),
      ("security-nat-policy {\n        use-device-policy yes\n    }", .inconclusive),
      ("security-nat-policy {\n        policy none\n        use-device-policy no\n    }", .pass),
    ] {
      let text = tmsh("    vs-index 17", "    \(more)\n    vs-index 17")
      for id in ["F5001", "F5002", "F5003", "F5007"] { #expect(try outcome(id, text) == expected, "\(id) \(more)") }
    }
  }

  @Test func membersThatAreDiscoveredMayBringTheirPorts() throws {
    let old = "\"serverAddresses\": []"
    for (discovery, expected) in [
      ("\"addressDiscovery\": \"event\"", CheckResult.Outcome.inconclusive),
      ("\"addressDiscovery\": \"consul\", \"jmesPathQuery\": \"[*].{id:ID,port:ServicePort}\"", .inconclusive),
      ("\"addressDiscovery\": {\"use\": \"found\"}", .inconclusive),
      ("\"addressDiscovery\": \"consul\", \"uri\": \"http://192.0.2.1/\"", .pass),
      ("\"addressDiscovery\": \"consul\", \"jmesPathQuery\": \"[*].{id:ID,ip:{private:Address}}\"", .pass),
      ("\"addressDiscovery\": \"fqdn\", \"hostname\": \"web.example.com\"", .pass),
      ("\"addressDiscovery\": \"static\", \"serverAddresses\": [\"10.1.10.21\"]", .pass),
    ] {
      let text = seed(old, discovery)
      #expect(try outcome("F5006", text) == expected, "\(discovery)")
      // Another member fails all the same.
      let more = text.replacing(
        "\"members\": [", with: "\"members\": [{\"servicePort\": 8080, \"serverAddresses\": [\"10.1.10.29\"]},")
      #expect(try outcome("F5006", more) == .fail, "\(discovery)")
    }
    // What is discovered need not name a port, and hides no fault.
    let portless = seed(old, "\"addressDiscovery\": \"event\"").replacing(
      "\"members\": [",
      with:
        "\"members\": [{\"addressDiscovery\": \"event\"}, {\"servicePort\": 8080, \"serverAddresses\": [\"10.1.10.29\"]},"
    )
    #expect(try outcome("F5006", portless) == .fail)
    let shared = { (found: String) in
      self.seed(old, "\"addressDiscovery\": {\"use\": \"found\"}").replacing(
        "\"dsrhash\": {", with: "\"found\": {\"class\": \"Address_Discovery\", \(found)}, \"dsrhash\": {")
    }
    #expect(try outcome("F5006", shared("\"addressDiscovery\": \"aws\"")) == .pass)
    #expect(try outcome("F5006", shared("\"addressDiscovery\": \"event\"")) == .inconclusive)
    #expect(try outcome("F5006", shared("\"jmesPathQuery\": \"[*].{port:ServicePort}\"")) == .inconclusive)
  }

  @Test func thePortOfAPoolThatCISFillsIsOpen() throws {
    let filled = seed("\"servicePort\": 80", "\"servicePort\": 8080")
    #expect(try outcome("F5006", filled) == .inconclusive)
    #expect(try outcome("F5006", seed("\"servicePort\": 80", "\"servicePort\": 0")) == .pass)
    #expect(
      try outcome("F5006", seed("\"pool\": \"frontend_pool\"", "\"pool\": {\"bigip\": \"/Common/p\"}")) == .inconclusive
    )
    #expect(try outcome("F5006", seed("              \"pool\": \"frontend_pool\",\n", "")) == .notApplicable)
  }

  @Test func onlyTheServiceThatIsMeantFailsAPool() throws {
    let text = try AS3.fixture("seed-with-service.yaml")
    #expect(try outcome("F5008", Self.seed) == .notApplicable)
    #expect(try outcome("F5008", text) == .pass)
    // The same one, read twice, is one; two are too many.
    #expect(try outcome("F5008", text, text) == .pass)
    let second = text.replacing("name: my-frontend", with: "name: my-backend")
    #expect(try outcome("F5008", text, second) == .fail)
    // A Service without any of the labels, or of another address and application, may be of something else.
    let labels = ["tenant: AS3", "app: MyApps", "pool: frontend_pool"]
    let bare = labels.reduce(text) { $0.replacing("    cis.f5.com/as3-\($1)\n", with: "") }
    #expect(try outcome("F5008", bare) == .inconclusive)
    let elsewhere = text.replacing("as3-app: MyApps", with: "as3-app: Others").replacing(
      "10.1.10.10\n", with: "10.1.10.12\n")
    #expect(try outcome("F5008", elsewhere) == .inconclusive)
    #expect(try outcome("F5008", text.replacing("    cis.f5.com/as3-app: MyApps\n", with: "")) == .fail)
    let own = text.replacing("\"serverAddresses\": []", with: "\"serverAddresses\": [\"10.1.10.21\"]")
    #expect(try outcome("F5008", own) == .inconclusive)
    #expect(
      try outcome("F5008", seed("\"serverAddresses\": []", "\"serverAddresses\": [\"10.1.10.21\"]")) == .notApplicable)
  }

  @Test func aDeclarationAloneNeverProvesTheReturnPath() throws {
    #expect(try AS3.judged([Self.seed], capture: nil).outcome == .inconclusive)
  }

  // MARK: BIG-IP's own objects

  private static let tmsh = (try? AS3.fixture("tmsh-list.txt")) ?? ""

  private func tmsh(_ old: String, _ new: String) -> String {
    #expect(Self.tmsh.contains(old))
    return Self.tmsh.replacing(old, with: new)
  }

  @Test func whatTmshListsPassesAsADeclarationDoes() throws {
    let verdict = try AS3.judged([Self.tmsh])
    #expect(verdict.outcome == .pass)
    for id in ["F5001", "F5002", "F5003", "F5004", "F5005", "F5006", "F5007", "F5009"] {
      #expect(verdict.checks.first { $0.id == id }?.outcome == .pass, "\(id)")
    }
    #expect(verdict.textReport(color: false).contains("BIG-IP's configuration"))
  }

  @Test(arguments: [
    (
      "F5001", "    source-port preserve-strict\n    translate-address disabled",
      "    source-port preserve-strict\n    translate-address enabled"
    ),
    ("F5002", "    translate-port disabled\n    vs-index 17", "    translate-port enabled"),
    ("F5003", "    source-port preserve-strict", "    source-address-translation {\n        type automap\n    }"),
    ("F5004", "    loose-close enabled\n", ""), ("F5004", "    reset-on-timeout disabled\n", ""),
    ("F5004", "        fastl4_npath { }", "        tcp { }"),
    ("F5006", "10.1.10.22:http", "10.1.10.22:8080"), ("F5007", "source-port preserve-strict", "source-port change"),
  ])
  func aFaultThatTmshListsFailsByItsLine(id: String, old: String, new: String) throws {
    let text = tmsh(old, new)
    let check = try #require(try AS3.judged([text]).checks.first { $0.id == id })
    #expect(check.outcome == .fail)
    // It speaks of tmsh's properties.
    #expect(check.evidence.allSatisfy { !$0.expected.contains("translateServer") && !$0.actual.contains("AS3") })
    guard case .line(let place)? = check.evidence.first?.source else {
      Issue.record("no line of the text as evidence")
      return
    }
    #expect(place.number > 1)
  }

  @Test(arguments: [
    ("F5001", "    translate-address disabled\n    translate-port disabled\n    vs-index 17\n", ""),
    ("F5004", "ltm profile fastl4 fastl4_npath {", "ltm profile fastl4 other {"),
    ("F5006", "ltm pool pool_web {", "ltm pool other {"),
    ("F5005", "destination 10.1.10.10:http", "traffic-matching-criteria x"),
    ("F5009", "arp enabled", "arp maybe"),
  ])
  func whatTmshDoesNotTellStaysOpen(id: String, old: String, new: String) throws {
    #expect(try outcome(id, tmsh(old, new)) == .inconclusive)
  }
}

private enum AS3 {
  static func fixture(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/as3/\(name)"), encoding: .utf8)
  }

  static func judged(
    _ texts: [String], vip: String? = "10.1.10.10", port: UInt16? = 80, more: [String] = [],
    capture: String? = "seed.pcap"
  ) throws -> Verdict {
    var tables = Tables()
    for (number, text) in texts.enumerated() {
      tables.as3.append(TableFile(path: "as3-\(number)", table: try AS3Declaration(text: text)))
    }
    var policy = Policy()
    for address in [vip].compactMap({ $0 }) + more {
      policy.services.append(
        ServicePattern(
          address: try #require(IPAddress(address)), transport: port == nil ? nil : .tcp, port: port))
    }
    let evidence = try capture.map { try CaptureContents(path: Repository.fixture($0)).evidence }
    return judge(evidence ?? Evidence(), beside: tables, under: policy)
  }
}
