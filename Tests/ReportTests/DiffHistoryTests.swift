import Checks
import Evidence
import Foundation
import TestSupport
import Testing
import Wire

@testable import Report

/// Reports of several days beside each other: the rules of `docs/diff.md`.
@Suite struct DiffHistoryTests {
  typealias Turn = ServiceHistory.Turn

  static let service = "tcp://10.1.10.10:80"

  /// A report of a day, counted from 0, as `verify` writes it.
  static func day(_ day: UInt32, _ verdict: Verdict) throws -> History.Named {
    var verdict = verdict
    for place in verdict.captures.indices {
      let start = Timestamp(seconds: Examples.start.seconds + day * 86_400, nanoseconds: 0)
      verdict.captures[place].firstTime = start
      verdict.captures[place].lastTime = start.shifted(byNanoseconds: 60_000_000_000)
    }
    let report = try SavedReport(json: Data(verdict.jsonReport().utf8))
    return History.Named(report, name: "day-\(day).json", isEvidence: false)
  }

  /// One day for each.
  static func history(_ verdicts: [Verdict]) throws -> History {
    try History(verdicts.enumerated().map { try day(UInt32($0.offset), $0.element) })
  }

  static func outcome(_ outcome: Verdict.Outcome) -> Verdict {
    var verdict = outcome == .fail ? Examples.fail : Examples.pass
    (verdict.outcome, verdict.services[0].outcome) = (outcome, outcome)
    return verdict
  }

  private static var withoutService: Verdict {
    var verdict = Examples.pass
    (verdict.services, verdict.checks) = ([], [])
    return verdict
  }

  /// `wrong 0 1`, `right nil 2`.
  static func turns(_ history: History) -> [String] {
    history.services.flatMap(\.turns).map { "\($0.kind) \($0.from.map { "\($0)" } ?? "nil") \($0.to)" }
  }

  @Test(arguments: [
    ("pass pass pass", ""), ("pass fail pass", "wrong 0 1, right 1 2"), ("pass fail fail", "wrong 0 1"),
    ("fail fail pass", "wrong nil 0, right 1 2"), ("inconclusive fail", "wrong nil 1"),
    ("fail inconclusive", "wrong nil 0"),
    // What does not decide is no turn, and lies between both sides of one.
    ("pass inconclusive fail", "wrong 0 2"), ("pass none fail none pass", "wrong 0 2, right 2 4"),
    ("fail inconclusive fail", "wrong nil 0"), ("inconclusive pass inconclusive", ""), ("pass none pass", ""),
    ("pass fail pass fail", "wrong 0 1, right 1 2, wrong 2 3"),
  ])
  func aServiceTurnsByWhatDecides(days: String, turns: String) throws {
    let verdicts = days.split(separator: " ").map { word in
      Verdict.Outcome(rawValue: String(word)).map(Self.outcome) ?? Self.withoutService
    }
    let history = try Self.history(verdicts)
    #expect(Self.turns(history).joined(separator: ", ") == turns)
    #expect(history.services.map(\.service) == [Self.service])
    #expect(history.services[0].verdicts.count == verdicts.count)
    // From each file to the next, and over those that lie between both sides of a turn.
    let steps = history.steps.map { [$0.from, $0.to] }
    #expect(Set(steps).isSuperset(of: (1..<verdicts.count).map { [$0 - 1, $0] }))
    let turned = history.services[0].turns.compactMap { turn in turn.from.map { [$0, turn.to] } }
    #expect(Set(steps).isSuperset(of: turned))
  }

  @Test func theOrderInWhichFilesAreGivenDoesNotMatter() throws {
    let days = try [Examples.pass, Examples.fail, Examples.inconclusive, Examples.pass].enumerated().map {
      try Self.day(UInt32($0.offset), $0.element)
    }
    let history = try History(days)
    #expect(history.files.map(\.name) == ["day-0.json", "day-1.json", "day-2.json", "day-3.json"])
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
      let shuffled = try History(order.map { days[$0] })
      #expect(shuffled.json() == history.json())
      #expect(shuffled.text(color: false) == history.text(color: false))
      #expect(shuffled.markdown() == history.markdown())
    }
  }

  @Test func theFirstAndTheLastFileSayWhetherItIsWorse() throws {
    #expect(try Self.history([Examples.pass, Examples.fail, Examples.pass]).isWorse == false)
    #expect(try Self.history([Examples.fail, Examples.pass, Examples.fail]).isWorse == false)
    #expect(try Self.history([Examples.pass, Examples.pass, Examples.fail]).isWorse)
  }

  @Test func theBackendAtFaultIsNamed() throws {
    var fail = Examples.fail
    let leg = try #require(fail.services[0].legs.firstIndex { $0.from == .backend && $0.to == .balancer })
    fail.services[0].legs[leg].faults = [.viaBalancer: fail.services[0].legs[leg].carried]
    let history = try Self.history([Examples.pass, fail, Examples.fail])
    let backends = history.services[0].backends
    #expect(backends.map(\.mac) == ["06:d2:0a:b1:14:21"])
    #expect(backends[0].faultyFlows == [nil, 1, 0])
    #expect(history.text(color: false).contains("at fault    06:d2:0a:b1:14:21 in 2: 1 of 1 flow\n"))
    #expect(history.markdown().contains("| at fault | 06:d2:0a:b1:14:21 in 2: 1 of 1 flow |"))
  }

  @Test func whatElseChangedStandsBesideTheTurn() throws {
    var before = Examples.pass
    before.services[0].claimants = [.init(mac: Examples.balancer, frames: 2)]
    var after = Examples.fail
    after.services[0].claimants = [.init(mac: Examples.backend, frames: 2)]
    after.services[0].balancers[0].mac = Examples.router
    after.services[0].backends.removeFirst()
    after.checks.append(Examples.check("IPVS001", "ipvs-wrong-forwarding", .fail, summary: "10.1.10.12:80 Masq"))
    before.checks.append(Examples.check("IPVS001", "ipvs-wrong-forwarding", .pass))
    let step = try #require(try Self.history([before, before, after]).steps.last)
    let words = Set(step.diff.changes.map { "\($0.subject) \($0.name ?? "") \($0.before ?? "") \($0.after ?? "")" })
    #expect(
      words.isSuperset(of: [
        "owner   06:d2:0a:b1:14:20", "owner  06:1f:8a:6c:8e:d2 ",
        "balancer 10.1.10.2 06:1f:8a:6c:8e:d2 00:50:56:00:00:01",
        "backend  06:d2:0a:b1:14:20 ", "backend   06:d2:0a:b1:14:21", "check IPVS001 ipvs-wrong-forwarding pass fail",
        "link reply backend → balancer  06:d2:0a:b1:14:21 → 06:1f:8a:6c:8e:d2",
        "link request balancer → backend  06:1f:8a:6c:8e:d2 → 06:d2:0a:b1:14:20",
      ]))
    // Clients come and go.
    #expect(!words.contains { $0.hasPrefix("link") && $0.contains("client") })
  }

  @Test func twoReportsAreComparedWithoutTheirLinks() throws {
    let diff = try DiffRuleTests.diff(Examples.pass, Examples.fail)
    #expect(!diff.changes.contains { $0.subject == .link })
  }

  @Test func aFileWithoutFramesIsNamed() throws {
    var empty = Examples.inconclusive
    for place in empty.captures.indices {
      (empty.captures[place].firstTime, empty.captures[place].lastTime) = (nil, nil)
    }
    let report = try SavedReport(json: Data(empty.jsonReport().utf8))
    let days = [try Self.day(0, Examples.pass), .init(report, name: "empty.json", isEvidence: false)]
    #expect(throws: History.Fault.noTimes("empty.json")) { try History(days) }
    #expect(History.Fault.noTimes("empty.json").description.hasPrefix("empty.json: expected the times of frames"))
    #expect(throws: History.Fault.tooFew) { try History([days[0]]) }
  }

  @Test func filesThatOverlapAreToldAndNotRefused() throws {
    #expect(try Self.history([Examples.pass, Examples.fail, Examples.pass]).overlapWarning == nil)
    let (day, next) = (try Self.day(0, Examples.pass), try Self.day(1, Examples.fail))
    let copy = History.Named(day.report, name: "copy.json", isEvidence: false)
    let warning = try History([next, day, copy]).overlapWarning
    #expect(warning?.hasPrefix("copy.json begins before day-0.json ends: ") == true)
    let third = History.Named(day.report, name: "third.json", isEvidence: false)
    #expect(try History([day, copy, third]).overlapWarning?.contains("ends, and 1 more like it: ") == true)
  }

  @Test func anOldReportStandsBesideNewOnes() throws {
    let days = try ["pass-1", "fail-1", "monday-3", "tables-1", "pass-2"].map {
      History.Named(try SavedReportTests.kept($0), name: $0, isEvidence: false)
    }
    let history = try History(days)
    #expect(history.files.map(\.name) == ["pass-2", "monday-3", "tables-1", "pass-1", "fail-1"])
    #expect(Self.turns(history).contains("wrong 3 4"))
  }
}

/// A history as people and programs read it.
@Suite struct DiffHistoryFormTests {
  static func kept() throws -> History {
    try History(
      ["wednesday", "monday", "tuesday"].map {
        History.Named(try SavedReportTests.kept("\($0)-3"), name: "\($0).json", isEvidence: false)
      })
  }

  @Test func theDocumentsExampleIsWhatIsPrinted() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/diff.md"), encoding: .utf8)
    #expect(page.contains("```\n\(try Self.kept().text(color: false))```\n"))
  }

  @Test func everyDocumentIsValid() throws {
    let documents = [
      try Self.kept(), try DiffHistoryTests.history([Examples.pass, Examples.fail, Examples.inconclusive]),
      try DiffHistoryTests.history([Examples.inconclusive, Examples.inconclusive]),
    ]
    #expect(try Schema.history.faults(in: documents.map { $0.json() }) == "")
  }

  @Test func whatStayedIsOnlyCounted() throws {
    let text = try DiffHistoryTests.history([Examples.pass, Examples.pass, Examples.pass]).text(color: false)
    let head = "NO CHANGE     still pass, first to last; nothing changed; 0 services went wrong, 0 came right\n"
    #expect(text.hasPrefix(head))
    #expect(text.hasSuffix("\nThe same in every file: 1 service.\n"))
    #expect(!text.contains("Services"))
  }

  /// A day on which nothing decides is told in a line.
  @Test func whatTurnedNoServiceHasALine() throws {
    let open = DiffHistoryTests.outcome(.inconclusive)
    let text = try DiffHistoryTests.history([Examples.pass, open, Examples.pass]).text(color: false)
    #expect(text.contains("\n    in files    pass 1, inconclusive 2, pass 3\n"))
    let besides = "\nBesides, where no service turned\n  1 → 2         pass → inconclusive; 2 changes for the worse"
    #expect(text.contains(besides))
    #expect(!text.contains("For the worse"))
  }

  @Test func colourStandsForTheWorst() throws {
    let worse = try DiffHistoryTests.history([Examples.pass, Examples.pass, Examples.fail])
    #expect(worse.text(color: true).hasPrefix("\u{1b}[1;31mWORSE"))
    #expect(worse.text(color: true).contains("\u{1b}[1;31mwent wrong"))
    #expect(!worse.text(color: false).contains("\u{1b}"))
  }

  private static let hostile = "\u{1b}[2J | <img src=x> `x` [a](http://b) @all"

  @Test func textFromStrangersStaysInItsCell() throws {
    var before = try DiffHistoryTests.day(0, Examples.pass)
    before.report.services[0].service = Self.hostile
    var after = try DiffHistoryTests.day(1, Examples.fail).report
    after.services[0].service = Self.hostile
    after.services[0].reason = Self.hostile
    after.services[0].backends?[0].faultyFlows = 1
    after.services[0].backends?[0].mac = Self.hostile
    let history = try History([
      before, .init(after, name: Self.hostile, isEvidence: true), try DiffHistoryTests.day(2, Examples.pass),
    ])
    for text in [history.text(color: false), history.markdown(), history.json()] { #expect(!text.contains("\u{1b}")) }
    #expect(!history.markdown().replacing("\\<", with: "").contains("<"))
    let rows = history.markdown().split(separator: "\n").filter { $0.contains("img src") }
    #expect(rows.count > 5)
    let bars = rows.map { row in row.replacing("\\|", with: "").count { $0 == "|" } }
    // The file, what is told of the service, and what changed.
    #expect(Set(bars) == [0, 4, 5])
  }
}
