import Evidence
import Wire

/// Talks beside the service that are out of the ordinary: health checks again and again, pings, backends that ask.
extension Network {
  func addOddTalks() {
    addChecks()
    if scenario.pingsVIP, let client = clients.first {
      for _ in 0..<dice.number(1...2) { addPing(from: client, to: vip, at: dice.number(1...3_000_000) * 1000) }
    }
    switch scenario.backendsAsk {
    case .otherVIP?:
      for backend in backends { addProbe(from: backend, to: otherVIP, port: 3306) }
    case .balancer?:
      guard let balancer else { break }
      for backend in backends { addProbe(from: backend, to: balancer, port: 53) }
    case .vip?, nil: break
    }
  }

  private func addChecks() {
    guard let checks = scenario.checks, let balancer else { return }
    for backend in backends {
      let start = dice.number(1...900) * 1_000_000
      for round in 0..<dice.number(2...5) {
        let time = start + round * Self.second
        switch checks {
        case .ping: addPing(from: balancer, to: address(of: backend), at: time)
        case .tcp:
          addProbe(from: balancer, to: backend, port: port)
          probes[probes.count - 1].time = time
        }
      }
    }
  }

  private func addPing(from station: Int, to target: IPAddress, at start: Int) {
    let way = stations[station].interfaces.map { interfaces[$0] }.first { segments[$0.segment].contains(target) }
    var probe = talk(
      -1, station, Endpoint(address: way?.address ?? address(of: station), port: 0),
      Endpoint(address: target, port: 0), at: start, isUDP: true)
    probe.steps = Array(repeating: [.echo(56), .echoAnswer(56)], count: dice.number(1...2)).flatMap { $0 }
    probes.append(probe)
  }
}
