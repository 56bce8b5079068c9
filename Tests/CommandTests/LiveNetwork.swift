import Foundation
import TestSupport

/// Networks with a VIP, 10.1.10.10:80, and a server for it.
enum LiveNetwork {
  static let client = NetworkNamespaces.Host("client", mac: "06:ba:49:38:53:f0", address: "10.1.10.100")
  static let balancer = NetworkNamespaces.Host("lb", mac: "06:1f:8a:6c:8e:d2", address: "10.1.10.11")
  static let backend = NetworkNamespaces.Host("be1", mac: "06:d2:0a:b1:14:20", address: "10.1.10.21")

  /// A server process, ended with its test.
  final class Server {
    private let process: Process
    fileprivate init(_ process: Process) { self.process = process }
    deinit {
      // It may have been born with other signals blocked.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// The balancer hands requests on by MAC, and the backend answers in the VIP's name.
  static func directReturn(backendAnswersARP: Bool = false) throws -> (NetworkNamespaces, Server) {
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

  /// From now on the backend answers through the balancer, which hands replies on as it does requests.
  static func returnThroughBalancer(_ network: NetworkNamespaces) throws {
    try network.filter(
      "lb",
      """
      table netdev back {
        chain in {
          type filter hook ingress device eth1 priority 1;
          ip saddr 10.1.10.10 tcp sport 80 ether saddr set \(balancer.mac) ether daddr set \(client.mac) fwd to eth1;
        }
      }

      """)
    try network.configure("be1", "route", "add", "10.1.10.100/32", "via", "10.1.10.11")
  }

  /// And from now on straight again.
  static func returnStraight(_ network: NetworkNamespaces) throws {
    try network.configure("be1", "route", "del", "10.1.10.100/32", "via", "10.1.10.11")
  }

  /// The balancer translates, and so do its replies.
  static func proxy() throws -> (NetworkNamespaces, Server) {
    let network = try NetworkNamespaces([client, balancer, backend])
    try network.configure("lb", "address", "add", "10.1.10.10/32", "dev", "eth1")
    return (network, try server(on: "lb", of: network, bind: "10.1.10.10"))
  }

  /// Python's own HTTP server, once it listens.
  static func server(on host: String, of network: NetworkNamespaces, bind: String) throws -> Server {
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
}
