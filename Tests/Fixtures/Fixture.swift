import PacketBuilder
import Wire

/// A capture and what `dsrproof verify` must say of it: a line of `fixtures/LIST`, and the file beside it.
public struct Fixture: Sendable {
  /// Inside `fixtures/`.
  public var path: String
  public var arguments: String
  public var verdict: Verdict
  /// The checks that must fail, and no others unless `mayFailMore`.
  public var failing: [String]
  public var mayFailMore: Bool
  public var flows: Flows?
  /// One sentence: where it comes from, what it holds.
  public var explanation: String
  /// The file's bytes; `nil` for a capture from a real network, which nothing here makes.
  public var bytes: [UInt8]?

  public enum Verdict: String, Sendable {
    case pass
    case fail
    case inconclusive
  }

  /// How many flows became what.
  public struct Flows: Sendable {
    public var direct = 0
    public var viaBalancer = 0
    public var bypassed = 0
    public var unanswered = 0
    public var undecided = 0

    public static func direct(_ direct: Int, via: Int = 0, bypassed: Int = 0, unanswered: Int = 0, undecided: Int = 0)
      -> Flows
    {
      Flows(direct: direct, viaBalancer: via, bypassed: bypassed, unanswered: unanswered, undecided: undecided)
    }
    public static func via(_ via: Int) -> Flows { Flows(viaBalancer: via) }
    public static func bypassed(_ bypassed: Int) -> Flows { Flows(bypassed: bypassed) }
    public static func unanswered(_ unanswered: Int) -> Flows { Flows(unanswered: unanswered) }
    public static func undecided(_ undecided: Int) -> Flows { Flows(undecided: undecided) }
  }

  /// Tab-separated, as the head of `fixtures/LIST` explains.
  public var line: String {
    let slugs = failing + (mayFailMore ? ["+"] : [])
    let counts = flows.map {
      [$0.direct, $0.viaBalancer, $0.bypassed, $0.unanswered, $0.undecided].map(String.init).joined(separator: "/")
    }
    return [
      path, arguments.isEmpty ? "-" : arguments, verdict.rawValue, slugs.isEmpty ? "-" : slugs.joined(separator: ","),
      counts ?? "-", decidedBy.isEmpty ? "-" : decidedBy.joined(separator: ","), explanation,
    ].joined(separator: "\t")
  }
}

extension Fixture {
  /// A capture made here. The same capture may be judged under several arguments; only the first brings the bytes.
  init(
    _ path: String, _ arguments: String, _ verdict: Verdict, failing: [String] = [], mayFailMore: Bool = false,
    _ flows: Flows?, _ explanation: String, _ bytes: [UInt8]?
  ) {
    self.init(
      path: path, arguments: arguments, verdict: verdict, failing: failing, mayFailMore: mayFailMore, flows: flows,
      explanation: explanation, bytes: bytes)
  }

  /// A capture under `traps/`, all of its frames on Ethernet.
  static func trap(
    _ name: String, _ arguments: String, _ verdict: Verdict, failing: [String] = [], mayFailMore: Bool = false,
    _ flows: Flows?, _ explanation: String, _ frames: [TimedFrame]
  ) -> Fixture {
    Fixture(
      "traps/\(name).pcap", arguments, verdict, failing: failing, mayFailMore: mayFailMore, flows, explanation,
      pcap(frames))
  }

  /// The capture of that name again, judged under other arguments.
  static func again(
    _ name: String, _ arguments: String, _ verdict: Verdict, failing: [String] = [], mayFailMore: Bool = false,
    _ flows: Flows?, _ explanation: String
  ) -> Fixture {
    Fixture(
      "traps/\(name).pcap", arguments, verdict, failing: failing, mayFailMore: mayFailMore, flows, explanation, nil)
  }

  /// The file of these frames.
  static func pcap(_ frames: [TimedFrame], linkType: LinkType = .ethernet, snapLength: Int = 262_144) -> [UInt8] {
    var writer = PcapWriter(linkType: linkType, snapLength: snapLength)
    writer.write(frames)
    return writer.bytes
  }

  public static var all: [Fixture] {
    seed + seedBesideKubernetes + labCaptures + hostCases + returnPaths + answers + exchanges + routing + claims
      + redundancy
      + routers
      + oneDirection + tunnels + tenants + translations + products
      + links
      + captureQuirks + contradictions + simulated + changingRoles + severalPlaces
  }

  /// The text of `fixtures/LIST`.
  public static var list: String {
    let head = """
      # What `dsrproof verify -r <path> <arguments>`, run in this folder, must say of each capture. Written by `make fixtures`: change the
      # recipes in Tests/Fixtures, not this file. Columns, separated by tabs; - stands for "none" or "does not matter":
      #   path, arguments, verdict, failed checks (a + at the end: others may fail too),
      #   flows as direct/via balancer/bypassed/unanswered/undecided, the rules of docs/verdict.md that decide (without any
      #   one of them it would be judged otherwise), where it comes from and what it holds

      """
    return head + all.map { $0.line + "\n" }.joined()
  }
}
