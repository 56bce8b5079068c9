import Checks
import Platform
import Report
import Wire

/// What was given that the verdict may depend on, by the option's name.
typealias DecidingOptions = [(name: String, values: [String])]

extension RunRecord {
  /// A run of this program that ends now.
  init(since start: Timestamp, options: DecidingOptions) {
    let given = options.filter { !$0.values.isEmpty }
    self.init(
      version: DSRProof.version, commandLine: CommandLine.arguments.map(\.withoutCredentials), host: hostName,
      start: start, end: .now,
      options: Dictionary(given.map { ($0.name, $0.values.map(\.withoutCredentials)) }) { $0 + $1 })
  }
}

extension InputOptions {
  /// What leaves out frames, or makes some.
  var deciding: DecidingOptions {
    [
      ("expression", filter.map { [$0] } ?? []), ("count", frameLimit.map { ["\($0)"] } ?? []),
      ("max-memory", memory.maxMemory.map { [$0.text] } ?? []),
      ("snaplen", snapLength.map { ["\($0)"] } ?? []), ("flows", live.flows.map { ["\($0)"] } ?? []),
      ("tunnel", tunnels.map { "\($0.tunnel.entry.name):\($0.port)" }),
      ("until-verdict", live.untilVerdict ? ["true"] : []),
      ("probe", live.probes.probe.map { [$0.text] } ?? []),
      ("neighbour-probe", live.probes.neighbourProbe ? ["true"] : []),
    ]
  }
}

extension Policy {
  /// What differs from a policy that asks for nothing.
  var deciding: DecidingOptions {
    let standard = Policy()
    let proofs = minimumProofOfServices.map { "\($0.key.url)=\($0.value.rawValue)" }
    let minima = minimumFlowsOfServices.map { "\($0.key.url)=\($0.value)" }
    return [
      ("vip", services.map(\.url)),
      ("balancer-mac", balancerMACs.sorted().map(\.description)),
      ("backend", backends.map { "\($0.address)" + ($0.mac.map { "=\($0)" } ?? "") }.sorted()),
      ("vantage", vantage.map { [$0.rawValue] } ?? []),
      ("min-flows", (minimumFlows == standard.minimumFlows ? [] : ["\(minimumFlows)"]) + minima.sorted()),
      ("proof", (minimumProof.map { [$0.rawValue] } ?? []) + proofs.sorted()),
      ("max-drops", maximumDrops == standard.maximumDrops ? [] : ["\((maximumDrops * 1e6).rounded() / 1e4)"]),
      (
        "background",
        maximumBackground == standard.maximumBackground ? [] : ["\((maximumBackground * 1e6).rounded() / 1e4)"]
      ),
      ("fwmark", firewallMarks.map { mark, stands in "\(mark)=\(stands.map(\.url).joined(separator: ","))" }.sorted()),
      ("ipvs-role", ipvsRoles.map { host, role in (host.map { "\($0)=" } ?? "") + role.rawValue }.sorted()),
      ("severity", severities.map { "\($0.key)=\($0.value.rawValue)" }.sorted()),
      ("waiver", (waivers?.all ?? []).map(\.text).sorted()),
    ]
  }
}

extension Waiver {
  /// `ARP001 tcp://10.1.10.10:80 until 2026-12-31: CHG-1`.
  fileprivate var text: String { "\(check)\(service.map { " \($0.url)" } ?? "") until \(until): \(reason)" }
}

extension ProbeOptions.Kind {
  /// As it is given.
  fileprivate var text: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .http(let url): url
    }
  }
}

extension String {
  /// Without what stands between the scheme of a URL and its `@`.
  fileprivate var withoutCredentials: String {
    // Making the expression costs a run more than all it does with a small capture's frames.
    utf8.contains(UInt8(ascii: "@")) ? replacing(/:\/\/[^\/@\s]*@/, with: "://") : self
  }
}
