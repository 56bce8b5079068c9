import Checks
import Foundation
import Testing
import Wire

@testable import Report

/// The rules of `docs/diff.md`.
@Suite struct DiffRuleTests {
  typealias Change = ReportDiff.Change

  /// What changed from one verdict to another, through the JSON of both.
  static func diff(_ before: Verdict, _ after: Verdict) throws -> ReportDiff {
    let read = { (verdict: Verdict) in try SavedReport(json: Data(verdict.jsonReport().utf8)) }
    return ReportDiff(from: try read(before), to: try read(after))
  }

  /// What changed where the service of an example becomes another.
  static func changes(_ before: Verdict = Examples.pass, by edit: (inout Verdict) -> Void) throws -> [Change] {
    var after = before
    edit(&after)
    return try diff(before, after).changes
  }

  /// `worse flows`, `other backend`, in order.
  static func words(_ changes: [Change]) -> [String] { changes.map { "\($0.effect) \($0.subject)" } }

  @Test func aReportDoesNotDifferFromItself() throws {
    for verdict in [Examples.pass, Examples.fail, Examples.inconclusive] {
      let diff = try Self.diff(verdict, verdict)
      #expect(diff.changes == [])
      #expect(!diff.isWorse)
      #expect(diff.unchangedServices == verdict.services.count)
      #expect(diff.unchangedChecks == verdict.checks.count)
    }
  }

  @Test func whatThePolicyBearsWithIsNotWorse() throws {
    let fail = { (verdict: inout Verdict) in verdict.checks[0].outcome = .fail }
    #expect(Self.words(try Self.changes(by: fail)) == ["worse check"])
    for hasEnded in [false, true] {
      let changes = try Self.changes {
        fail(&$0)
        $0.checks[0].waiver = .init(reason: "known", until: .last, hasEnded: hasEnded)
      }
      #expect(Self.words(changes) == [hasEnded ? "worse check" : "other check"])
    }
    let warned = try Self.changes {
      fail(&$0)
      $0.checks[0].severity = .warning
    }
    #expect(Self.words(warned) == ["other check"])
  }

  @Test func theOrderOfListsDoesNotMatter() throws {
    var before = Examples.fail
    before.services += Examples.inconclusive.services
    var after = before
    after.services.reverse()
    after.checks.reverse()
    after.services[1].backends.reverse()
    #expect(try Self.diff(before, after).changes == [])
  }

  @Test(arguments: [
    ("pass", "inconclusive", "worse"), ("pass", "fail", "worse"), ("inconclusive", "fail", "worse"),
    ("inconclusive", "pass", "better"), ("fail", "pass", "better"), ("fail", "inconclusive", "other"),
  ])
  func aVerdictGetsWorseByStepsAndBetterByAPassAlone(before: String, after: String, effect: String) throws {
    var earlier = Examples.pass
    earlier.outcome = try #require(Verdict.Outcome(rawValue: before))
    earlier.services[0].outcome = earlier.outcome
    let later = try #require(Verdict.Outcome(rawValue: after))
    let changes = try Self.changes(earlier) {
      $0.outcome = later
      $0.services[0].outcome = later
    }
    #expect(Self.words(changes) == ["\(effect) verdict", "\(effect) verdict"])
    #expect(changes.map(\.service) == [nil, "tcp://10.1.10.10:80"])
    #expect(try Self.diff(earlier, earlier).isWorse == false)
  }

  @Test(arguments: [
    ("pass", "fail", "worse"), ("notApplicable", "fail", "worse"), ("inconclusive", "fail", "worse"),
    ("pass", "inconclusive", "worse"), ("notApplicable", "inconclusive", "worse"), ("fail", "pass", "better"),
    ("inconclusive", "pass", "better"), ("fail", "inconclusive", "other"), ("fail", "notApplicable", "other"),
    ("inconclusive", "notApplicable", "other"), ("pass", "notApplicable", "other"), ("notApplicable", "pass", "other"),
  ])
  func aCheckThatOnlyStoppedToApplyIsNotBetter(before: String, after: String, effect: String) throws {
    var earlier = Examples.pass
    earlier.checks[0].outcome = try #require(CheckResult.Outcome(rawValue: before))
    let later = try #require(CheckResult.Outcome(rawValue: after))
    let changes = try Self.changes(earlier) { $0.checks[0].outcome = later }
    #expect(Self.words(changes) == ["\(effect) check"])
    #expect(changes[0].name == "DSR001 reply-via-balancer")
  }

  @Test func aVanishedServiceIsWorseAndANewOneIsWhereItFails() throws {
    #expect(try Self.words(Self.changes { $0.services = [] }) == ["worse service"])
    let passing = try Self.changes { $0.services.append(contentsOf: Examples.inconclusive.services) }
    #expect(Self.words(passing) == ["other service"])
    var failing = Examples.inconclusive.services[0]
    failing.outcome = .fail
    #expect(try Self.words(Self.changes { $0.services.append(failing) }) == ["worse service"])
  }

  @Test func aWeakerProofIsWorse() throws {
    #expect(try Self.words(Self.changes { $0.services[0].proof = .macPair }) == ["worse proof"])
    #expect(try Self.words(Self.changes { $0.services[0].proof = .endToEnd }) == ["better proof"])
  }

  @Test func aNewOwnerIsWorseAndOneThatIsGoneIsNot() throws {
    var before = Examples.pass
    before.services[0].claimants = [.init(mac: Examples.balancer, frames: 2), .init(mac: Examples.router, frames: 1)]
    let changes = try Self.changes(before) { $0.services[0].claimants[1].mac = Examples.backend }
    #expect(Self.words(changes) == ["worse owner", "other owner"])
    #expect(changes[0].after == "06:d2:0a:b1:14:20")
    #expect(changes[1].before == "00:50:56:00:00:01")
    let again = try Self.changes(before) { $0.services[0].claimants[0].frames = 90 }
    #expect(again == [])
  }

  @Test func theFirstOwnerThatIsSeenIsNotWorse() throws {
    let changes = try Self.changes { $0.services[0].claimants = [.init(mac: Examples.backend, frames: 1)] }
    #expect(Self.words(changes) == ["other owner"])
  }

  @Test func backendsAreMatchedByMACAndThenByAddress() throws {
    var before = Examples.pass
    before.services[0].backends[0].addresses = [IPAddress(v4: 0x0a01_0a15)]
    let replaced = try Self.changes(before) { $0.services[0].backends[0].mac = Examples.otherBackend }
    #expect(
      replaced == [
        Change(
          effect: .other, service: "tcp://10.1.10.10:80", subject: .backend, name: "10.1.10.21",
          before: "06:d2:0a:b1:14:20", after: "06:d2:0a:b1:14:21")
      ])
    let others = try Self.changes(before) {
      $0.services[0].backends[0].mac = Examples.otherBackend
      $0.services[0].backends[0].addresses = [IPAddress(v4: 0x0a01_0a16)]
      $0.services[0].balancers = []
    }
    #expect(Self.words(others) == ["other balancer", "other backend", "other backend"])
    #expect(others.map(\.before) == ["06:1f:8a:6c:8e:d2", "06:d2:0a:b1:14:20", nil])
  }

  @Test func anotherVantageIsNeither() throws {
    var after = Examples.pass
    after.services[0].vantages[0].vantage = .mirror
    let diff = try Self.diff(Examples.pass, after)
    #expect(Self.words(diff.changes) == ["other vantage"])
    #expect(!diff.isWorse)
    #expect(diff.unchangedServices == 0)
    #expect(diff.unchangedChecks == 3)
  }

  @Test func wordsTimesAndCapturesAreNotCompared() throws {
    let changes = try Self.changes(Examples.fail) {
      $0.cause = "In other words."
      $0.services[0].cause = "In other words."
      $0.services[0].legs = []
      $0.services[0].backends[0].knownBy = "in other words"
      $0.services[0].backends[0].flows = 90
      $0.checks[0].summary = "In other words."
      $0.checks[0].evidence = []
      $0.captures = [Examples.capture("another.pcap")]
      $0.tables = [TableSummary(kind: .ipvs, path: "table.txt")]
    }
    #expect(changes == [])
  }

  @Test func whatOneReportAloneTellsIsNotCompared() throws {
    let old = try SavedReportTests.kept("pass-1")
    var new = old
    new.services[0].claims = [.init(mac: "06:d2:0a:b1:14:20")]
    new.services[0].flows = nil
    new.services[0].vantage = nil
    new.checks.append(.init(id: "NEW001", slug: "new", outcome: .fail, service: old.services[0].service, summary: nil))
    #expect(ReportDiff(from: old, to: new).changes == [])
    #expect(ReportDiff(from: new, to: old).changes == [])
  }
}

/// Flows are compared by their shares.
@Suite struct FlowShareTests {
  @Test(
    arguments: [
      // 3 of 20 is one flow more than 2 of 20, 5 of 20 is three more.
      ((2, 20), (3, 20), nil), ((2, 20), (5, 20), "worse"), ((5, 20), (2, 20), "better"),
      // One flow more, though as fractions these differ by a little more than one of 5.
      ((3, 5), (4, 5), nil),
      // Half a point in a hundred is nothing, two are.
      ((1000, 10_000), (1050, 10_000), nil), ((1000, 10_000), (1200, 10_000), "worse"),
      // The first is one too many.
      ((0, 10_000), (1, 10_000), "worse"), ((1, 10_000), (0, 10_000), nil),
      // Twice as many flows in all, as many of each kind.
      ((2, 20), (4, 40), nil),
      // No flow at all says nothing.
      ((0, 0), (3, 20), nil), ((3, 20), (0, 0), nil),
    ] as [((Int, Int), (Int, Int), String?)])
  func aShareMustDifferByMoreThanAPointAndAFlow(before: (Int, Int), after: (Int, Int), effect: String?) throws {
    for path in [\ServiceVerdict.FlowCounts.viaBalancer, \.bypassed, \.unanswered] {
      let verdict = { (flows: Int, total: Int) in
        var verdict = Examples.fail
        verdict.services[0].flows = Examples.counts(direct: total - flows)
        verdict.services[0].flows[keyPath: path] = flows
        return verdict
      }
      let changes = try DiffRuleTests.diff(verdict(before.0, before.1), verdict(after.0, after.1)).changes
      #expect(DiffRuleTests.words(changes) == (effect.map { ["\($0) flows"] } ?? []))
    }
  }

  @Test func undecidedFlowsAreNeither() throws {
    let changes = try DiffRuleTests.changes(Examples.fail) {
      $0.services[0].flows = Examples.counts(viaBalancer: 10, undecided: 20)
    }
    #expect(DiffRuleTests.words(changes) == ["other flows"])
    #expect(changes.first?.before == "0%")
    #expect(changes.first?.after == "66.7%")
    #expect(changes.first?.detail == "0 of 2, then 20 of 30")
  }

  @Test func countsThatContradictEachOtherSayNothing() throws {
    let report = try SavedReportTests.kept("fail-1")
    var other = report
    other.services[0].flows?.total = 1
    other.services[0].flows?.viaBalancer = .max
    #expect(ReportDiff(from: report, to: other).changes == [])
  }
}
