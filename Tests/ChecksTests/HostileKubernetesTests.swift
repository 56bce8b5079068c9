import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// Objects that are odd, yet can be read, the whole way to a report: no check traps on them, and whatever fails or stays
/// open shows why.
@Suite struct HostileKubernetesTests {
  /// Words that mean something to a check, in each other's places.
  private static let words = [
    "10.1.10.10", "10.1.10.11", "fd00:10::10", "10.233.90.25", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName",
    "Cluster", "Local", "TCP", "UDP", "80", "0", "65535", "ipvs", "iptables", "true", "false", "null", "be1", "[]",
    "{}",
    "Service", "Node", "EndpointSlice", "my-frontend", "default", "\"\"", "Proxy",
  ]

  @Test func noObjectsTrapInJudgement() throws {
    let seed = SeededGenerator.seed(for: "HostileKubernetesTests")
    var random = SeededGenerator(seed: seed)
    let evidence = try CaptureContents(path: Repository.fixture("lab/node-masq/client.pcap")).evidence
    let read = { (path: String) in
      try String(contentsOf: Repository.fixtures.appending(path: path), encoding: .utf8)
    }
    let ipvs = TableFile(path: "ipvs", table: try IPVSTable(text: read("lab/node-masq/be1.ipvsadm")))
    let texts = try ["seed", "cluster"].map { try read("tables/kubernetes/\($0).yaml") }
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(4)
    var judged = 0
    while clock.now < deadline {
      var tables = Tables()
      for number in 0..<Int.random(in: 1...2, using: &random) {
        var lines = (texts.randomElement(using: &random) ?? "").split(separator: "\n").map(String.init)
        for _ in 0..<Int.random(in: 1...5, using: &random) where !lines.isEmpty {
          let index = Int.random(in: 0..<lines.count, using: &random)
          if Bool.random(using: &random), let colon = lines[index].lastIndex(of: ":") {
            lines[index] = lines[index][...colon] + " " + (Self.words.randomElement(using: &random) ?? "")
          } else {
            lines.remove(at: index)
          }
        }
        if let objects = try? KubernetesObjects(text: lines.joined(separator: "\n")) {
          tables.kubernetes.append(TableFile(path: "\(number).yaml", table: objects))
        }
      }
      guard !tables.kubernetes.isEmpty else { continue }
      if Bool.random(using: &random) { tables.ipvs = [ipvs] }
      let verdict = judge(evidence, beside: tables, under: policy)
      for check in verdict.checks where check.outcome == .fail || check.outcome == .inconclusive {
        #expect(!check.reason.isEmpty && !check.remedy.isEmpty, "seed \(seed)")
        #expect(check.outcome == .inconclusive || !check.evidence.isEmpty, "seed \(seed)")
      }
      #expect(!verdict.textReport(color: false).isEmpty)
      _ = verdict.jsonReport()
      judged += 1
    }
    print("HostileKubernetesTests: \(judged) judged")
    #expect(judged > 50)
  }
}
