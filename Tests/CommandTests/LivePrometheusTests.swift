import Foundation
import TestSupport
import Testing

/// A real Prometheus that scrapes a real `watch`, while Direct Server Return in a real network goes wrong and right again.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LivePrometheusTests {
  private static let monitoring = Repository.root.appending(path: "monitoring")

  private struct Dashboard: Decodable {
    struct Target: Decodable { var expr: String }
    struct Panel: Decodable { var targets: [Target] }
    var panels: [Panel]
  }

  /// The queries of the dashboard, but for those of probes, which `watch` does not make.
  private static func queries() throws -> [String] {
    let text = try Data(contentsOf: monitoring.appending(path: "dashboard.json"))
    let all = try JSONDecoder().decode(Dashboard.self, from: text).panels.flatMap(\.targets)
    return all.map { $0.expr.replacing("$service", with: ".*") }.filter { !$0.contains("service_probe") }
  }

  /// Debian's Prometheus on a host of a network, and what its API says.
  private final class Server {
    private let network: NetworkNamespaces
    private let process: Process
    private let folder: TemporaryFolder

    init(of network: NetworkNamespaces, scraping run: PageRun, token: String) throws {
      self.network = network
      folder = try TemporaryFolder()
      let target = try #require(URL(string: run.url)?.port)
      let config = """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["\(monitoring.appending(path: "alerts.yaml").path)"]
        scrape_configs:
          - job_name: dsrproof
            authorization: {credentials_file: "\(token)"}
            static_configs: [{targets: ["127.0.0.1:\(target)"]}]
        """
      let file = try folder.file("prometheus.yml", Data(config.utf8))
      process = try network.start(
        "client",
        [
          "prometheus", "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.path("data"))",
          "--web.listen-address=127.0.0.1:9090", "--log.level=error",
        ])
    }

    deinit {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    private func get(_ path: String, _ options: String...) throws -> [String: Any] {
      let command = ["curl", "-s", "-G", "--max-time", "5"] + options + ["http://127.0.0.1:9090/api/v1/\(path)"]
      let answer = try JSONSerialization.jsonObject(with: network.runAll("client", command).data) as? [String: Any]
      return answer?["data"] as? [String: Any] ?? [:]
    }

    /// How many series a query finds.
    func count(_ query: String) -> Int {
      ((try? get("query", "--data-urlencode", "query=\(query)"))?["result"] as? [Any])?.count ?? 0
    }

    /// The alerts that fire.
    var firing: Set<String> {
      let alerts = (try? get("alerts"))?["alerts"] as? [[String: Any]] ?? []
      return Set(
        alerts.filter { $0["state"] as? String == "firing" }.compactMap {
          ($0["labels"] as? [String: String])?["alertname"]
        })
    }

    /// What is wrong with its targets; `nil` where nothing was scraped yet.
    var faults: [String]? {
      guard let targets = (try? get("targets"))?["activeTargets"] as? [[String: Any]], !targets.isEmpty,
        targets.allSatisfy({ $0["health"] as? String != "unknown" })
      else { return nil }
      return targets.compactMap { $0["lastError"] as? String }.filter { !$0.isEmpty }
    }
  }

  @Test func `Prometheus takes what is served, its dashboard has data, and the alert fires and ends`() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let token = try folder.file("token", Data("0123456789abcdef0123456789abcdef\n".utf8))
    let run = try PageRun(
      on: "client", of: network,
      ["-i", "eth1", "--vip", "10.1.10.10:80", "--window", "3s", "--steps", "3", "--token-file", token.path])
    let prometheus = try Server(of: network, scraping: run, token: token.path)
    /// Asks the service again and again until this is so.
    func ask(until isSo: () -> Bool) throws -> Bool {
      for _ in 0..<300 {
        if isSo() { return true }
        _ = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "1", "http://10.1.10.10/")
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }
    #expect(try ask { prometheus.count(#"dsrproof_service_verdict{verdict="pass"} == 1"#) == 1 })
    #expect(prometheus.faults == [])
    #expect(prometheus.firing == [])
    #expect(prometheus.count("dsrproof_watch_frames_total > 0") == 1)

    try LiveNetwork.returnThroughBalancer(network)
    #expect(try ask { prometheus.firing.contains("DSRServiceFails") })
    let queries = try Self.queries()
    #expect(queries.count >= 11)
    for query in queries { #expect(try ask { prometheus.count(query) > 0 }, "\(query)") }

    try LiveNetwork.returnStraight(network)
    #expect(try ask { prometheus.firing == [] })
    #expect(prometheus.count("dsrproof_watch_changes_total > 0") == 2)
    #expect(prometheus.faults == [])
  }
}
