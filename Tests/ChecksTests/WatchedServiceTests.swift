import Evidence
import Testing
import Wire

@testable import Checks

/// When a service that is watched changes its state.
@Suite struct WatchedServiceTests {
  private let pattern = ServicePattern(address: IPAddress("10.1.10.10")!, transport: .tcp, port: 80)

  /// Judges at one step after the other, three of which are a window; returns the changes by step.
  private func changes(_ outcomes: [Verdict.Outcome?]) -> [String] {
    var site = WatchedSite(steps: 3)
    var told: [String] = []
    for (step, outcome) in outcomes.enumerated() {
      var counts = ServiceVerdict.FlowCounts()
      counts.direct = outcome == nil ? 0 : 1
      let service = ServiceVerdict(
        service: pattern, outcome: outcome ?? .inconclusive, cause: "", proof: nil, vantages: [], flows: counts,
        balancers: [], backends: [], legs: [])
      let verdict = Verdict(
        outcome: service.outcome, cause: "", services: [service], checks: [], captures: [])
      let time = Timestamp(seconds: UInt32(step * 10), nanoseconds: 0)
      for change in site.take(verdict, at: time, named: [pattern]) {
        told.append("\(step) \(change.from)-\(change.to) after \(Int(change.after))")
      }
    }
    return told
  }

  @Test func `Two judgements make a state, and one does not`() {
    #expect(changes([.pass, .pass, .pass]) == ["1 open-pass after 10"])
    #expect(changes([.pass, .fail, .pass, .fail]) == [])
    #expect(changes([.fail, .fail]) == ["1 open-fail after 10"])
  }

  /// What a page shows of a service that is silent.
  @Test func `The last judgement that agrees with the state is kept`() {
    var site = WatchedSite(steps: 3)
    for (step, direct) in [3, 4, 5, 0].enumerated() {
      var counts = ServiceVerdict.FlowCounts()
      counts.direct = direct
      let service = ServiceVerdict(
        service: pattern, outcome: direct == 0 ? .inconclusive : .pass, cause: "", proof: nil, vantages: [],
        flows: counts, balancers: [], backends: [], legs: [])
      let verdict = Verdict(outcome: service.outcome, cause: "", services: [service], checks: [], captures: [])
      _ = site.take(verdict, at: Timestamp(seconds: UInt32(step * 10), nanoseconds: 0), named: [pattern])
      #expect(site.services[0].agreeing?.flows.direct == (step == 0 ? nil : min(3 + step, 5)))
    }
    #expect(site.services[0].latest.flows.direct == 0)
  }

  @Test func `A fault is gone when a whole window, and what shares no frame with it, is free of it`() {
    #expect(
      changes([.pass, .pass, .fail, .fail, .pass, .pass, .pass, .pass])
        == ["1 open-pass after 10", "3 pass-fail after 30", "7 fail-pass after 50"])
    #expect(
      changes([.fail, .fail, .pass, .pass, .pass, .fail, .pass, .pass, .pass]) == ["1 open-fail after 10"])
  }

  @Test func `Silence changes nothing, and does not part two judgements that agree`() {
    #expect(changes([.pass, .pass] + Array(repeating: nil, count: 50)) == ["1 open-pass after 10"])
    #expect(changes([.fail, nil, nil, .fail]) == ["3 open-fail after 30"])
  }

  @Test func `What is long undecided is known no more`() {
    #expect(
      changes([.pass, .pass] + Array(repeating: .inconclusive, count: 6))
        == ["1 open-pass after 10", "7 pass-open after 70"])
  }

  @Test func `Services that nobody named are forgotten, and never more are watched than the limit`() {
    var site = WatchedSite(steps: 3, limit: 2)
    func verdict(_ ports: ClosedRange<UInt16>) -> Verdict {
      let services = ports.map { port in
        var counts = ServiceVerdict.FlowCounts()
        counts.direct = 1
        return ServiceVerdict(
          service: ServicePattern(address: IPAddress("10.1.10.10")!, transport: .tcp, port: port), outcome: .pass,
          cause: "", proof: nil, vantages: [], flows: counts, balancers: [], backends: [], legs: [])
      }
      return Verdict(outcome: .pass, cause: "", services: services, checks: [], captures: [])
    }
    _ = site.take(verdict(1...9), at: Timestamp(seconds: 0, nanoseconds: 0), named: [])
    #expect(site.services.map(\.service.port) == [1, 2])
    _ = site.take(verdict(5...5), at: Timestamp(seconds: 3600, nanoseconds: 0), named: [])
    #expect(site.services.isEmpty)
    _ = site.take(verdict(5...5), at: Timestamp(seconds: 3601, nanoseconds: 0), named: [])
    #expect(site.services.map(\.service.port) == [5])
  }
}
