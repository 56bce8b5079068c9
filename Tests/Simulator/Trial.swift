public import Checks
import Evidence
import Wire

/// One capture: drawn, played, judged by the tool, and compared with the truth.
public struct Trial {
  public let scenario: Scenario
  public let verdict: Verdict
  public let comparison: Comparison
  /// The truth of each flow that the capture shows, in words.
  public let truths: [String]
  /// Who has which MACs, at the end.
  public let stations: [String]
  private let recordings: [Recording]

  public init(seed: UInt64) { self.init(Scenario(drawnFrom: seed)) }

  public init(_ scenario: Scenario) { self.init(scenario) { judge($0, under: $1) } }

  /// With another judge than the tool's own: so that the comparison itself can be tested.
  init(_ scenario: Scenario, judgedBy judge: (Evidence, Policy) -> Verdict) {
    self.scenario = scenario
    let network = Network(scenario)
    network.play()
    recordings = Recording.all(of: network)
    let evidence = Evidence.united(
      recordings.enumerated().flatMap { number, recording in recording.captureParts(number: number) })
    verdict = judge(evidence, network.policy)
    let sightings = Sightings(recordings, network)
    comparison = Comparison(verdict, sightings, network)
    stations = network.stationTexts
    let shown = sightings.numbers
    truths = network.truths.enumerated().map { number, truth in
      let fates = truth.fates.map(\.rawValue).sorted().joined(separator: "+")
      return "\(truth.flow.client.address):\(truth.flow.client.port) \(fates)"
        + (shown.contains(number) ? "" : " (not in the capture)")
    }
  }

  /// The captures as pcap files.
  public var files: [[UInt8]] { recordings.flatMap(\.files) }
  public var frames: Int { recordings.reduce(0) { $0 + $1.entries.count } }
}

extension Network {
  /// What the user says.
  var policy: Policy {
    var policy = Policy()
    switch scenario.named {
    case .service:
      policy.services = [ServicePattern(address: vip, transport: scenario.isUDP ? .udp : .tcp, port: port)]
    case .address: policy.services = [ServicePattern(address: vip, transport: nil, port: nil)]
    case .nothing: break
    }
    if scenario.namesBalancer { policy.balancerMACs = Set(balancerMACs) }
    if scenario.namesBackends {
      policy.backends = backends.map {
        Policy.Backend(address: address(of: $0), mac: interfaces[stations[$0].interfaces[0]].mac)
      }
    }
    return policy
  }
}
