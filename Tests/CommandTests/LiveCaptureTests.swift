import Foundation
import TestSupport
import Testing

/// `verify -i` in real networks: Direct Server Return by nftables, a proxying balancer, an ARP leak.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LiveCaptureTests {
  private static let vip = ["--vip", "10.1.10.10:80"]

  /// A run on a host, with requests of the client while it captures.
  private final class Run {
    let process: Process
    private let folder: TemporaryFolder

    /// `launcher` is a program that starts another.
    init(_ network: NetworkNamespaces, on host: String, by launcher: [String] = [], _ arguments: [String]) throws {
      folder = try TemporaryFolder()
      let (output, errors) = (try folder.file("output", Data()), try folder.file("errors", Data()))
      process = try network.start(
        host, launcher + [Executable.url.path, "verify", "--verbose"] + arguments, output: output, errors: errors)
    }

    deinit {
      guard process.isRunning else { return }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    /// Waits until it captures; every run says so. Without leaving the thread: among hundreds of tests that are due, a task
    /// that gives it up gets it back minutes later.
    func listens() throws {
      try says("listening on")
    }

    /// Waits until it has printed this, on a terminal or beside its report.
    func says(_ words: String) throws {
      for _ in 0..<600 where process.isRunning {
        if try errors.contains(words) || output.contains(words) { return }
        Thread.sleep(forTimeInterval: 0.05)
      }
      Issue.record("it does not say \(words): \(try errors) \(try output)")
    }

    var output: String { get throws { try folder.text("output") } }
    var errors: String { get throws { try folder.text("errors") } }

    /// Ends with the process, which ends by itself.
    func wait() throws -> Executable.Result {
      process.waitUntilExit()
      return Executable.Result(status: process.terminationStatus, output: try output, errors: try errors)
    }
  }

  private static func request(_ count: Int, in network: NetworkNamespaces) throws {
    for _ in 0..<count {
      let result = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "5", "http://10.1.10.10/")
      #expect(result.status == 0)
    }
  }

  @Test func directReturnPassesAtEveryPlace() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let runs = try [("client", "eth1"), ("lb", "eth1"), ("switch", "br0")].map { host, interface in
      try Run(network, on: host, ["-i", interface, "--flows", "3", "--duration", "60s"] + Self.vip)
    }
    for run in runs { try run.listens() }
    try Self.request(3, in: network)
    for run in runs {
      let result = try run.wait()
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      #expect(result.output.contains("3 of 3 flows: replies avoid the balancer"))
      #expect(result.output.contains(" received, 0 dropped by the kernel"))
    }
  }

  @Test func aProxyFailsAndTheSavedCaptureCommentsTheProof() throws {
    let (network, server) = try LiveNetwork.proxy()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let saved = folder.path("proof.pcapng")
    let run = try Run(
      network, on: "client", ["-i", "eth1", "--until-verdict", "--duration", "60s", "-w", saved] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 1)
    #expect(try folder.names == ["proof.pcapng"])
    let comments = try CommandLineTool.output(
      "tshark", ["-r", saved, "-Y", "frame.comment", "-T", "fields", "-e", "frame.number", "-e", "frame.comment"])
    #expect(comments.contains("DSR001 reply-via-balancer: expected"))
    #expect(
      try CommandLineTool.output("tshark", ["-r", saved, "-c1", "-T", "fields", "-e", "frame.interface_name"])
        == "eth1\n")
    // What was saved gives the same verdict again.
    let again = try Executable.run(["verify", "-r", saved] + Self.vip)
    #expect(again.status == 1)
  }

  /// At the balancer missing replies are the proof, and with one direction they are missing anyway: in the kept capture too.
  @Test(arguments: ["in", "out"])
  func oneDirectionProvesNothingByWhatIsMissing(direction: String) throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    for host in ["client", "lb", "be1", "switch"] {
      try network.run(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    }
    let folder = try TemporaryFolder()
    let saved = folder.path("half.pcapng")
    let run = try Run(
      network, on: "lb", ["-i", "eth1", "-Q", direction, "--duration", "4s", "-w", saved] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 3, "\(result.output)\(result.errors)")
    #expect(try Executable.run(["verify", "-r", saved] + Self.vip).status == 3)
    // tcpdump keeps the same frames, but for those that come by without being asked for.
    let frames = try CommandLineTool.output("tcpdump", ["-e", "-nn", "-r", saved, "tcp"])
    let own = try network.run("lb", "cat", "/sys/class/net/eth1/address").output.trimmingCharacters(
      in: .whitespacesAndNewlines)
    let lines = frames.split(separator: "\n")
    #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("\(own) >") == (direction == "out") })
  }

  /// At the balancer missing replies are the proof: the kept capture has to tell that they were not filtered out.
  @Test func theBalancersKeptCaptureIsJudgedAsTheRunWas() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    // Router solicitations and the like would show that there was no filter for one direction.
    for host in ["client", "lb", "be1", "switch"] {
      try network.run(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    }
    let folder = try TemporaryFolder()
    let saved = folder.path("proof.pcapng")
    let run = try Run(network, on: "lb", ["-i", "eth1", "--flows", "2", "--duration", "60s", "-w", saved] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let again = try Executable.run(["verify", "-r", saved, "--format", "json"] + Self.vip)
    #expect(again.status == 0, "\(again.output)\(again.errors)")
    #expect(again.output.contains("\"dropped\":0,"))
    // What was taken out later may be what came back.
    let thinned = folder.path("thinned.pcapng")
    _ = try CommandLineTool.output("tshark", ["-r", saved, "-Y", "tcp.dstport == 80", "-w", thinned])
    #expect(try Executable.run(["verify", "-r", thinned] + Self.vip).status == 3)
  }

  @Test func aPassCommentsTheFramesThatProveIt() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let saved = folder.path("proof.pcapng")
    let run = try Run(
      network, on: "client", ["-i", "eth1", "--flows", "2", "--duration", "60s", "-w", saved] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    #expect(try run.wait().status == 0)
    let comments = try CommandLineTool.output(
      "tshark",
      ["-r", saved, "-Y", "frame.comment", "-T", "fields", "-e", "eth.src", "-e", "eth.dst", "-e", "frame.comment"])
    let lines = comments.split(separator: "\n").map(String.init)
    let (client, balancer, backend) = (LiveNetwork.client.mac, LiveNetwork.balancer.mac, LiveNetwork.backend.mac)
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("\(client)\t\(balancer)\tDSR001 reply-via-balancer: expected a request to") == true)
    #expect(lines.last?.hasPrefix("\(backend)\t\(client)\tDSR001 reply-via-balancer: expected a reply from") == true)
  }

  @Test func aBackendThatAnswersARPFails() throws {
    let (network, server) = try LiveNetwork.directReturn(backendAnswersARP: true)
    defer { withExtendedLifetime(server) {} }
    let run = try Run(
      network, on: "client",
      ["-i", "eth1", "--until-verdict", "--duration", "60s", "--balancer-mac", LiveNetwork.balancer.mac] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 1)
    #expect(result.output.contains("backend-answers-arp"))
  }

  @Test func signalsEndARunWithAReport() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    for signal in [SIGINT, SIGTERM] {
      let run = try Run(network, on: "client", ["-i", "eth1", "--duration", "60s"] + Self.vip)
      try run.listens()
      try Self.request(1, in: network)
      kill(run.process.processIdentifier, SIGUSR1)
      try run.says("frames: tcp://10.1.10.10:80")
      kill(run.process.processIdentifier, signal)
      #expect(try run.wait().status == 0)
    }
  }

  @Test func severalInterfacesAreOneCapture() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let saved = try TemporaryFolder()
    let path = saved.path("ports.pcapng")
    // The ports of the switch.
    let run = try Run(
      network, on: "switch",
      ["-i", "client", "-i", "lb", "-i", "be1", "--flows", "2", "--duration", "60s", "-w", path] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("2 of 2 flows: replies avoid the balancer"))
    for vantage in ["(lb): on the balancer", "(be1): on a backend"] { #expect(result.output.contains(vantage)) }
    let names = try CommandLineTool.output("tshark", ["-r", path, "-T", "fields", "-e", "frame.interface_name"])
    #expect(Set(names.split(separator: "\n")) == ["client", "lb", "be1"])
  }

  /// Cooked frames bear the sender's MAC alone: that of the reply is not the balancer's, whom ARP shows.
  @Test func allInterfacesAtOnceTellWhoAnswered() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(network, on: "client", ["-i", "any", "--flows", "1", "--duration", "60s"] + Self.vip)
    try run.listens()
    try Self.request(1, in: network)
    let result = try run.wait()
    #expect(result.status == 0)
    #expect(result.output.contains("LINUX_SLL2"))
    #expect(result.output.contains("identified"))
  }

  /// Python's `pty` is the terminal.
  @Test func aTerminalSeesHowFarItIs() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let terminal = "import pty, sys, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    let run = try Run(
      network, on: "client", by: ["env", "TERM=xterm", "python3", "-c", terminal],
      ["-i", "eth1", "--flows", "2", "--duration", "60s"] + Self.vip)
    try run.listens()
    try Self.request(1, in: network)
    try run.says("tcp://10.1.10.10:80 pass, 1 flow, 1 direct")
    try run.says("Ctrl-C ends the run with a report")
    try Self.request(1, in: network)
    let result = try run.wait()
    #expect(result.status == 0)
    // What was drawn is gone before the report comes.
    let afterLast = result.output.components(separatedBy: "Ctrl-C ends the run").last ?? ""
    #expect(afterLast.contains("\u{1b}[2A\u{1b}[J"))
    #expect(afterLast.contains("2 of 2 flows: replies avoid the balancer"))
  }

  @Test func withoutPrivilegesItNamesTheLineThatGivesThem() throws {
    let folder = try TemporaryFolder()
    let copy = folder.url.appending(path: "dsrproof")
    // By a program of its own: a child that another test starts while this one copies would hold the copy open for writing, and what
    // is open for writing does not start (ETXTBSY).
    _ = try CommandLineTool.run("/bin/cp", [Executable.url.path, copy.path])
    let run = { (launcher: [String]) in
      let capture = [copy.path, "-i", "lo", "--duration", "100ms", "ether proto 0x88b5"]
      return try CommandLineTool.run("/usr/bin/setpriv", launcher + capture)
    }
    let refused = try run(["--bounding-set=-all"])
    #expect(refused.status == 2 && refused.output.isEmpty, "\(refused.errors)")
    let line = try #require(refused.errors.split(separator: "sudo ").last)
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(words == ["setcap", "cap_net_raw+ep", copy.path])
    // And it does.
    _ = try CommandLineTool.run("/usr/sbin/setcap", Array(words.dropFirst()))
    let captured = try run(["--reuid=65534", "--regid=65534", "--clear-groups"])
    #expect(captured.status == 3, "\(captured.errors)")

    // Not in effect by the file: it starts where it may not have it, too, and takes it where it may.
    _ = try CommandLineTool.run("/usr/sbin/setcap", ["cap_net_raw+p", copy.path])
    let raised = try run(["--reuid=65534", "--regid=65534", "--clear-groups"])
    #expect(raised.status == 3, "\(raised.errors)")
    let bounded = try run(["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"])
    #expect(bounded.status == 2 && bounded.errors.contains("CAP_NET_RAW"), "\(bounded.errors)")
  }

  @Test func aPageShowsTheFramesOfALiveRun() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    for saved in [[], ["-w", folder.path("proof.pcapng")]] {
      let page = folder.path("report.html")
      let run = try Run(
        network, on: "client",
        ["-i", "eth1", "--flows", "1", "--duration", "60s", "-o", "html=\(page)"] + saved + Self.vip)
      try run.listens()
      try Self.request(1, in: network)
      #expect(try run.wait().status == 0)
      #expect(try folder.text("report.html").contains(">SYN TTL 64"))
    }
    #expect(try folder.names == ["proof.pcapng", "report.html"])
  }

  @Test func theReportAndTheCaptureAreTwoFiles() throws {
    let folder = try TemporaryFolder()
    let both = folder.path("both")
    for command in ["init", "flows"] {
      let result = try Executable.run(command, "-i", "lo", "--duration", "100ms", "-w", both, "-o", both)
      #expect(result.status == 64 && result.errors.contains("-o and -w name one file"))
    }
    #expect(try folder.names == [])
  }

  @Test func noFrameIsReadWithPrivileges() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(
      network, on: "client", ["-i", "eth1", "-Z", "nobody", "--flows", "1", "--duration", "60s"] + Self.vip)
    try run.listens()
    let status = try String(contentsOfFile: "/proc/\(run.process.processIdentifier)/status", encoding: .utf8)
    for line in ["CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"] {
      #expect(status.contains(line))
    }
    #expect(!status.contains("Uid:\t0"))
    try Self.request(1, in: network)
    #expect(try run.wait().status == 0)
  }

  @Test func anInterfaceThatGoesAwayEndsTheRunWithWhatWasSeen() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(network, on: "client", ["-i", "eth1", "--duration", "60s"] + Self.vip)
    try run.listens()
    try Self.request(2, in: network)
    for _ in 0..<100 where try !run.errors.contains("pass, 2 flows, 2 direct") {
      kill(run.process.processIdentifier, SIGUSR1)
      Thread.sleep(forTimeInterval: 0.1)
    }
    try network.configure("client", "link", "delete", "eth1")
    let result = try run.wait()
    #expect(result.status == 3)
    #expect(result.output.contains("2 of 2 flows return directly"))
    #expect(result.output.contains("the capture ended early"))
  }

  /// The kernel hands frames over in blocks, up to a tenth of a second late: after it said that the interface is gone.
  @Test func whatTheKernelHoldsOfAnInterfaceThatWentAwayIsRead() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(network, on: "client", ["-i", "eth1", "--duration", "60s"] + Self.vip)
    try run.listens()
    // One right behind the other.
    let done = try network.run(
      "client", "sh", "-c", "curl -s -o /dev/null --max-time 5 http://10.1.10.10/ && ip link delete eth1")
    #expect(done.status == 0)
    let result = try run.wait()
    #expect(result.status == 3)
    #expect(result.output.contains("1 of 1 flow return directly"), "\(result.output)")
    #expect(result.output.contains("the capture ended early"))
  }

  @Test func countsOfFramesAndFlowsEndARun() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let flows = try Run(network, on: "client", ["-i", "eth1", "--flows", "2", "--duration", "60s"] + Self.vip)
    let frames = try Run(network, on: "client", ["-i", "eth1", "-c", "5", "--duration", "60s"] + Self.vip)
    try flows.listens()
    try frames.listens()
    try Self.request(3, in: network)
    #expect(try flows.wait().status == 0)
    #expect(try frames.wait().output.contains(", 5 frames,"))
  }

  // MARK: Traffic of its own

  private struct Report: Decodable {
    struct Probe: Decodable {
      var clientPort: Int?
      var status, failure, frames: String?
      var answeredBy: [String]
    }
    struct Check: Decodable { var slug, outcome: String }
    var verdict: String
    var probes: [Probe]
    var checks: [Check]
  }

  private static func probe(_ network: NetworkNamespaces, _ arguments: String...) throws -> (Executable.Result, Report)
  {
    let result = try Run(
      network, on: "client", ["-i", "eth1", "--format", "json", "--duration", "60s"] + arguments
    ).wait()
    return (result, try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)))
  }

  @Test func probesMakeTheFlowsThatProveDirectReturn() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    for target in ["tcp", "http://dsr.example/"] {
      let (result, report) = try Self.probe(
        network, "--vip", "10.1.10.10:80", "--probe", target, "--probe-count", "3", "--until-verdict")
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      #expect(report.probes.map(\.status) == Array(repeating: target == "tcp" ? "connected" : "HTTP 200", count: 3))
      // Each from a port of its own, and answered by the backend.
      #expect(Set(report.probes.map(\.clientPort)).count == 3)
      #expect(report.probes.allSatisfy { $0.answeredBy == [LiveNetwork.backend.mac] })
    }
  }

  @Test func probesThroughAProxyFail() throws {
    let (network, server) = try LiveNetwork.proxy()
    defer { withExtendedLifetime(server) {} }
    let (result, report) = try Self.probe(
      network, "--vip", "10.1.10.10:80", "--probe", "tcp", "--probe-count", "2", "--until-verdict")
    #expect(result.status == 1)
    #expect(report.probes.allSatisfy { $0.answeredBy == [LiveNetwork.balancer.mac] })
  }

  @Test func aProbeThatFailsIsEvidence() throws {
    let (network, server) = try LiveNetwork.proxy()
    defer { withExtendedLifetime(server) {} }
    let (result, report) = try Self.probe(
      network, "--vip", "10.1.10.10:81", "--probe", "tcp", "--probe-count", "2", "--until-verdict")
    #expect(result.status == 1)
    #expect(result.output.contains("connection-refused"))
    #expect(report.probes.count == 2 && report.probes.allSatisfy { $0.status == nil && $0.failure != nil })
  }

  /// Most connections are answered, some are dropped on the way: the first that is lost ends the run.
  @Test func oneProbeThatIsLostFailsWhatElsePasses() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    try network.filter(
      "be1",
      """
      table ip lossy {
        chain in {
          type filter hook input priority 0;
          tcp dport 80 tcp sport & 6 == 2 drop;
        }
      }

      """)
    let (result, report) = try Self.probe(
      network, "--vip", "10.1.10.10:80", "--probe", "tcp", "--probe-count", "40", "--until-verdict")
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    // Its third SYN and its own end come at the same time.
    let failed = Set(report.checks.filter { $0.outcome == "fail" }.map(\.slug))
    #expect(!failed.isEmpty && failed.isSubset(of: ["probe-failed", "request-unanswered"]))
    // One in four ports is dropped, and so may be the first one's, which may not have ended yet.
    #expect(report.probes.contains { $0.status == "connected" } || report.probes.count <= 1)
    if let lost = report.probes.first(where: { $0.failure != nil }) {
      #expect(failed.contains("probe-failed"))
      #expect(lost.frames?.contains("to \(LiveNetwork.balancer.mac), and nobody answered") == true)
    }
    #expect(report.probes.count < 40)
  }

  /// An HTTP request that gets no connection is found by its port all the same.
  @Test func aRequestThatIsLostIsFoundByItsPort() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let (result, report) = try Self.probe(
      network, "--vip", "10.1.10.10:81", "--probe", "http://dsr.example:81/", "--probe-count", "1", "--until-verdict")
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect(report.probes.first?.frames != nil && report.probes.first?.clientPort != nil)
  }

  @Test func theProbeAloneIsOneOfTCPAndEndsTheRun() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let result = try Run(
      network, on: "client", ["-i", "eth1", "--probe", "--vip", "10.1.10.10:80", "--probe-count", "2"]
    ).wait()
    #expect(result.status == 0)
    #expect(result.output.contains("connected"))
  }

  @Test func theNeighbourProbeListsAllWhoAnswer() throws {
    let (network, server) = try LiveNetwork.directReturn(backendAnswersARP: true)
    defer { withExtendedLifetime(server) {} }
    let result = try Run(
      network, on: "client",
      ["-i", "eth1", "--neighbour-probe", "--vip", "10.1.10.10:80", "--balancer-mac", LiveNetwork.balancer.mac]
    ).wait()
    #expect(result.status == 1)
    #expect(result.output.contains("backend-answers-arp"))
    #expect(result.errors.contains("10.1.10.10 is at \(LiveNetwork.balancer.mac), and at \(LiveNetwork.backend.mac)"))
  }

  @Test func theListTellsWhichInterfaceReachesTheVIP() throws {
    let network = try NetworkNamespaces([LiveNetwork.client])
    let result = try network.run("client", Executable.url.path, "--list-interfaces", "--vip", "10.1.10.10")
    #expect(result.status == 0)
    let line = result.output.split(separator: "\n").first { $0.hasPrefix("eth1") } ?? ""
    #expect(line.contains("10.1.10.100/24") && line.hasSuffix("this host reaches 10.1.10.10 by it"))
  }
}
