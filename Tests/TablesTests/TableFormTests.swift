import Foundation
import Tables
import TestSupport
import Testing

/// The words of real texts tell what they are.
@Suite struct TableFormTests {
  private static let examples: [(String, TableForm)] = [
    ("ipvs/ln", .ipvsListing), ("ipvs/Sn", .ipvsRules), ("ipvs/conn", .ipvsConnections),
    ("balancers/cilium-bpf-lb-list", .cilium), ("balancers/katran", .katran), ("balancers/loxilb.json", .loxilb),
    ("balancers/nftlb.json", .nftlb), ("as3/seed.yaml", .as3), ("as3/F5009-bad.json", .as3),
    ("as3/tmsh-list.txt", .tmsh), ("kubernetes/cluster.yaml", .kubernetesObjects),
    ("kubernetes/cluster.json", .kubernetesObjects), ("kubernetes/get-services-wide.txt", .kubectlTable),
    ("kubernetes/describe-service.txt", .kubectlDescription), ("pasted/ifconfig", .ifconfig), ("pasted/arp-n", .arp),
    ("pasted/arptables-save", .arpRules), ("firewall/iptables-save", .iptables), ("firewall/nft-ruleset", .nftables),
  ]

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/\(name)"), encoding: .utf8)
  }

  /// Whichever option was meant.
  @Test(arguments: examples.map(\.0))
  func aTextIsFoundByItsWords(name: String) throws {
    let form = try #require(Self.examples.first { $0.0 == name }?.1)
    for reader in [TableForm.Reader.ipvs, .as3, .kubernetes, .host] {
      #expect(TableForm.nearest(to: try Self.text(name), for: reader) == form, "for \(reader.option)")
    }
  }

  @Test func whatTcpdumpPrintedIsNoTable() throws {
    let line = """
      12:00:00.000001 06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2, ethertype IPv4 (0x0800), length 74: 10.1.10.100.37664 > \
      10.1.10.10.80: Flags [S], seq 1, win 64240, length 0
      """
    #expect(TableForm.nearest(to: line, for: .ipvs) == .packets)
    #expect(TableForm.Reader.captures.option == "-r FILE")
  }

  @Test(arguments: ["", "\n\n", "hello world", "{\"a\": 1}", "dev", String(repeating: "x ", count: 1_000_000)])
  func fewWordsTellNothing(text: String) {
    #expect(TableForm.nearest(to: text, for: .ipvs) == nil)
  }

  @Test(arguments: [
    ("# iptables -t mangle -A PREROUTING -d 10.1.10.10 -p tcp --dport 80 -j MARK --set-mark 5", TableForm.iptables),
    (
      "{\"kind\":\"tm:ltm:virtual:virtualstate\",\"destination\":\"/Common/10.1.10.10:80\",\"translateAddress\":\"disabled\"}",
      .tmsh
    ),
    ("| EXTERNALIP | PORT | PROTOCOL | EPORT |", .loxilb),
  ])
  func wordsOfOthersAreNot(text: String, form: TableForm) {
    #expect(TableForm.nearest(to: text, for: .as3) == form)
  }

  @Test func everyFormHasASource() {
    let sources = TableForm.allCases.map(\.source)
    #expect(Set(sources).count == sources.count && !sources.contains(""))
  }
}
