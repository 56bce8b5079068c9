import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// For every check of Kubernetes objects a file in which it fails, and one that differs from it in the fault alone.
@Suite struct KubernetesExampleTests {
  struct Example: Sendable, CustomStringConvertible {
    var slug: String
    var bad: String
    var good = "seed.yaml"
    /// The lines in which good and bad differ, in whichever has more of them.
    var lines = 1
    /// What stands in the line that is shown.
    var fault: String
    var capture = "seed.pcap"
    /// An IPVS table beside the objects.
    var ipvs: String?
    var description: String { bad }
  }

  static let examples = [
    Example(
      slug: "traffic-policy-not-local", bad: "traffic-policy-not-local.yaml", fault: "externalTrafficPolicy: Cluster"),
    Example(slug: "load-balancer-ip-mismatch", bad: "load-balancer-ip-mismatch.yaml", fault: "- ip: 10.1.10.11"),
    Example(
      slug: "load-balancer-ip-mismatch", bad: "load-balancer-ip-asked-elsewhere.yaml",
      fault: "loadBalancerIP: 10.1.10.11"),
    Example(slug: "ingress-status-missing", bad: "ingress-status-missing.yaml", lines: 3, fault: "loadBalancer: {}"),
    Example(slug: "service-not-exposed", bad: "service-not-exposed.yaml", fault: "type: ClusterIP"),
    Example(slug: "strict-arp-off", bad: "strict-arp-off.yaml", good: "cluster.yaml", fault: "strictARP: false"),
    Example(slug: "port-mismatch", bad: "port-mismatch.yaml", fault: "port: 8080"),
    Example(
      slug: "port-mismatch", bad: "target-port-mismatch.yaml", fault: "targetPort: 8080",
      capture: "lab/node-masq/client.pcap", ipvs: "lab/node-masq/be1.ipvsadm"),
    Example(slug: "cis-labels-incomplete", bad: "cis-labels-incomplete.yaml", fault: "cis.f5.com/as3-tenant: AS3"),
    Example(
      slug: "no-local-endpoint", bad: "no-local-endpoint.yaml", good: "cluster.yaml", lines: 2, fault: "ready: false",
      capture: "lab/node-masq/client.pcap"),
  ]

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/\(name)"), encoding: .utf8)
  }

  private static func verdict(_ name: String, beside example: Example) throws -> Verdict {
    var tables = Tables()
    let objects = try KubernetesObjects(text: text(name))
    tables.kubernetes = [TableFile(path: name, table: objects)]
    if let path = example.ipvs {
      let text = try String(contentsOf: Repository.fixtures.appending(path: path), encoding: .utf8)
      tables.ipvs = [TableFile(path: path, table: try IPVSTable(text: text))]
    }
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    let evidence = try CaptureContents(path: Repository.fixture(example.capture)).evidence
    return judge(evidence, beside: tables, under: policy)
  }

  @Test func everyCheckHasItsExample() {
    let checks = Check.all.filter { $0.id.hasPrefix("K8S") }
    #expect(Set(Self.examples.map(\.slug)) == Set(checks.map(\.slug)))
  }

  @Test(arguments: examples)
  func theBadOneDiffersInTheFaultAlone(example: Example) throws {
    let good = try Self.text(example.good).split(separator: "\n")
    let bad = try Self.text(example.bad).split(separator: "\n")
    let changes = bad.difference(from: good)
    #expect(max(changes.insertions.count, changes.removals.count) == example.lines)
  }

  @Test(arguments: examples)
  func theBadOneFailsAtItsLineAndTheGoodOneDoesNot(example: Example) throws {
    let bad = try Self.verdict(example.bad, beside: example)
    #expect(bad.outcome == .fail)
    let failed = bad.checks.filter { $0.outcome == .fail }
    #expect(failed.map(\.slug) == [example.slug])
    let failure = try #require(failed.first)
    #expect(!failure.summary.isEmpty && !failure.reason.isEmpty && !failure.remedy.isEmpty)
    let lines = try Self.text(example.bad).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(!failure.evidence.isEmpty)
    for exhibit in failure.evidence {
      guard case .line(let line) = exhibit.source else { continue }
      #expect(line.path == example.bad)
      try #require(lines.indices.contains(line.number - 1))
      #expect(lines[line.number - 1].contains(example.fault))
    }
    let good = try Self.verdict(example.good, beside: example)
    #expect(good.outcome == .pass, "\(good.reason)")
    #expect(good.checks.first { $0.slug == example.slug }?.outcome == .pass)
  }

  /// The kubectl that prints JSON tells the same as the one that prints YAML.
  @Test func theFormsSayTheSame() throws {
    let example = Self.examples[0]
    let (yaml, json) = (
      try Self.verdict("cluster.yaml", beside: example), try Self.verdict("cluster.json", beside: example)
    )
    #expect(yaml.checks.map(\.outcome) == json.checks.map(\.outcome))
    #expect(yaml.outcome == .pass)
    #expect(json.tables.map(\.kind) == [.kubernetes])
  }
}
