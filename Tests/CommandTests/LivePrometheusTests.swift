import Foundation
import TestSupport
import Testing

/// A real Prometheus that scrapes real runs of `watch`, and what `verify --probe` writes through a real node exporter, while
/// Direct Server Return in a real network goes wrong and right again.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LivePrometheusTests {
  private static let monitoring = Repository.root.appending(path: "monitoring")

  private struct Dashboard: Decodable {
    struct Target: Decodable { var expr: String }
    struct Panel: Decodable { var targets: [Target] }
    struct Variables: Decodable { var list: [Variable] }
    struct Variable: Decodable { var definition: String? }
    var panels: [Panel]
    var templating: Variables

    /// What its panels ask for, and what its variables take their values from.
    var queries: [String] {
      panels.flatMap(\.targets).map { $0.expr.replacing("$service", with: ".*") }
        + templating.list.compactMap(\.definition).map { $0.replacing(/label_values\(([^,]+),.*\)/) { "\($0.1)" } }
    }
  }

  private static func dashboard() throws -> Dashboard {
    try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: monitoring.appending(path: "dashboard.json")))
  }

  /// The rules, but that no alert waits longer than a second. What they ask for stays.
  private static func hastyRules() throws -> String {
    try String(contentsOf: monitoring.appending(path: "alerts.yaml"), encoding: .utf8)
      .replacing(/\bfor: \w+/) { _ in "for: 1s" }
  }

  /// Debian's Prometheus on a host of a network, and what its API says.
  private final class Server {
    private let network: NetworkNamespaces
    private let process: Process
    private let folder: TemporaryFolder

    /// `ports`: what is scraped there, by the job that it is called.
    init(of network: NetworkNamespaces, scraping ports: [(job: String, port: Int)], token: String) throws {
      self.network = network
      folder = try TemporaryFolder()
      let rules = try folder.file("alerts.yaml", Data(LivePrometheusTests.hastyRules().utf8))
      let jobs = ports.map { job, port in
        """
          - job_name: \(job)
            authorization: {credentials_file: "\(token)"}
            static_configs: [{targets: ["127.0.0.1:\(port)"]}]
        """
      }
      let config = """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["\(rules.path)"]
        scrape_configs:
        \(jobs.joined(separator: "\n"))
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

    /// The alerts that fire, each by its name and the job that it is about: `DSRServiceFails named`.
    var firing: Set<String>? {
      guard let alerts = (try? get("alerts"))?["alerts"] as? [[String: Any]] else { return nil }
      return Set(
        alerts.filter { $0["state"] as? String == "firing" }.compactMap { $0["labels"] as? [String: String] }
          .map { [$0["alertname"], $0["job"]].compactMap(\.self).joined(separator: " ") })
    }

    /// All alerts that it knows.
    var alerts: Set<String> {
      let groups = (try? get("rules"))?["groups"] as? [[String: Any]] ?? []
      return Set(groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }.compactMap { $0["name"] as? String })
    }

    /// What is wrong with the target of a job; `nil` where nothing was scraped yet.
    func faults(of job: String) -> [String]? {
      let all = (try? get("targets"))?["activeTargets"] as? [[String: Any]] ?? []
      let targets = all.filter { ($0["labels"] as? [String: String])?["job"] == job }
      guard !targets.isEmpty, targets.allSatisfy({ $0["health"] as? String != "unknown" }) else { return nil }
      return targets.compactMap { $0["lastError"] as? String }.filter { !$0.isEmpty }
    }
  }

  /// The whole of it, for the steps of its day.
  private final class Scene {
    let network: NetworkNamespaces
    var server: LiveNetwork.Server?
    let folder: TemporaryFolder
    let token: String
    let prometheus: Server
    private let exporter: Process
    /// What fired, and what of that has ended.
    private(set) var fired: Set<String> = []
    private(set) var ended: Set<String> = []

    init() throws {
      let (network, server) = try LiveNetwork.directReturn()
      (self.network, self.server) = (network, server)
      folder = try TemporaryFolder()
      token = try folder.file("token", Data("0123456789abcdef0123456789abcdef\n".utf8)).path
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: "textfiles"), withIntermediateDirectories: true)
      let program =
        CommandLineTool.candidates("prometheus-node-exporter").first
        ?? CommandLineTool.candidates("node_exporter").first
      exporter = try network.start(
        "client",
        [
          try #require(program, "scripts/install-dependencies test"), "--collector.disable-defaults",
          "--collector.textfile", "--collector.textfile.directory=\(folder.path("textfiles"))",
          "--web.listen-address=127.0.0.1:9100",
        ])
      prometheus = try Server(
        of: network, scraping: [("named", 9743), ("found", 9744), ("late", 9745), ("probes", 9100)], token: token)
    }

    deinit {
      kill(exporter.processIdentifier, SIGKILL)
      exporter.waitUntilExit()
    }

    /// A run of `watch` on the client, with a window of three seconds.
    func watch(port: Int, _ arguments: String...) throws -> PageRun {
      try PageRun(
        on: "client", of: network, arguments + ["--window", "3s", "--steps", "3", "--token-file", token],
        listen: "127.0.0.1:\(port)")
    }

    /// Waits until this is so, with questions to the service or without.
    func waits(asking: Bool = true, until isSo: () -> Bool) throws -> Bool {
      for _ in 0..<300 {
        if isSo() { return true }
        if asking {
          _ = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "1", "http://10.1.10.10/")
        }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }

    func fires(_ alert: String, asking: Bool = true) throws -> Bool {
      let has = try waits(asking: asking) { prometheus.firing?.contains(alert) == true }
      if has { fired.insert(alert) }
      return has
    }

    func ends(_ alert: String, asking: Bool = true) throws -> Bool {
      let has = try waits(asking: asking) { prometheus.firing?.contains(alert) == false }
      if has, fired.contains(alert) { ended.insert(alert) }
      return has
    }

    /// `verify --probe` writes its file for the node exporter.
    func probe() throws {
      try network.run(
        "client", Executable.url.path, "-i", "eth1", "-Z", "root", "--vip", "10.1.10.10:80", "--balancer-mac",
        LiveNetwork.balancer.mac, "--probe", "tcp", "--probe-count", "3", "--probe-interval", "10ms", "-o",
        "prometheus=\(folder.path("textfiles/dsrproof.prom"))")
    }
  }

  @Test func `Every alert fires and ends, and every query of the dashboard has data`() throws {
    let scene = try Scene()
    let (network, prometheus) = (scene.network, scene.prometheus)
    #expect(try scene.fires("DSRRunMissing", asking: false))

    // Nobody asks for anything yet.
    let named = try scene.watch(port: 9743, "-i", "eth1", "--vip", "10.1.10.10:80", "-B", "256")
    var found: PageRun? = try scene.watch(port: 9744, "-i", "eth1")
    #expect(try scene.ends("DSRRunMissing", asking: false))
    #expect(try scene.fires("DSRServiceInconclusive named", asking: false))
    #expect(try scene.fires("DSRNoService found", asking: false))
    #expect(try scene.ends("DSRServiceInconclusive named"))
    #expect(try scene.ends("DSRNoService found"))
    #expect(try scene.waits { prometheus.count(#"dsrproof_service_verdict{job="named",verdict="pass"} == 1"#) == 1 })
    #expect(prometheus.faults(of: "named") == [] && prometheus.faults(of: "found") == [])
    #expect(prometheus.count(#"dsrproof_watch_frames_total{job="named"} > 0"#) == 1)
    found = nil
    withExtendedLifetime(found) {}

    // The frames of a pipe are 27 hours late, and then of now.
    let fifo = scene.folder.path("frames")
    _ = try CommandLineTool.output("mkfifo", [fifo])
    let pipe = try #require(FileHandle(forUpdatingAtPath: fifo))
    func write(from time: Date) {
      for second in 0..<6 {
        let time = time.addingTimeInterval(Double(second))
        pipe.write(SampleCapture.handshake(replyFrom: SampleCapture.backend, at: time))
      }
    }
    pipe.write(SampleCapture.empty)
    write(from: .now.addingTimeInterval(-27 * 3600))
    var late: PageRun? = try scene.watch(port: 9745, "-r", fifo)
    #expect(try scene.fires("DSRRunStale late"))
    write(from: .now)
    #expect(try scene.ends("DSRRunStale late"))
    late = nil
    withExtendedLifetime(late) {}

    // Nobody listens at the VIP for a while.
    scene.server = nil
    try scene.probe()
    #expect(try scene.fires("DSRProbeFails probes", asking: false))
    scene.server = try LiveNetwork.server(on: "be1", of: network, bind: "10.1.10.10")
    try scene.probe()
    #expect(try scene.ends("DSRProbeFails probes"))
    #expect(try scene.waits { prometheus.firing == [] }, "\(prometheus.firing ?? [])")

    try LiveNetwork.returnThroughBalancer(network)
    #expect(try scene.fires("DSRServiceFails named"))
    let queries = try Self.dashboard().queries
    #expect(queries.count >= 14)
    for query in queries { #expect(try scene.waits { prometheus.count(query) > 0 }, "\(query)") }
    try LiveNetwork.returnStraight(network)
    #expect(try scene.ends("DSRServiceFails named"))
    #expect(prometheus.count(#"dsrproof_watch_changes_total{to="fail"} > 0"#) == 1)

    // The backend answers for the VIP as well.
    try network.run("be1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=0")
    #expect(
      try scene.waits {
        try? network.configure("client", "neighbour", "flush", "dev", "eth1")
        return prometheus.firing?.contains("DSRSeveralOwners named") == true
      })
    #expect(try scene.fires("DSRSeveralOwners named"))
    try network.run("be1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1")
    try network.configure("client", "neighbour", "flush", "dev", "eth1")
    #expect(try scene.ends("DSRSeveralOwners named"))

    // More comes than a run takes that stands still.
    kill(named.process.processIdentifier, SIGSTOP)
    let flood = """
      import socket
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for i in range(20000): s.sendto(b'x' * 1000, ('10.1.10.10', 80))
      """
    try network.run("client", "python3", "-c", flood)
    kill(named.process.processIdentifier, SIGCONT)
    #expect(try scene.fires("DSRCaptureDrops named"))
    #expect(try scene.ends("DSRCaptureDrops named"))

    #expect(try scene.waits { prometheus.firing == [] }, "\(prometheus.firing ?? [])")
    #expect(prometheus.faults(of: "named") == [])
    // One that is new has its part here.
    let shown = scene.ended.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(Set(shown) == prometheus.alerts)
  }
}
