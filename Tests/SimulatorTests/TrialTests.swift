import Checks
import Evidence
import TestSupport
import Testing
import Wire

@testable import Simulator

/// The comparison can fail, and the tool stands it.
@Suite struct TrialTests {
  private static let seed = SeededGenerator.seed(for: "TrialTests")

  @Test func `A seed gives the same bytes each time, and another seed others`() {
    for number in 0..<20 {
      let seed = Scenario.seed(number, of: Self.seed)
      #expect(Trial(seed: seed).files == Trial(seed: seed).files, "seed \(seed)")
      #expect(Trial(seed: seed).files != Trial(seed: seed &+ 1).files, "seed \(seed)")
    }
  }

  // The judge does not know all kinds yet: `soak` tells which.
  @Test func `Random captures of usual networks are judged rightly`() {
    var table = Table()
    let drawn = (0..<600).map { Scenario(drawnFrom: Scenario.seed($0, of: Self.seed)) }
    for scenario in drawn where scenario.kinds == [.usual] {
      // Judged as a server that was named: a limit, or not, by its proof.
      guard scenario.family != .plain else { continue }
      let trial = Trial(scenario)
      table.add(trial)
      // How many may be undecided is a share, which the table holds.
      #expect(trial.comparison.wrong.isEmpty || trial.comparison.limit != nil, "\(trial.story)")
    }
    print(table)
    #expect(table.rows.values.allSatisfy { $0.wrong == 0 && $0.clean.isAtLeast(0.98) })
  }

  /// Each was judged wrongly before the judge knew what stands beside it.
  @Test(
    arguments: [
      (5_711_809_701_443_736_203, "a router does not deliver for the balancer where another claims the VIP later"),
      (7_839_722_700_458_681_319, "the other of two masters may bring the replies that the one does not see"),
      (13_682_286_398_559_900_708, "the other of two masters is one through three intervals of silence"),
      (1_735_291_683_415_783_757, "two that announce the VIP within a second both own it"),
      (12_061_651_896_474_162_129, "two captures of one refusal saw one flow"),
      (2_444_557_986_004_370_714, "an owner serves whose requests it never hands on"),
      (11_622_332_271_596_030_136, "replies alone do not tell that an owner still is one"),
      (8_584_505_344_453_650_123, "before an owner's first claim the request went to another"),
      (6_215_418_939_929_923_348, "the request went to another that claims the VIP"),
      (1_517_846_248_303_168_702, "a request before the owner's first claim bypasses nobody"),
      (3_188_796_340_842_321_243, "between two captures a balancer may stand that keeps the TTL"),
      (1_177_712_997_799_373_345, "one MAC does not cross to two that differ"),
      (5_368_439_986_603_222_584, "a bare request beside those in a tunnel bypasses the balancer"),
      (14_128_987_263_797_779_097, "who owned the VIP and serves after another took it over does not leak"),
      (12_242_304_084_149_309_406, "two that answer one question again and again contest the VIP, by turns or not"),
      (16_323_694_340_323_456_056, "who brings an answer is not known to have sent it"),
      (8_748_603_698_645_685_141, "who is handed the request resets as a backend"),
      (4_377_434_805_482_669_537, "a client that gives up was stalled"),
      (15_127_053_548_222_985_255, "a SYN that no backend answered opens no connection"),
      (8_795_066_027_666_406_371, "the next owner may have begun only after the reply"),
      (9_202_092_155_928_938_384, "of two that answer the first question either may have owned the VIP before"),
      (14_236_633_175_411_521_702, "an answer behind the last SYN was not ignored"),
      (9_233_696_335_301_454_021, "who gets an owner's replies would have got its answer"),
      (9_277_370_779_644_601_175, "a cooked capture does not tell whom the client asked before the first claim"),
      (3_540_531_610_497_265_535, "a host that asked as often as it was answered was not answered twice"),
      (13_275_935_165_367_770_433, "an owner that left a question unanswered did not have the VIP all the time"),
      (5_592_121_286_751_113_314, "a router before the balancer and behind it carries the tunnel, and does not wrap"),
      (12_177_917_149_951_211_012, "an owner that announces in one bucket of time with the next did not disturb it"),
      (2_146_911_665_351_594_036, "who answers for an address that another asks as may be that one"),
      (17_962_255_515_065_453_751, "between a router and a balancer's exit the frames may have been joined"),
      (8_044_859_799_095_762_488, "who sends from another MAC than the client's own is not the client"),
    ] as [(UInt64, String)])
  func `What was judged wrongly once is judged rightly`(seed: UInt64, rule: String) {
    let trial = Trial(seed: seed)
    #expect(trial.comparison.wrong.isEmpty || trial.comparison.limit != nil, "\(rule): \(trial.story)")
  }

  // MARK: Wrong judges

  private func scenario(_ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
    var scenario = Scenario(seed: 11)
    change(&scenario)
    return scenario
  }

  private func says(
    _ outcome: Verdict.Outcome, direct: Int = 0, failing: String? = nil
  ) -> (Evidence, Policy) -> Verdict {
    { _, policy in
      var flows = ServiceVerdict.FlowCounts()
      flows.direct = direct
      let service = policy.services[0]
      let check = failing.map {
        CheckResult(
          id: "", slug: $0, outcome: .fail, service: service, summary: "", reason: "", evidence: [])
      }
      return Verdict(
        outcome: outcome, cause: "",
        services: [
          ServiceVerdict(
            service: service, outcome: outcome, cause: "", proof: outcome == .pass ? .identified : nil, vantages: [],
            flows: flows, balancers: [], backends: [], legs: [])
        ],
        checks: [check].compactMap { $0 }, captures: [])
    }
  }

  @Test(arguments: [Scenario.Family.fullNAT, .proxy, .plain])
  func `A pass without direct return is wrong`(family: Scenario.Family) {
    let trial = Trial(scenario { $0.family = family }, judgedBy: says(.pass))
    #expect(!trial.comparison.wrong.isEmpty && trial.comparison.limit == nil)
    #expect(trial.complaint(ofDamaged: false)?.hasPrefix("WRONG") == true)
    var table = Table()
    table.add(trial)
    #expect(!table.isMet)
  }

  @Test func `A pass beside a fault that was captured is wrong`() {
    let faulty = scenario {
      $0.fault = .returnsViaBalancer
      $0.faulty = [1]
      $0.flows = 12
    }
    #expect(!Trial(faulty, judgedBy: says(.pass, direct: 1)).comparison.wrong.isEmpty)
  }

  @Test func `A fail of what is healthy is wrong, and so is one for another fault than there is`() {
    #expect(!Trial(scenario(), judgedBy: says(.fail, failing: "reply-via-balancer")).comparison.wrong.isEmpty)
    let proxy = scenario { $0.family = .proxy }
    #expect(Trial(proxy, judgedBy: says(.fail, failing: "reply-via-balancer")).comparison.wrong.isEmpty)
    #expect(!Trial(proxy, judgedBy: says(.fail, failing: "balancer-bypassed")).comparison.wrong.isEmpty)
  }

  @Test func `A story names the stations, and what a failing check shows`() {
    let trial = Trial(scenario { $0.family = .proxy })
    #expect(trial.stations.contains { $0.hasPrefix("balancer 0: ") })
    #expect(trial.story.contains("  station   balancer 0: "))
    #expect(trial.verdict.outcome != .fail || trial.story.contains("  shows     reply-via-balancer: frame "))
  }

  @Test func `More direct flows than there are is wrong`() {
    #expect(Trial(scenario(), judgedBy: says(.pass, direct: 4)).comparison.wrong.isEmpty)
    #expect(!Trial(scenario(), judgedBy: says(.pass, direct: 5)).comparison.wrong.isEmpty)
  }

  @Test func `No verdict where the capture decides misses the bar`() {
    let trial = Trial(scenario(), judgedBy: says(.inconclusive))
    #expect(trial.comparison.isDecidable && !trial.comparison.isDecided)
    #expect(trial.complaint(ofDamaged: false)?.hasPrefix("UNDECIDED") == true)
    var table = Table()
    table.add(trial)
    // One of one may be missed by chance, two of two may not.
    #expect(table.isMet)
    table.add(trial)
    #expect(!table.isMet)
  }

  @Test func `What a capture does not hold it need not decide`() {
    let behind = scenario {
      $0.approach = .oneRouter
      $0.vantage = .behindRouter
    }
    #expect(!Trial(behind, judgedBy: says(.inconclusive)).comparison.isDecidable)
    let requestsOnly = scenario {
      $0.damage.direction = .requests
      $0.damage.filter = .hostOrARP
    }
    #expect(!Trial(requestsOnly, judgedBy: says(.inconclusive)).comparison.isDecidable)
  }
}
