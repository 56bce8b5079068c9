import Checks
import Wire

/// Reports of several days beside each other: since when a service goes wrong, and what else changed then. `docs/diff.md` has
/// the rules.
public struct History: Sendable {
  /// In the order of their frames.
  public private(set) var files: [File]
  /// By name.
  var services: [ServiceHistory]
  /// What changed from each file to the next, and from the last file in which a service was right or wrong to the one in which it
  /// was no longer, where others stand between them. By `from`, then by `to`.
  var steps: [Step]
  /// What changed from the first file to the last.
  let whole: ReportDiff

  public var isWorse: Bool { whole.isWorse }

  /// A report, and what it was read from.
  public struct Named: Sendable {
    public var report: SavedReport
    var name: String
    var isEvidence: Bool

    public init(_ report: SavedReport, name: String, isEvidence: Bool) {
      (self.report, self.name, self.isEvidence) = (report, name, isEvidence)
    }
  }

  public struct File: Sendable {
    public let name: String
    let isEvidence: Bool
    let first: Timestamp
    let last: Timestamp
    let verdict: Verdict.Outcome
    /// The place of one before it that goes on when this one begins.
    fileprivate(set) var overlapped: Int?
  }

  struct Step {
    /// Places in `files`.
    var from: Int
    var to: Int
    /// A service went wrong or came right by it.
    var isTurn: Bool
    var diff: ReportDiff
  }

  /// Why there is none.
  public enum Fault: Error, Equatable, CustomStringConvertible {
    /// The file with this name.
    case noTimes(String)
    case tooFew

    public var description: String {
      switch self {
      case .noTimes(let name):
        """
        \(name): expected the times of frames, by which several files are put in order, found none: leave it out, or \
        compare it with one other file
        """
      case .tooFew: "expected two files or more, found less"
      }
    }
  }

  /// Takes two or more, in any order.
  public init(_ named: [Named]) throws(Fault) {
    var given: [File] = []
    for one in named {
      guard let (first, last) = one.report.times else { throw .noTimes(one.name) }
      given.append(
        File(name: one.name, isEvidence: one.isEvidence, first: first, last: last, verdict: one.report.verdict))
    }
    guard given.count > 1 else { throw .tooFew }
    // What covers the same times stays as it was given: a sort of the standard library is stable.
    let order = given.indices.sorted {
      given[$0].first != given[$1].first ? given[$0].first < given[$1].first : given[$0].last < given[$1].last
    }
    var (files, reports): ([File], [SavedReport]) = ([], [])
    for place in order {
      files.append(given[place])
      reports.append(named[place].report)
    }
    var longest = 0
    for place in files.indices.dropFirst() {
      if files[place].first <= files[longest].last { files[place].overlapped = longest }
      if files[place].last > files[longest].last { longest = place }
    }
    services = ServiceHistory.all(in: reports)
    // By both places in one number, in whose order they are told.
    let count = files.count
    var turns: Set<Int> = []
    for service in services {
      for turn in service.turns {
        if let from = turn.from { turns.insert(from * count + turn.to) }
      }
    }
    var pairs = turns
    for place in 1..<count { pairs.insert((place - 1) * count + place) }
    steps = []
    for pair in pairs.sorted() {
      let (from, to) = pair.quotientAndRemainder(dividingBy: count)
      steps.append(
        Step(
          from: from, to: to, isTurn: turns.contains(pair),
          diff: ReportDiff(from: reports[from], to: reports[to], hasLinks: true)))
    }
    self.files = files
    whole = ReportDiff(from: reports[0], to: reports[count - 1])
  }
}

extension SavedReport {
  /// Of the first frame and the last; `nil` where there is none.
  fileprivate var times: (first: Timestamp, last: Timestamp)? {
    var times: (first: Timestamp, last: Timestamp)?
    for capture in captures ?? [] {
      guard let first = capture.firstTime, let last = capture.lastTime else { continue }
      times = (min(times?.first ?? first, first), max(times?.last ?? last, last))
    }
    return times
  }
}

extension History {
  /// One line for whoever gave files whose times overlap; `nil` where none do.
  public var overlapWarning: String? {
    let places = files.indices.filter { files[$0].overlapped != nil }
    guard let place = places.first, let earlier = files[place].overlapped else { return nil }
    let others = places.count > 1 ? ", and \(places.count - 1) more like it" : ""
    return """
      \(files[place].name) begins before \(files[earlier].name) ends\(others): each counts from its first frame. Captures of one time \
      belong into one file: dsrproof evidence -r FILE -r FILE -o DAY
      """
  }
}
