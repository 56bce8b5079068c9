import Foundation
import TestSupport
import Testing

/// `verify -i` in real networks: Direct Server Return by nftables, a proxying balancer, an ARP leak.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LiveCaptureTests {
  private static let client = NetworkNamespaces.Host("client", mac: "06:ba:49:38:53:f0", address: "10.1.10.100")
  private static let balancer = NetworkNamespaces.Host("lb", mac: "06:1f:8a:6c:8e:d2", address: "10.1.10.11")
  private static let backend = NetworkNamespaces.Host("be1", mac: "06:d2:0a:b1:14:20", address: "10.1.10.21")
  private static let vip = ["--vip", "10.1.10.10:80"]

  /// A server process, ended with its test.
  private final class Server {
    private let process: Process
    init(_ process: Process) { self.process = process }
    deinit {
      // It may have been born with other signals blocked.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// The balancer hands requests on by MAC, and the backend answers in the VIP's name.
  private static func directReturn(backendAnswersARP: Bool = false) throws -> (NetworkNamespaces, Server) {
    let network = try NetworkNamespaces([client, balancer, backend])
    try network.configure("lb", "address", "add", "10.1.10.10/32", "dev", "eth1")
    try network.configure("be1", "address", "add", "10.1.10.10/32", "dev", "lo")
    if !backendAnswersARP {
      try network.run(
        "be1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
    }
    try network.filter(
      "lb",
      """
      table netdev dsr {
        chain in {
          type filter hook ingress device eth1 priority 0;
          ip daddr 10.1.10.10 tcp dport 80 ether saddr set \(balancer.mac) ether daddr set \(backend.mac) fwd to eth1;
        }
      }

      """)
    return (network, try server(on: "be1", of: network, bind: "10.1.10.10"))
  }

  /// The balancer translates, and so do its replies.
  private static func proxy() throws -> (NetworkNamespaces, Server) {
    let network = try NetworkNamespaces([client, balancer, backend])
    try network.configure("lb", "address", "add", "10.1.10.10/32", "dev", "eth1")
    return (network, try server(on: "lb", of: network, bind: "10.1.10.10"))
  }

  /// Python's own HTTP server, once it listens.
  private static func server(on host: String, of network: NetworkNamespaces, bind: String) throws -> Server {
    let program = """
      import http.server
      class H(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200); self.send_header('Content-Length', '6'); self.end_headers(); self.wfile.write(b'hello\\n')
          def log_message(self, *a): pass
      http.server.ThreadingHTTPServer(('\(bind)', 80), H).serve_forever()
      """
    let server = Server(try network.start(host, ["python3", "-c", program]))
    let listening =
      "import socket,time\nfor i in range(100):\n  try:\n    socket.create_connection(('\(bind)',80),1); break\n"
      + "  except OSError: time.sleep(0.05)\nelse: raise SystemExit(1)"
    guard try network.run(host, "python3", "-c", listening).status == 0 else {
      throw CommandLineTool.Failure(description: "the server does not listen")
    }
    return server
  }

  /// A run on a host, with requests of the client while it captures.
  private final class Run {
    let process: Process
    private let folder: TemporaryFolder

    init(_ network: NetworkNamespaces, on host: String, _ arguments: [String]) throws {
      folder = try TemporaryFolder()
      let (output, errors) = (try folder.file("output", Data()), try folder.file("errors", Data()))
      process = try network.start(
        host, [Executable.url.path, "verify"] + arguments, output: output, errors: errors)
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

  /// Time for a run to have opened its interface.
  private static func settle() async throws { try await Task.sleep(for: .milliseconds(700)) }

  @Test func directReturnPassesAtEveryPlace() async throws {
    let (network, server) = try Self.directReturn()
    defer { withExtendedLifetime(server) {} }
    let runs = try [("client", "eth1"), ("lb", "eth1"), ("switch", "br0")].map { host, interface in
      try Run(network, on: host, ["-i", interface, "--duration", "4s"] + Self.vip)
    }
    try await Self.settle()
    try Self.request(3, in: network)
    for run in runs {
      let result = try run.wait()
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      #expect(result.output.contains("3 of 3 flows: replies avoid the balancer"))
      #expect(result.output.contains("0 dropped by the kernel"))
      #expect(result.errors == "")
    }
  }

  @Test func aProxyFailsAndTheSavedCaptureCommentsTheProof() async throws {
    let (network, server) = try Self.proxy()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let saved = folder.path("proof.pcapng")
    let run = try Run(
      network, on: "client", ["-i", "eth1", "--until-verdict", "--duration", "20s", "-w", saved] + Self.vip)
    try await Self.settle()
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

  @Test func aBackendThatAnswersARPFails() async throws {
    let (network, server) = try Self.directReturn(backendAnswersARP: true)
    defer { withExtendedLifetime(server) {} }
    let run = try Run(
      network, on: "client", ["-i", "eth1", "--duration", "4s", "--balancer-mac", Self.balancer.mac] + Self.vip)
    try await Self.settle()
    try Self.request(2, in: network)
    let result = try run.wait()
    #expect(result.status == 1)
    #expect(result.output.contains("backend-answers-arp"))
  }

  @Test func signalsEndARunWithAReport() async throws {
    let (network, server) = try Self.directReturn()
    defer { withExtendedLifetime(server) {} }
    for signal in [SIGINT, SIGTERM] {
      let run = try Run(network, on: "client", ["-i", "eth1"] + Self.vip)
      try await Self.settle()
      try Self.request(1, in: network)
      kill(run.process.processIdentifier, SIGUSR1)
      try await Task.sleep(for: .milliseconds(500))
      #expect(try run.errors.contains("frames: tcp://10.1.10.10:80"))
      kill(run.process.processIdentifier, signal)
      #expect(try run.wait().status == 0)
    }
  }

  @Test func noFrameIsReadWithPrivileges() async throws {
    let (network, server) = try Self.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(network, on: "client", ["-i", "eth1", "-Z", "nobody", "--duration", "3s"] + Self.vip)
    try await Self.settle()
    let status = try String(contentsOfFile: "/proc/\(run.process.processIdentifier)/status", encoding: .utf8)
    for line in ["CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"] {
      #expect(status.contains(line))
    }
    #expect(!status.contains("Uid:\t0"))
    try Self.request(1, in: network)
    #expect(try run.wait().status == 0)
  }

  @Test func anInterfaceThatGoesAwayEndsTheRunWithWhatWasSeen() async throws {
    let (network, server) = try Self.directReturn()
    defer { withExtendedLifetime(server) {} }
    let run = try Run(network, on: "client", ["-i", "eth1"] + Self.vip)
    try await Self.settle()
    try Self.request(2, in: network)
    try await Self.settle()
    try network.configure("client", "link", "delete", "eth1")
    let result = try run.wait()
    #expect(result.status == 3)
    #expect(result.output.contains("2 of 2 flows return directly"))
    #expect(result.output.contains("the capture ended early"))
  }

  @Test func countsOfFramesAndFlowsEndARun() async throws {
    let (network, server) = try Self.directReturn()
    defer { withExtendedLifetime(server) {} }
    let flows = try Run(network, on: "client", ["-i", "eth1", "--flows", "2", "--duration", "20s"] + Self.vip)
    let frames = try Run(network, on: "client", ["-i", "eth1", "-c", "5", "--duration", "20s"] + Self.vip)
    try await Self.settle()
    try Self.request(3, in: network)
    #expect(try flows.wait().status == 0)
    #expect(try frames.wait().output.contains(", 5 frames,"))
  }

  @Test func theListTellsWhichInterfaceReachesTheVIP() throws {
    let network = try NetworkNamespaces([Self.client])
    let result = try network.run("client", Executable.url.path, "--list-interfaces", "--vip", "10.1.10.10")
    #expect(result.status == 0)
    let line = result.output.split(separator: "\n").first { $0.hasPrefix("eth1") } ?? ""
    #expect(line.contains("10.1.10.100/24") && line.hasSuffix("this host reaches 10.1.10.10 by it"))
  }
}
