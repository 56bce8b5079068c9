import Checks
import Wire

/// What may stand in a configuration without a change to what the captures show.
struct ConfigDraft {
  /// As it is without the configuration.
  let verdict: Verdict
  /// What the user said.
  let said: Policy
  /// Services that are judged by name as they are when they are found.
  let services: [ServicePattern]
  /// The others, with what they would be by name.
  private(set) var changed: [(service: ServiceVerdict, named: ServiceVerdict?)] = []
  /// How many more there are than a file for people can hold.
  let untold: Int
  /// Found, not said.
  let balancers: [ServiceVerdict.Station]
  let backends: [ServiceVerdict.Station]
  /// Whether their names change no verdict.
  let namesBalancers: Bool
  let namesBackends: Bool

  private static let mostServices = 500
  private static let mostRounds = 8

  init(_ policy: Policy, judge: (Policy) -> Verdict) {
    let verdict = judge(policy)
    let told = verdict.services.sorted { ($0.flows.total, $1.service) > ($1.flows.total, $0.service) }
      .prefix(Self.mostServices)
    untold = verdict.services.count - told.count
    var named = policy
    // No configuration takes a port 0, which scanners ask for, or the address of nobody: they stand as comments.
    named.services = told.map(\.service).filter { $0.port != 0 && !$0.address.isUnspecified }.sorted()
    var last: [ServicePattern: ServiceVerdict] = [:]
    let found = Dictionary(told.map { ($0.service, $0) }) { first, _ in first }
    func agreeing(_ policy: Policy) -> [ServicePattern] {
      for service in judge(policy).services { last[service.service] = service }
      return policy.services.filter { found[$0]?.agrees(with: last[$0]) ?? false }
    }
    // The user's own names stay. One service less may change another, so the rest is asked again; what has not settled by
    // then stands as comments.
    var rounds = 0
    while policy.services.isEmpty, !named.services.isEmpty {
      rounds += 1
      let same = agreeing(named)
      if same.count == named.services.count { break }
      named.services = rounds < Self.mostRounds ? same : []
    }
    let services = named.services
    self.services = services
    let listed = Set(services)
    changed = told.filter { !listed.contains($0.service) }.map { ($0, last[$0.service]) }
      .sorted { $0.0.service < $1.0.service }

    // What a plain server's MACs are taken for, its service alone tells.
    let kept = told.filter { listed.contains($0.service) }
    let vips = Set(services.map(\.address))
    let saidAddresses = Set(policy.backends.map(\.address))
    balancers = Self.stations(kept.flatMap(\.balancers), vips).filter { !policy.balancerMACs.contains($0.mac) }
    backends = Self.stations(kept.flatMap(\.backends), vips).filter { saidAddresses.isDisjoint(with: $0.addresses) }
    let macs = Set(balancers.map(\.mac))
    let addressed = backends.compactMap(Policy.Backend.init)
    func holds(balancers: Bool, backends: Bool) -> Bool {
      var trial = named
      if balancers { trial.balancerMACs.formUnion(macs) }
      if backends { trial.backends += addressed }
      return agreeing(trial).count == services.count
    }
    let choices = [(true, true), (true, false), (false, true)]
    // Without a service there is nothing that they could be held against.
    (namesBalancers, namesBackends) =
      services.isEmpty ? (false, false) : choices.first { holds(balancers: $0, backends: $1) } ?? (false, false)
    (self.verdict, said) = (verdict, policy)
  }

  /// Each MAC once, with addresses of its own.
  private static func stations(
    _ all: [ServiceVerdict.Station], _ vips: Set<IPAddress>
  ) -> [ServiceVerdict.Station] {
    var byMAC: [MACAddress: ServiceVerdict.Station] = [:]
    for station in all {
      var joined = byMAC[station.mac] ?? station
      joined.addresses = Set(joined.addresses + station.addresses).subtracting(vips).sorted()
      byMAC[station.mac] = joined
    }
    return byMAC.values.sorted { $0.mac < $1.mac }
  }
}

extension Policy.Backend {
  /// `nil` where no address of its own is known.
  init?(_ station: ServiceVerdict.Station) {
    guard let address = station.addresses.first else { return nil }
    self.init(address: address, mac: station.mac)
  }
}

extension ServiceVerdict {
  /// The same judgement by the same proof.
  fileprivate func agrees(with other: ServiceVerdict?) -> Bool {
    outcome == other?.outcome && proof == other?.proof && flows == other?.flows
  }
}
