import Foundation
import TestSupport
import Testing
import Wire

@testable import Tables

/// What is read of AS3 declarations.
@Suite struct AS3TextTests {
  static func fixture(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/as3/\(name)"), encoding: .utf8)
  }

  /// An application around some objects.
  static func declaration(_ objects: String, tenant: String = "T", more: String = "") -> String {
    """
    {"class": "ADC", "schemaVersion": "3.43.0",
    "\(tenant)": {"class": "Tenant", "A": {"class": "Application", "template": "generic",
    \(objects)
    }}\(more)}
    """
  }

  private func virtual(_ objects: String, tenant: String = "T", more: String = "") throws -> AS3Declaration.Virtual {
    try #require(
      try AS3Declaration(text: Self.declaration(objects, tenant: tenant, more: more)).virtuals.first)
  }

  private func fault(_ text: String) -> TableError? {
    do throws(TableError) {
      _ = try AS3Declaration(text: text)
      return nil
    } catch { return error }
  }

  @Test func theArticlesConfigMapIsReadWithItsLines() throws {
    let text = try Self.fixture("seed.yaml")
    let declaration = try AS3Declaration(text: text)
    let virtual = try #require(declaration.virtuals.first)
    #expect(declaration.virtuals.count == 1 && declaration.services.isEmpty)
    #expect(virtual.path == "/AS3/MyApps/l2dsr_http" && virtual.kind == "Service_L4")
    #expect(virtual.addresses.map(\.subnet) == [Subnet(IPAddress(v4: 0x0a01_0a0a), length: 32)])
    #expect(virtual.port.value == 80 && virtual.layer4.value == "tcp" && virtual.isEnabled.value == true)
    #expect(virtual.translatesAddress.value == false && virtual.translatesPort.value == false)
    #expect(virtual.sourcePort.value == .preserveStrict && virtual.snat.value == AS3Declaration.SNAT.none)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, key) in [
      (virtual.translatesAddress.line, "translateServerAddress"), (virtual.snat.line, "snat"),
      (virtual.sourcePort.line, "sourcePortAction"), (virtual.addresses[0].line, "10.1.10.10"),
      (virtual.line, "l2dsr_http"),
    ] { #expect(lines[line - 1].contains(key)) }
    guard case .declared(let profile) = virtual.profile, case .declared(let pool) = virtual.pool else {
      Issue.record("names were not followed")
      return
    }
    #expect(profile.name == "/AS3/MyApps/fastl4_dsr")
    #expect(profile.looseInitialization.value == true && profile.looseClose.value == true)
    #expect(profile.resetOnTimeout.value == false)
    #expect(lines[profile.resetOnTimeout.line - 1].contains("resetOnTimeout"))
    #expect(pool.path == "/AS3/MyApps/frontend_pool" && pool.isFilledByCIS)
    #expect(pool.members.map(\.port.value) == [80])
  }

  @Test func allShapesOfTheArticlesDeclarationSayTheSame() throws {
    let whole = try AS3Declaration(text: Self.fixture("seed.yaml"))
    let yaml = try Self.fixture("seed.yaml")
    let json = yaml.split(separator: "\n").drop { !$0.contains("{") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    // As a list in JSON, the template is a text with escapes.
    let object: [String: Any] = [
      "kind": "List", "apiVersion": "v1",
      "items": [
        ["kind": "Secret"],
        ["kind": "ConfigMap", "metadata": ["labels": ["as3": "true"]], "data": ["template": json]],
      ],
    ]
    let list = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    let unindented =
      yaml.split(separator: "\n").prefix { !$0.contains("{") }.joined(separator: "\n") + "\n" + json
    for text in [try Self.fixture("seed-as-printed.txt"), json, json.replacing("  ", with: "\t"), list, unindented] {
      let read = try AS3Declaration(text: text)
      #expect(read.virtuals.map(\.path) == whole.virtuals.map(\.path))
      #expect(read.virtuals.first?.snat.value == whole.virtuals.first?.snat.value)
      #expect(read.virtuals.first?.sourcePort.value == .preserveStrict)
      guard case .declared(let profile)? = read.virtuals.first?.profile else {
        Issue.record("the profile was not followed")
        continue
      }
      #expect(profile.looseClose.value == true)
    }
    // The lines are those of the text, though its YAML is broken.
    let lines = unindented.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(try AS3Declaration(text: unindented).virtuals.first).snat.line
    #expect(lines[line - 1].contains("snat"))
  }

  @Test func theServiceBesideItBringsItsLabels() throws {
    let text = try Self.fixture("seed-with-service.yaml")
    let service = try #require(try AS3Declaration(text: text).services.first)
    #expect(service.name == "default/my-frontend" && service.ports == [80])
    #expect(service.tenant?.value == "AS3" && service.application?.value == "MyApps")
    #expect(service.pool?.value == "frontend_pool")
    #expect(Set(service.addresses) == [IPAddress(v4: 0x0a01_0a0a)])
  }

  @Test func defaultsAreAS3sOwn() throws {
    let virtual = try virtual(#""v": {"class": "Service_L4", "virtualAddresses": ["10.0.0.1"], "virtualPort": 80}"#)
    #expect(virtual.translatesAddress == AS3Declaration.Property(true, line: 3))
    #expect(virtual.translatesPort.value == true && virtual.snat.value == .auto)
    #expect(virtual.sourcePort.value == .preserve && virtual.layer4.value == "tcp")
    guard case .declared(let profile) = virtual.profile else {
      Issue.record("no profile")
      return
    }
    #expect(profile.name == "basic" && profile.looseClose.value == false && profile.looseInitialization.value == false)
    #expect(profile.resetOnTimeout.value == true)
    #expect(virtual.pool == .none)
  }

  @Test func namesAreFollowedAsAS3Does() throws {
    let service = #""class": "Service_L4", "virtualAddresses": [{"use": "address"}], "virtualPort": 80"#
    let address = #""address": {"class": "Service_Address", "virtualAddress": "10.1.0.0%2/16"}"#
    let common = """
      , "Common": {"class": "Tenant", "Shared": {"class": "Application", "p": {"class": "L4_Profile"},
      "pool": {"class": "Pool", "members": [{"servicePort": 0, "serverAddresses": ["10.0.0.1"]}]}}}
      """
    let found = try virtual(
      #""v": {\#(service), "profileL4": {"use": "/Common/Shared/p"}, "pool": "/Common/Shared/pool"}, \#(address)"#,
      more: common)
    #expect(found.addresses.first?.subnet == Subnet(IPAddress(v4: 0x0a01_0000), length: 16))
    if case .declared(let profile) = found.profile {
      #expect(profile.name == "/Common/Shared/p")
    } else {
      Issue.record()
    }
    if case .declared(let pool) = found.pool { #expect(!pool.isFilledByCIS) } else { Issue.record() }
    let outside = try virtual(
      #""v": {\#(service), "profileL4": {"bigip": "/Common/mine"}, "pool": {"bigip": "/Common/p"}, "snat": {"use": "s"}}"#
    )
    #expect(outside.addresses.first?.subnet == nil)
    #expect(outside.profile == .elsewhere(name: "/Common/mine", line: 3))
    #expect(outside.pool == .elsewhere(name: "/Common/p", line: 3))
    #expect(outside.snat.value == .pool("s"))
  }

  @Test func whatIsWrittenButNotKnownIsNoDefault() throws {
    let service = #""class": "Service_L4", "virtualAddresses": ["10.0.0.1"], "virtualPort": 80"#
    let odd = try virtual(#""v": {\#(service), "snat": "maybe", "translateClientPort": "sometimes"}"#)
    #expect(odd.snat.value == nil && odd.snat.written == "maybe" && odd.sourcePort.value == nil)
    let included = try virtual(#""v": {\#(service), "include": "/T/A/base"}"#)
    #expect(included.translatesAddress.value == nil && included.snat.value == nil)
    #expect(included.pool == .elsewhere(name: "include", line: 3))
  }

  /// As AS3 does it: what is included takes the place of what the object says.
  @Test func whatAnObjectIncludesCounts() throws {
    let service = #""class": "Service_L4", "virtualAddresses": ["10.0.0.1"], "virtualPort": 80, "snat": "none""#
    let shared = { (objects: String) in
      #", "Common": {"class": "Tenant", "Shared": {"class": "Application", \#(objects)}}"#
    }
    let more = shared(
      #"""
      "c": {"class": "Constants", "a": {"snat": "auto", "translateServerAddress": false},
      "b": {"deep": {"snat": "self", "pool": "/T/A/p"}}}
      """#)
    let pool =
      #""p": {"class": "Pool", "include": "mine/members"}, "mine": {"class": "Constants", "members": {"members": [{"servicePort": 81}]}}"#
    let found = try virtual(
      #""v": {\#(service), "include": ["/Common/Shared/c/a", "/Common/Shared/c/b/deep"]}, \#(pool)"#, more: more)
    #expect(found.translatesAddress.value == false && found.translatesPort.value == true)
    // The later one counts.
    #expect(found.snat.value == .own && found.snat.line == 5)
    if case .declared(let pool) = found.pool {
      #expect(pool.members.map(\.port.value) == [81])
    } else {
      Issue.record("no pool")
    }
    let one = try virtual(#""v": {\#(service), "include": "/Common/Shared/c/a"}"#, more: more)
    #expect(one.snat.value == .auto && one.pool == .none)
    // One that is not in the text may say something else than what is written.
    for pointer in [#""/Common/Shared/d/a""#, #"["/Common/Shared/c/a", "/Common/Shared/c/x"]"#, "7", "{}"] {
      let open = try virtual(#""v": {\#(service), "include": \#(pointer)}"#, more: more)
      #expect(open.snat == AS3Declaration.Property(nil, line: 3), "\(pointer)")
      #expect(open.port.value == 80 && open.pool == .elsewhere(name: "include", line: 3))
      #expect(open.addresses.contains { $0.subnet == nil })
    }
    let parts = try virtual(
      #""v": {\#(service), "pool": "p", "profileL4": {"use": "l"}}, "#
        + #""p": {"class": "Pool", "include": "x", "members": [{"servicePort": 80}]}, "l": {"class": "L4_Profile", "include": "x"}"#
    )
    #expect(parts.pool == .elsewhere(name: "p", line: 3) && parts.profile == .elsewhere(name: "l", line: 3))
  }

  /// However much they name, and whoever names whom.
  /// A template of BIG-IQ may give other defaults.
  @Test func besideATemplateOfBIGIQNothingHasADefault() throws {
    let template = #""schemaOverlay": "nPath", "#
    let absent = try virtual(template + #""v": {"class": "Service_L4", "virtualPort": 80}"#)
    #expect(absent.translatesAddress.value == nil && absent.snat.value == nil && absent.sourcePort.value == nil)
    #expect(absent.port.value == 80 && absent.kind == "Service_L4")
    guard case .elsewhere = absent.profile else {
      Issue.record("a default profile")
      return
    }
    let written = try virtual(
      template
        + #""v": {"class": "Service_L4", "snat": "none", "profileL4": {"use": "p"}}, "p": {"class": "L4_Profile"}"#)
    #expect(written.snat.value == AS3Declaration.SNAT.none)
    guard case .declared(let profile) = written.profile else {
      Issue.record("no profile")
      return
    }
    #expect(profile.looseClose.value == nil)
  }

  @Test func whatIsIncludedHasAnEnd() throws {
    let large = (0..<2000).map { #""k\#($0)": 1"# }.joined(separator: ",")
    let servers = (0..<2000).map { #""v\#($0)": {"class": "Service_L4", "include": ["c", "c"]}"# }.joined(
      separator: ",")
    let many = try AS3Declaration(text: Self.declaration(#""c": {"class": "Constants", \#(large)}, \#(servers)"#))
    #expect(many.virtuals.count == 2000 && many.virtuals.first?.snat.value == .auto)
    #expect(many.virtuals.last?.snat.value == nil)
    let ring = try virtual(
      #""v": {"class": "Service_L4", "snat": "none", "include": ["w", "v"]}, "w": {"include": "v"}"#)
    // What is included and includes more is not followed.
    #expect(ring.snat.value == nil)
  }

  /// The virtual address that BIG-IP has already; AS3 writes its address beside it.
  @Test func anAddressOfBIGIPsOwnIsKnownByItsName() throws {
    let subnets = { (address: String) in
      try self.virtual(#""v": {"class": "Service_L4", "virtualAddresses": [\#(address)]}"#).addresses.map {
        $0.subnet?.description
      }
    }
    #expect(try subnets(#"{"bigip": "/Common/198.51.100.7"}"#) == [nil, "198.51.100.7/32"])
    #expect(try subnets(#"[{"bigip": "/Common/2001:db8::7%3"}, "192.0.2.0/24"]"#) == [nil, "2001:db8::7/128"])
    #expect(try subnets(#"{"bigip": "/Common/web"}, {"bigip": 7}"#) == [nil, nil])
    #expect(try subnets(#"{"bigip": "/Common/web", "address": "198.51.100.0/28"}"#) == ["198.51.100.0/28"])
    #expect(try subnets(#"{"bigip": "/Common/web", "address": {"bigip": "x"}}"#) == [nil])
  }

  @Test func whatAListHasBesideAddressesIsNotKnown() throws {
    let found = try virtual(
      #""v": {"class": "Service_L4", "virtualAddresses": {"use": "l"}}, "l": {"class": "Firewall_Address_List", "addresses": ["192.0.2.1", {"addressDiscovery": "aws"}], "fqdns": ["web.example"], "geo": ["US:California"]}"#
    )
    #expect(found.addresses.map { $0.subnet?.description } == ["192.0.2.1/32", nil, nil, nil])
  }

  /// AS3 makes it, unless it is told not to.
  @Test func anHTTPSServiceBringsARedirectOfPort80() throws {
    let ports = { (more: String) in
      try AS3Declaration(
        text: Self.declaration(
          #""v": {"class": "Service_HTTPS", "virtualAddresses": ["192.0.2.1"], "pool": "p"\#(more)}, "p": {"class": "Pool"}"#
        )
      ).virtuals.map(\.port.value)
    }
    #expect(try ports("") == [443, 80] && ports(#", "redirect80": true, "virtualPort": 8443"#) == [8443, 80])
    #expect(try ports(#", "redirect80": false"#) == [443] && ports(#", "virtualPort": 80"#) == [80])
    #expect(try ports(#", "include": "/Common/Shared/c""#).contains(80) == false)
    let redirect = try #require(
      try AS3Declaration(
        text: Self.declaration(
          #""v": {"class": "Service_HTTPS", "virtualAddresses": ["192.0.2.1"], "translateServerAddress": false, "snat": "none"}"#
        )
      ).virtuals.last)
    #expect(redirect.path == "/T/A/v-Redirect-" && redirect.translatesAddress.value == true)
    #expect(redirect.snat.value == .auto && redirect.pool == .none)
  }

  @Test func whatDisablesAVirtualServerIsFound() throws {
    let service = #""v": {"class": "Service_L4", "virtualAddresses": ["10.0.0.1"], "virtualPort": 80"#
    #expect(try virtual(service + #", "enable": false}"#).isEnabled.value == false)
    #expect(try virtual(service + #", "adminState": "disable"}"#).isEnabled.value == false)
    #expect(try virtual(service + #"}, "enable": false"#).isEnabled.value == false)
  }

  @Test(arguments: [
    ("", 0, "an AS3 declaration"), ("a: 1\n", 1, "an AS3 declaration"),
    ("{\"class\": \"AS3\", \"declaration\": {\"class\": \"DO\"}}", 1, "declaration: an object of class ADC"),
    (
      "kind: ConfigMap\nmetadata:\n  labels:\n    as3: 'true'\ndata:\n  template: |\n    {\"class\": \"DO\"}\n", 6,
      "template:"
    ),
  ])
  func whatIsNoDeclarationSaysWhere(text: String, line: Int, expected: String) throws {
    let error = try #require(fault(text))
    #expect(error.line == line)
    #expect(error.expected.hasPrefix(expected))
  }

  @Test func aPropertyOfTheWrongKindIsNotKnown() throws {
    let odd = try virtual(
      #""v": {"class": "Service_L4", "translateServerAddress": "yes", "snat": [], "virtualPort": 65536, "pool": "p"}, "p": {"class": "Pool", "members": {}}"#
    )
    #expect(odd.translatesAddress == AS3Declaration.Property(nil, written: "yes", line: 3))
    #expect(odd.snat == AS3Declaration.Property(nil, written: "a list", line: 3))
    #expect(odd.port == AS3Declaration.Property(nil, written: "65536", line: 3))
    if case .declared(let pool) = odd.pool { #expect(pool.members.isEmpty) } else { Issue.record("no pool") }
    for address in ["10.0.0.256", "10.0.0.1/33", "web.example", "10.0.0.1%1%2", "10.0.0.9-fd00::1"] {
      let odd = try virtual(#""v": {"class": "Service_L4", "virtualAddresses": ["\#(address)"]}"#)
      #expect(odd.addresses == [AS3Declaration.Address(subnet: nil, written: address, line: 3)])
    }
  }

  @Test func listsOfAddressesAndPortsAreFollowed() throws {
    let text = Self.declaration(
      """
      "v": {"class": "Service_L4", "virtualAddresses": {"use": "/@/@/all"}, "virtualPort": {"use": "ports"}},
      "all": {"class": "Net_Address_List", "addresses": ["10.1.0.0/24", "10.1.10.10-10.1.10.13"],
        "addressLists": [{"use": "more"}, {"bigip": "/Common/others"}]},
      "more": {"class": "Firewall_Address_List", "addresses": ["fd00::10"]},
      "ports": {"class": "Net_Port_List", "ports": [80, "8080-8081"], "portLists": [{"use": "tls"}]},
      "tls": {"class": "Firewall_Port_List", "ports": ["443"]}
      """)
    let virtuals = try AS3Declaration(text: text).virtuals
    #expect(virtuals.map(\.port.value) == [80, 8080, 8081, 443] && Set(virtuals.map(\.path)) == ["/T/A/v"])
    #expect(
      virtuals.first?.addresses.map { $0.subnet.map(\.description) } == [
        "10.1.0.0/24", "10.1.10.10/31", "10.1.10.12/31", "fd00::10/128", nil,
      ])
    let endless = try AS3Declaration(
      text: Self.declaration(
        #""v": {"class": "Service_L4", "virtualAddresses": {"use": "a"}, "virtualPort": {"use": "b"}}, "a": {"class": "Net_Address_List", "addressLists": [{"use": "a"}]}, "b": {"class": "Net_Port_List", "ports": ["2-65535"]}"#
      ))
    #expect(endless.virtuals.map(\.port.value) == [nil] && endless.virtuals.first?.addresses.first?.subnet == nil)
  }

  @Test func aListOfPortsMayHoldAThousandOrAll() throws {
    let ports = { (list: String) in
      try AS3Declaration(
        text: Self.declaration(
          #""v": {"class": "Service_L4", "virtualPort": {"use": "b"}}, "b": {"class": "Firewall_Port_List", "ports": \#(list)}"#
        )
      ).virtuals.map(\.port.value)
    }
    #expect(try ports(#"[8080, "1-999"]"#) == [8080] + Array(1...999))
    #expect(try ports(#"["1-65535"]"#) == [0] && ports(#"[80, "0-65535"]"#) == [0])
    #expect(try ports(#"["1-1025"]"#) == [nil])
    // However many lists there are, what they unfold to has an end.
    let servers = (0..<100).map { #""v\#($0)": {"class": "Service_L4", "virtualPort": {"use": "b"}}"# }.joined(
      separator: ",")
    let many = try AS3Declaration(
      text: Self.declaration(servers + #", "b": {"class": "Net_Port_List", "ports": ["1-1024"]}"#))
    #expect(many.virtuals.count < 20_000 && Set(many.virtuals.map(\.path)).count == 100)
  }

  @Test func atStandsForTheOwnTenantAndApplication() throws {
    let service = #""class": "Service_L4", "virtualAddresses": [{"use": "/@/@/va"}], "virtualPort": "any""#
    let found = try virtual(
      #""v": {\#(service), "profileL4": {"use": "/@/A/l4"}}, "l4": {"class": "L4_Profile"}, "va": {"class": "Service_Address", "virtualAddress": "10.0.0.1", "arpEnabled": false}"#
    )
    #expect(found.port.value == 0 && found.addresses.first?.answersARP?.value == false)
    if case .declared(let profile) = found.profile { #expect(profile.name == "/T/A/l4") } else { Issue.record() }
  }

  @Test func whatAS3TakesAndGivesIsRead() throws {
    let application =
      #"{"class": "Application", "v": {"class": "Service_L4", "pool": "/Any/A/p"}, "p": {"class": "Pool"}}"#
    let whole = #"{"class": "ADC", "T": {"class": "Tenant", "A": \#(application)}}"#
    for (text, path) in [
      ("[\(whole)]", "/T/A/v"), (#"[{"class": "AS3", "declaration": \#(whole)}]"#, "/T/A/v"),
      (#"{"class": "AS3", "declaration": [\#(whole)]}"#, "/T/A/v"),
      (#"{"results": [{"code": 200}], "declaration": \#(whole)}"#, "/T/A/v"),
      (#"{"items": [{"id": "1", "results": [], "declaration": \#(whole)}]}"#, "/T/A/v"),
      (#"{"schemaVersion": "3.50.0", "A": \#(application)}"#, "/A/v"),
      // AS3's answer to a patch, and BIG-IQ's; tenants alone.
      (
        #"{"results": [{"code": 200}], "class": "ADC", "declaration": {"T": {"class": "Tenant", "A": \#(application)}}}"#,
        "/T/A/v"
      ),
      (#"{"icode": "AD.200", "response": [\#(whole)]}"#, "/T/A/v"), (#"{"response": \#(whole)}"#, "/T/A/v"),
      (#"{"T": {"class": "Tenant", "A": \#(application)}, "updateMode": "selective"}"#, "/T/A/v"),
      // A tenant may have any name.
      (#"{"class": "ADC", "declaration": {"class": "Tenant", "A": \#(application)}}"#, "/declaration/A/v"),
      (#"[{"op": "remove", "path": "/T/B"}, {"op": "add", "path": "/T/A", "value": \#(application)}]"#, "/T/A/v"),
      (
        #"{"class": "AS3", "action": "patch", "patchBody": [{"op": "add", "path": "/T/A", "value": \#(application)}]}"#,
        "/T/A/v"
      ),
    ] {
      let virtuals = try AS3Declaration(text: text).virtuals
      #expect(virtuals.map(\.path) == [path], "\(text)")
      if path == "/A/v", case .declared(let pool)? = virtuals.first?.pool { #expect(pool.path == "/A/p") }
    }
    #expect(fault(#"[{"kind": "Service"}, 1]"#) != nil)
    #expect(
      try AS3Declaration(text: #"{"class": "Tenant", "A": \#(application)}"#).virtuals.map(\.kind) == ["Service_L4"])
    #expect(try AS3Declaration(text: application).virtuals.map(\.kind) == ["Service_L4"])
  }

  /// Requests and answers without a declaration, and AS3's own settings, are no reason to stop.
  @Test(arguments: [
    #"{"class": "AS3", "action": "retrieve"}"#, #"{"class": "AS3", "declaration": {}}"#,
    #"{"id": "1", "results": [{"code": 0, "message": "Declaration successfully submitted"}], "declaration": {}}"#,
    #"{"results": [{"code": 422, "message": "declaration is invalid"}]}"#, #"{"burstHandlingEnabled": true}"#,
    "[]", "{}", "{\"class\": \"AS3\", \"declaration\": []}", #"{"betaOptions": {"perAppDeploymentAllowed": true}}"#,
    #"{"code": 422, "errors": [], "declarationFullId": "", "message": "declaration is invalid"}"#,
    #"{"class": "AS3", "action": "remove", "declaration": {"class": "ADC", "T": {"class": "Tenant", "A": {"class": "Application", "v": {"class": "Service_L4"}}}}}"#,
    #"{"asyncTaskStorage": "data-group", "encodeDeclarationMetadata": false, "performanceTracingEndpoint": "", "serviceDiscoveryEnabled": false}"#,
  ])
  func whatDeclaresNothingIsRead(text: String) throws {
    #expect(try AS3Declaration(text: text).virtuals.isEmpty)
  }

  /// A request and its answer, or the same pasted twice: both count.
  @Test func severalTextsOneAfterAnotherAreRead() throws {
    let one = Self.declaration(#""v": {"class": "Service_L4", "snat": "none"}"#)
    let twice = try AS3Declaration(text: one + "\n\n" + #"{"results": [{"code": 200}], "declaration": \#(one)}"#)
    #expect(twice.virtuals.map(\.path) == ["/T/A/v", "/T/A/v"])
    // Lines are the whole text's.
    #expect(twice.virtuals.map(\.snat.line) == [3, 8])
    #expect(fault(one + "\n}")?.line == 5)
    #expect(fault(one + "\n" + one.dropLast(3)) != nil)
  }

  /// As in JavaScript, which AS3 is written in.
  @Test func ofAKeyThatStandsTwiceTheLastOneCounts() throws {
    let found = try virtual(
      #""v": {"class": "Service_L4", "snat": "auto", "virtualPort": 80,"# + "\n" + #""snat": "none"}"#)
    #expect(found.snat == AS3Declaration.Property(AS3Declaration.SNAT.none, written: "none", line: 4))
  }

  /// Other virtual servers hand it their requests.
  @Test func anInternalVirtualServerIsNoClients() throws {
    let text = Self.declaration(
      #""icap": {"class": "Service_TCP", "virtualType": "internal"}, "v": {"class": "Service_L4"}"#)
    #expect(try AS3Declaration(text: text).virtuals.map(\.path) == ["/T/A/v"])
  }

  @Test func whetherAPoolAllowsSNATIsRead() throws {
    for (said, allows) in [
      ("", true), (#", "allowSNATEnabled": true"#, true), (#", "allowSNATEnabled": false"#, false),
    ] {
      let found = try virtual(#""v": {"class": "Service_L4", "pool": "p"}, "p": {"class": "Pool"\#(said)}"#)
      guard case .declared(let pool) = found.pool else {
        Issue.record("no pool")
        continue
      }
      #expect(pool.allowsSNAT.value == allows)
    }
  }

  /// What a patch changes within an object, it makes unknown.
  @Test func aPatchOfAnObjectIsNotTakenForTheObject() throws {
    let application = #"{"class": "Application", "v": {"class": "Service_L4", "pool": "p"}, "p": {"class": "Pool"}}"#
    let added = #"{"op": "add", "path": "/T/A", "value": \#(application)}"#
    for operation in [
      #"{"op": "replace", "path": "/T/A/v/snat", "value": "auto"}"#, #"{"op": "remove", "path": "/T/A/v"}"#,
      #"{"op": "remove", "path": "/T"}"#, #"{"op": "move", "from": "/T/A", "path": "/T/B"}"#,
      #"{"op": "remove", "path": ""}"#,
    ] {
      #expect(try AS3Declaration(text: "[\(added), \(operation)]").virtuals.isEmpty, "\(operation)")
    }
    let pool = #"{"op": "add", "path": "/T/A/p/members/-", "value": {"servicePort": 8080}}"#
    let patched = try AS3Declaration(text: "[\(added), \(pool)]").virtuals
    #expect(patched.map(\.pool) == [.elsewhere(name: "p", line: 1)])
    #expect(try AS3Declaration(text: "[\(added), \(added)]").virtuals.count == 1)
    let escaped = #"{"op": "add", "path": "/T/a~1b~01", "value": \#(application)}"#
    #expect(try AS3Declaration(text: "[\(escaped)]").virtuals.map(\.path) == ["/T/a/b~1/v"])
  }

  /// What an earlier text declares, a later one of its tenant replaces or changes.
  @Test(arguments: [
    (#"[{"op": "replace", "path": "/T/A/v/snat", "value": "none"}]"#, AS3Declaration.Doubt.changed),
    (#"[{"op": "remove", "path": "/T"}]"#, .changed), (#"[{"op": "remove", "path": ""}]"#, .changed),
    (#"[{"op": "move", "from": "/T/A/v", "path": "/U/A/v"}]"#, .changed),
    (#"[{"op": "add", "path": "/Common/Shared/p/members/-", "value": {}}]"#, .changed),
    (#"{"class": "AS3", "action": "patch", "patchBody": [{"op": "remove", "path": "/T/A/v"}]}"#, .changed),
    (#"{"class": "ADC", "T": {"class": "Tenant"}}"#, .changed),
    (#"{"class": "ADC", "updateMode": "complete", "U": {"class": "Tenant"}}"#, .changed),
    (#"{"class": "AS3", "action": "remove", "declaration": {"class": "ADC", "T": {"class": "Tenant"}}}"#, .changed),
    (#"{"class": "AS3", "action": "remove"}"#, .changed), (#"{"class": "AS3", "action": "redeploy"}"#, .changed),
    (#"{"A": {"class": "Application"}}"#, .changed),
    (#"{"results": [{"code": 422, "tenant": "T"}]}"#, .changed), (#"{"code": 503, "message": "busy"}"#, .changed),
    (#"[{"op": "replace", "path": "/U/A/v/snat", "value": "none"}]"#, nil),
    (#"[{"op": "test", "path": "/T/A/v/snat", "value": "none"}]"#, nil),
    (#"{"class": "ADC", "U": {"class": "Tenant"}}"#, nil),
    (#"{"class": "AS3", "action": "dry-run", "declaration": {"class": "ADC", "T": {"class": "Tenant"}}}"#, nil),
    (#"{"class": "AS3", "action": "retrieve"}"#, nil), (#"{"results": [{"code": 200, "tenant": "T"}]}"#, nil),
    (#"{"results": [{"code": 422, "tenant": "U"}]}"#, nil),
  ])
  func whatALaterTextChangesIsInDoubt(later: String, doubt: AS3Declaration.Doubt?) throws {
    let declared = Self.declaration(#""v": {"class": "Service_L4", "virtualPort": 80}"#)
    #expect(try AS3Declaration(text: declared + "\n" + later).virtuals.map(\.doubt) == [doubt])
    // In a file of its own, whichever is named first.
    let (first, second) = (try AS3Declaration(text: declared), try AS3Declaration(text: later))
    #expect(first.virtuals(beside: [second]).map(\.doubt) == [doubt])
    // What stands behind it is declared anew.
    #expect(try AS3Declaration(text: later + "\n" + declared).virtuals.map(\.doubt) == [nil])
  }

  @Test func theSameVirtualServerDeclaredAgainIsNoDoubt() throws {
    let declared = { (port: Int, snat: String) in
      Self.declaration(#""v": {"class": "Service_L4", "virtualPort": \#(port), "snat": "\#(snat)"}"#)
    }
    let doubts = { (texts: String...) in
      try AS3Declaration(text: texts.joined(separator: "\n")).virtuals.map(\.doubt)
    }
    #expect(try doubts(declared(80, "auto"), declared(80, "none")) == [nil, nil])
    #expect(try doubts(declared(80, "auto"), declared(443, "none")) == [.changed, nil])
    #expect(try doubts(declared(80, "auto"), declared(443, "auto"), declared(80, "auto")) == [.changed, .changed, nil])
  }

  @Test func whatAnAnswerTellsOfAnErrorIsInDoubt() throws {
    let declared = Self.declaration(#""v": {"class": "Service_L4", "virtualPort": 80}"#)
    for (answer, doubt) in [
      (#"{"results": [{"code": 422, "tenant": "T"}], "declaration": \#(declared)}"#, AS3Declaration.Doubt.refused),
      (#"{"results": [{"code": 200}, {"code": 422, "tenant": "U"}], "declaration": \#(declared)}"#, .refused),
      (#"{"code": 422, "message": "invalid", "declaration": \#(declared)}"#, .refused),
      (#"{"results": [{"code": 200, "tenant": "T"}], "declaration": \#(declared)}"#, nil),
      (#"{"items": [{"declaration": \#(declared)}, {"results": [{"code": 200}]}]}"#, .oneOfSeveral),
    ] { #expect(try AS3Declaration(text: answer).virtuals.map(\.doubt) == [doubt], "\(answer)") }
    for dry in [
      #"{"class": "AS3", "action": "dry-run", "declaration": \#(declared)}"#,
      #"{"class": "ADC", "controls": {"class": "Controls", "dryRun": true}, "T": \#(declared)}"#,
      #"{"class": "ADC", "ours": {"class": "Controls", "dryRun": true}, "T": \#(declared)}"#,
      #"{"results": [{"code": 200, "dryRun": true}], "declaration": \#(declared)}"#,
    ] { #expect(try AS3Declaration(text: dry).virtuals.isEmpty, "\(dry)") }
  }

  @Test func aProfileThatIsCalledAServiceIsNoVirtualServer() throws {
    let text = Self.declaration(#""p": {"class": "Service_Profile"}, "a": {"class": "Service_Address"}"#)
    #expect(try AS3Declaration(text: text).virtuals.isEmpty)
  }

  @Test func aConfigMapWithoutTheLabelIsNotCISs() throws {
    let text = try Self.fixture("seed.yaml").replacing("as3: \"true\"", with: "as3: \"false\"")
    #expect(try #require(fault(text)).expected.contains("as3: \"true\""))
  }

  @Test func absurdDepthIsRefused() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
      #expect(fault(deep) != nil)
      #expect(fault("{\"class\": \"ADC\", \"T\": \(deep)}") != nil)
    }
  }
}
