import Foundation
import TestSupport
import Testing
import Wire

@testable import Tables

/// What `tmsh list` prints of BIG-IP's own objects.
@Suite struct TMSHTextTests {
  private static func text() throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/as3/tmsh-list.txt"), encoding: .utf8)
  }

  private func virtual(_ properties: String, more: String = "") throws -> AS3Declaration.Virtual {
    let text = "ltm virtual v {\n\(properties)\n}\n\(more)\n"
    return try #require(try AS3Declaration(text: text).virtuals.first)
  }

  private func fault(_ text: String) -> TableError? {
    do throws(TableError) {
      _ = try AS3Declaration(text: text)
      return nil
    } catch { return error }
  }

  @Test func virtualServersAreReadWithTheirLines() throws {
    let text = try Self.text()
    let declaration = try AS3Declaration(text: text)
    #expect(declaration.origin == .tmsh)
    #expect(declaration.virtuals.map(\.path) == ["/Common/vs_web", "/Common/vs_api", "/Common/vs_out"])
    #expect(declaration.virtuals.map(\.kind) == ["Service_L4", "Service_TCP", "Service_Forwarding"])
    let virtual = declaration.virtuals[0]
    #expect(virtual.addresses.map { $0.subnet.map(\.description) } == ["10.1.10.10/32"])
    #expect(virtual.port.value == 80 && virtual.layer4.value == "tcp" && virtual.isEnabled.value == true)
    #expect(virtual.translatesAddress.value == false && virtual.translatesPort.value == false)
    #expect(virtual.sourcePort.value == .preserveStrict && virtual.snat.value == AS3Declaration.SNAT.none)
    #expect(virtual.addresses[0].answersARP?.value == true)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, words) in [
      (virtual.line, "ltm virtual vs_web"), (virtual.translatesAddress.line, "translate-address disabled"),
      (virtual.addresses[0].line, "destination"), (virtual.addresses[0].answersARP?.line ?? 0, "arp enabled"),
    ] { #expect(lines[line - 1].contains(words)) }
    guard case .declared(let profile) = virtual.profile, case .declared(let pool) = virtual.pool else {
      Issue.record("names were not followed")
      return
    }
    #expect(profile.name == "fastl4_npath" && profile.looseInitialization.value == true)
    #expect(profile.looseClose.value == true && profile.resetOnTimeout.value == false)
    #expect(pool.path == "/Common/pool_web" && pool.members.map(\.port.value) == [80, 80, 8080])
    #expect(pool.members.map(\.takesConnections) == [true, true, false] && !pool.isFilledByCIS)
    #expect(declaration.virtuals[1].snat.value == .auto && declaration.virtuals[1].profile == .none)
    #expect(declaration.virtuals[2].addresses.map { $0.subnet.map(\.description) } == ["0.0.0.0/0"])
  }

  @Test func oneLineSaysTheSame() throws {
    let text = try AS3Declaration(
      text: """
        ltm virtual v { destination 10.1.10.10:80 ip-protocol tcp mask 255.255.255.255 pool p profiles { fastL4 { } } \
        source 0.0.0.0/0 translate-address disabled translate-port enabled vlans { external } vlans-enabled vs-index 5 }
        ltm pool p { members { 10.1.10.21:80 { address 10.1.10.21 session user-disabled } } monitor tcp and http }
        """)
    let virtual = try #require(text.virtuals.first)
    #expect(virtual.isEnabled.value == true && virtual.port.value == 80 && virtual.kind == "Service_L4")
    #expect(virtual.translatesAddress.value == false && virtual.translatesPort.value == true)
    if case .declared(let pool) = virtual.pool {
      #expect(pool.members.map(\.takesConnections) == [false])
    } else {
      Issue.record()
    }
    if case .declared(let profile) = virtual.profile {
      #expect(profile.looseClose.value == false)
    } else {
      Issue.record()
    }
  }

  @Test func destinationsAreReadInAllForms() throws {
    for (destination, address, port) in [
      ("destination 10.1.10.10:80\n mask 255.255.255.255", "10.1.10.10/32", 80),
      ("destination /Common/10.1.10.10%2:any\n mask 255.255.255.0", "10.1.10.0/24", 0),
      ("destination fd00::10.80\n mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fd00::10/128", 80),
      ("destination any6.any\n mask any6", "::/0", 0), ("destination 10.1.10.10:unheard", "10.1.10.10/32", nil),
      ("destination 10.1.10.10:80\n mask 255.0.255.0", nil, 80), ("destination web:80", nil, 80),
      ("mask any", nil, nil),
    ] as [(String, String?, UInt16?)] {
      let found = try virtual(destination)
      #expect(found.addresses.map { $0.subnet.map(\.description) } == [address], "\(destination)")
      #expect(found.port.value == port, "\(destination)")
    }
  }

  /// A default is BIG-IP's own where tmsh leaves it out, and not known where it never does.
  @Test func whatIsNotWrittenIsADefaultOrNotKnown() throws {
    let bare = try virtual("destination 10.1.10.10:80")
    #expect(bare.translatesAddress.value == nil && bare.translatesPort.value == nil)
    #expect(bare.snat.value == AS3Declaration.SNAT.none && bare.sourcePort.value == .preserve)
    #expect(bare.layer4.value == "any" && bare.pool == .none && bare.addresses[0].answersARP == nil)
    let odd = try virtual(
      "translate-address maybe\nsource-address-translation {\ntype lsn\n}\nsource-port sometimes\ndisabled")
    #expect(odd.translatesAddress.value == nil && odd.snat.value == nil && odd.sourcePort.value == nil)
    #expect(odd.isEnabled.value == false)
    let pool = try virtual("source-address-translation {\npool sp\ntype snat\n}")
    #expect(pool.snat.value == .pool("sp"))
  }

  @Test func aProfileHasWhatItsParentsHave() throws {
    let profiles = """
      ltm profile fastl4 /Common/a {
      defaults-from b
      loose-close enabled
      }
      ltm profile fastl4 b {
      defaults-from fastL4
      loose-initialization enabled
      }
      ltm profile fastl4 endless {
      defaults-from endless
      }
      ltm profile fastl4 orphan {
      defaults-from other
      }
      """
    func profile(_ name: String) throws -> AS3Declaration.Reference<AS3Declaration.L4Profile> {
      try virtual("profiles {\n\(name) { }\n}", more: profiles).profile
    }
    if case .declared(let found) = try profile("a") {
      #expect(found.looseClose.value == true && found.looseInitialization.value == true)
      #expect(found.resetOnTimeout.value == true)
    } else {
      Issue.record()
    }
    for name in ["endless", "orphan", "unheard"] {
      guard case .elsewhere = try profile(name) else {
        Issue.record("\(name)")
        continue
      }
    }
    #expect(try virtual("profiles {\nudp { }\n}").kind == "Service_UDP")
  }

  @Test(arguments: [
    ("ltm pool p {\nmembers none\n}\n", 0, "a virtual server"),
    ("ltm virtual v {\ndestination 10.0.0.1:80\n", 1, "an object"),
    ("\nltm virtual v {\nprofiles {\n}\n", 2, "an object"),
    ("sys global-settings {\n    hostname lb\n}\n", 0, "a virtual"),
  ])
  func whatIsCutSaysWhere(text: String, line: Int, expected: String) throws {
    let error = try #require(fault(text))
    #expect(error.line == line && error.expected.contains(expected), "\(error)")
  }

  @Test func braceInDepthIsRefused() {
    let deep = String(repeating: "{ ", count: 100_000)
    #expect(fault("ltm virtual v { a \(deep)} ") != nil)
    #expect(fault("ltm virtual v {\n\(String(repeating: "a {\n", count: 100_000))}\n") != nil)
  }
}
