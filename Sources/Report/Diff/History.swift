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

  /// Places in `files`.
  struct Pair: Hashable {
    var from: Int
    var to: Int
  }

  struct Step {
    var files: Pair
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
    var dated: [(file: File, report: SavedReport)] = []
    for one in named {
      guard let times = one.report.times else { throw .noTimes(one.name) }
      let file = File(
        name: one.name, isEvidence: one.isEvidence, first: times.first, last: times.last, verdict: one.report.verdict)
      dated.append((file, one.report))
    }
    // What covers the same times stays as it was given: a sort of the standard library is stable.
    dated.sort { ($0.file.first, $0.file.last) < ($1.file.first, $1.file.last) }
    let reports = dated.map(\.report)
    guard reports.count > 1, let first = reports.first, let last = reports.last else { throw .tooFew }
    files = dated.map(\.file)
    var longest = 0
    for place in files.indices.dropFirst() {
      if files[place].first <= files[longest].last { files[place].overlapped = longest }
      if files[place].last > files[longest].last { longest = place }
    }
    services = ServiceHistory.all(in: reports)
    let neighbours = files.indices.dropLast().map { Pair(from: $0, to: $0 + 1) }
    let pairs = Set(neighbours).union(services.flatMap(\.turns).compactMap(\.files))
    steps = pairs.sorted { ($0.from, $0.to) < ($1.from, $1.to) }.map { pair in
      let (before, after) = (reports[pair.from], reports[pair.to])
      var diff = ReportDiff(from: before, to: after)
      diff.add(before.linkChanges(to: after))
      return Step(files: pair, diff: diff)
    }
    whole = ReportDiff(from: first, to: last)
  }
}

extension SavedReport {
  /// Of the first frame and the last; `nil` where there is none.
  fileprivate var times: (first: Timestamp, last: Timestamp)? {
    let moments = (captures ?? []).flatMap { [$0.firstTime, $0.lastTime] }.compactMap(\.self)
    guard let first = moments.min(), let last = moments.max() else { return nil }
    return (first, last)
  }
}

extension History {
  /// One line for whoever gave files whose times overlap; `nil` where none do.
  public var overlapWarning: String? {
    let later = files.filter { $0.overlapped != nil }
    guard let file = later.first, let earlier = file.overlapped else { return nil }
    let others = later.count > 1 ? ", and \(later.count - 1) more like it" : ""
    return """
      \(file.name) begins before \(files[earlier].name) ends\(others): each counts from its first frame. Captures of one time \
      belong into one file: dsrproof evidence -r FILE -r FILE -o DAY
      """
  }
}
